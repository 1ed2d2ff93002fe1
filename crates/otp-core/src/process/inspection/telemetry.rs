//! A node's knowledge of the work of its processes.
//!
//! The process that a process waits for is noted once a call has waited for a while, which few calls do. Everything
//! else is counted only during an observation: then a flag of each process sends its task and its server loop along
//! another path, and each process counts for itself, in a part of its control block to which only it writes.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::clock;
use super::info::is_server;
use super::observed::Observed;
use crate::node::Node;
use crate::pid::Pid;
use crate::process::life::block::{Head, Process};
use crate::process::life::current;
use crate::util::map::Map;
use crate::util::numbered::Numbered;

/// The counts of a process since the observation of its node began.
///
/// Time is counted by the clock on the wall, also where a test has paused tokio's.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::process;
/// # struct Counter(u64);
/// #
/// # #[gen_server]
/// # impl GenServer for Counter {
/// #     type Args = u64;
/// #     type Call = ReplyTo<u64>;
/// #     type Cast = u64;
/// #
/// #     async fn init(first: u64, _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
/// #         Ok(Init::state(Self(first)))
/// #     }
/// #
/// #     async fn handle_call(&mut self, from: ReplyTo<u64>, _: &mut Context<Self>) -> Reply<Self> {
/// #         from.reply(self.0)
/// #     }
/// #
/// #     async fn handle_cast(&mut self, n: u64, _: &mut Context<Self>) -> Next<Self> {
/// #         self.0 += n;
/// #         Next::NoReply
/// #     }
/// # }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let _observation = process::node().observe();
/// let counter = Counter::start_link(0).await?;
/// counter.cast(1);
/// counter.cast(2);
/// counter.call(|from| from).await?;
/// let info = process::node().process_info(counter.pid()).expect("it lives");
/// let activity = info.activity.expect("the node is observed");
/// assert!(activity.handled >= 2 && activity.polls >= 1);
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Activity {
    /// Messages that a server has handled: those whose callback has returned or failed. A raw process counts none.
    pub handled: u64,
    /// How often its task has run.
    pub polls: u64,
    /// How long it has run on a thread. The time in which it waited is not included. This is an estimate: the first poll is
    /// timed, then about one in eight, which stands for eight. What a poll takes beyond ten milliseconds counts in any case.
    /// Of the poll that is under way, the first twenty to thirty milliseconds are not included.
    pub busy: Duration,
    /// For how long its task has been running by now, without a wait in between. This time and that of
    /// [`callback`](Self::callback) may be twenty milliseconds too long, or more on a busy system.
    pub running: Option<Duration>,
    /// The callback that a server is in, and for how long, its waits included; counted from when the poll began in which it
    /// was called.
    pub callback: Option<(Callback, Duration)>,
}

/// A callback of a server or of a state machine.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use otp_core::prelude::*;
/// use otp_core::process::{self, Callback};
///
/// struct Sleeper;
///
/// #[gen_server]
/// impl GenServer for Sleeper {
///     type Cast = Duration;
///
///     async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
///         Ok(Init::state(Self))
///     }
///
///     async fn handle_cast(&mut self, nap: Duration, _: &mut Context<Self>) -> Next<Self> {
///         tokio::time::sleep(nap).await;
///         Next::NoReply
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let _observation = process::node().observe();
/// let sleeper = Sleeper::start_link(()).await?;
/// sleeper.cast(Duration::from_secs(60));
/// tokio::time::sleep(Duration::from_secs(1)).await;
/// let info = process::node().process_info(sleeper.pid()).expect("it lives");
/// let (callback, _) = info.activity.and_then(|activity| activity.callback).expect("it sleeps");
/// assert_eq!((callback, callback.name()), (Callback::HandleCast, "handle_cast"));
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Callback {
    /// [`handle_call`](crate::GenServer::handle_call).
    HandleCall,
    /// [`handle_cast`](crate::GenServer::handle_cast).
    HandleCast,
    /// [`handle_info`](crate::GenServer::handle_info).
    HandleInfo,
    /// [`handle_continue`](crate::GenServer::handle_continue).
    HandleContinue,
    /// [`init`](crate::GenServer::init).
    Init,
    /// A state machine's [`enter`](crate::StateMachine::enter).
    Enter,
    /// [`terminate`](crate::GenServer::terminate).
    Terminate,
    /// It began before the observation, so which one it is is not known. Its time counts from the begin of the observation.
    Unknown,
}

impl Callback {
    /// Its name, as it is written in a server.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::HandleCall => "handle_call",
            Self::HandleCast => "handle_cast",
            Self::HandleInfo => "handle_info",
            Self::HandleContinue => "handle_continue",
            Self::Init => "init",
            Self::Enter => "enter",
            Self::Terminate => "terminate",
            Self::Unknown => "unknown",
        }
    }

    fn is_of_message(self) -> bool {
        matches!(
            self,
            Self::HandleCall | Self::HandleCast | Self::HandleInfo | Self::HandleContinue
        )
    }
}

/// By their numbers, which counters keep. The last variant is in no counter.
const CALLBACKS: [Callback; Callback::Unknown as usize] = [
    Callback::HandleCall,
    Callback::HandleCast,
    Callback::HandleInfo,
    Callback::HandleContinue,
    Callback::Init,
    Callback::Enter,
    Callback::Terminate,
];

const _: () = {
    let mut number = 0;
    while number < CALLBACKS.len() {
        assert!(
            CALLBACKS[number] as usize == number,
            "the order of the enum"
        );
        number += 1;
    }
};

/// How much a node does, in numbers that only grow, and how much waits.
///
/// The difference between two of them, divided by the time between them, is a rate.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::process;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let before = process::node().totals();
/// let idle = process::spawn(|_: Mailbox<u8>| std::future::pending::<()>());
/// idle.send(1);
/// let after = process::node().totals();
/// assert_eq!(after.spawned - before.spawned, 1);
/// assert_eq!(after.queued - before.queued, 1);
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Totals {
    /// Processes, with those whose end is decided and not over.
    pub process_count: usize,
    /// Processes that there have ever been.
    pub spawned: u64,
    /// Messages that wait, in all mailboxes together.
    pub queued: usize,
    /// Messages that servers have handled during [observations](Node::observe), with those that they handle now.
    pub handled: u64,
    /// How long processes have run during observations. Several may run at the same time.
    pub busy: Duration,
    /// Children that supervisors and [guards](crate::guard) have restarted by themselves.
    pub restarts: u64,
}

impl Totals {
    pub(crate) fn of(node: &Node) -> Self {
        let telemetry = node.telemetry();
        // Before the processes, so that nothing is counted twice: see `add_gone`.
        let [mut handled, mut busy] = telemetry
            .gone
            .each_ref()
            .map(|it| it.load(Ordering::Acquire));
        let (mut process_count, mut queued) = (0, 0);
        node.each(|process| {
            process_count += 1;
            queued += process.queued();
            let counters = &process.head().counters;
            handled = handled.wrapping_add(counters.begun());
            busy = busy.wrapping_add(counters.busy.load(Ordering::Relaxed));
        });
        // What leaves the counters of a process is in neither place for a moment. A sum that is too small for that reason is
        // not shown: the greatest one before is.
        let [handled, busy] = [(handled, &telemetry.shown[0]), (busy, &telemetry.shown[1])]
            .map(|(sum, shown)| shown.fetch_max(sum, Ordering::Relaxed).max(sum));
        Self {
            process_count,
            spawned: node.spawned(),
            queued,
            handled,
            busy: Duration::from_nanos(busy),
            restarts: telemetry.restarts.load(Ordering::Relaxed),
        }
    }
}

/// While this value lives, the processes of a node count their work: see [`Node::observe`].
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::process;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let (node, me) = (process::node(), process::current());
/// let activity = || node.process_info(me).expect("this process").activity;
/// assert!(activity().is_none());
/// let observation = node.observe();
/// tokio::task::yield_now().await; // It counts from its next poll on.
/// assert!(activity().is_some());
/// drop(observation);
/// assert!(activity().is_none());
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug)]
#[must_use = "the processes stop counting when this is dropped"]
pub struct Observation {
    node: Node,
}

impl Observation {
    pub(crate) fn begin(node: &Node) -> Self {
        clock::start();
        node.telemetry().observed.begin(node, nanos());
        Self { node: node.clone() }
    }
}

impl Drop for Observation {
    fn drop(&mut self) {
        clock::stop();
        self.node.telemetry().observed.end(&self.node);
    }
}

/// The part of it that belongs to a node.
#[derive(Default)]
pub(crate) struct Telemetry {
    observed: Observed,
    /// The process whose answer each waiting process waits for.
    waits: Map<u64, Pid, Numbered>,
    /// The messages and the running time that are in the counters of no process any more: the process has ended, or
    /// counts for a later observation.
    gone: [AtomicU64; 2],
    /// The most of each that [`Totals`] have shown.
    shown: [AtomicU64; 2],
    restarts: AtomicU64,
    /// Whether calls that wait for each other are looked for.
    pub(super) detects_cycles: AtomicBool,
    #[cfg(feature = "metrics")]
    pub(super) known: super::gauges::KnownTypes,
}

impl Telemetry {
    pub(crate) fn is_observed(&self) -> bool {
        self.observed.is_now()
    }

    /// The counts of a process at `now`, a time of [`nanos`].
    pub(crate) fn activity(&self, process: &dyn Process, now: u64) -> Option<Activity> {
        let era = self.observed.present()?;
        let head = process.head();
        let is_receiving = head.is_receiving();
        // The owner writes the era after it has cleared what it counted before.
        let is_counted = head.era.load(Ordering::Acquire) == era;
        let counted = is_counted.then(|| head.counters.shown(now, clock::ticked(), is_receiving));
        // A server that is in something and has noted no callback has been there since before the observation.
        let is_earlier = match &counted {
            Some(it) => it.handled == 0 && it.callback.is_none() && !head.is_polled(),
            None => true,
        };
        if is_earlier && !is_receiving && !head.is_exiting() && is_server(process.message_type()) {
            let time = now.saturating_sub(self.observed.began());
            let callback = Some((Callback::Unknown, Duration::from_nanos(time)));
            return Some(Activity {
                callback,
                ..counted.unwrap_or_else(|| Counters::new().shown(now, 0, true))
            });
        }
        counted
    }

    pub(crate) fn count_restarts(&self, more: u64) {
        self.restarts.fetch_add(more, Ordering::Relaxed);
    }

    pub(crate) fn waits_for(&self, pid: Pid) -> Option<Pid> {
        self.waits.get(&pid.id())
    }

    /// What a process has counted belongs to it no longer: it has ended, or has cleared its counters.
    ///
    /// A reader of the sum (Acquire) sees that, so that nothing is counted twice.
    fn add_gone(&self, begun: u64, busy: u64) {
        let [all_begun, all_busy] = &self.gone;
        for (all, counted) in [(all_begun, begun), (all_busy, busy)] {
            // All threads share these words, and most processes have counted nothing.
            if counted > 0 {
                all.fetch_add(counted, Ordering::Release);
            }
        }
    }

    /// The process has ended, and is not among the processes of the node any more.
    #[inline]
    pub(crate) fn forget(&self, head: &Head) {
        // A node that has never been observed has nothing to add.
        if self.observed.era() > 0 {
            let counters = &head.counters;
            self.add_gone(counters.begun(), counters.busy.load(Ordering::Relaxed));
        }
    }
}

/// The counts of one process, in its control block.
///
/// Only the process itself writes here, from the thread on which its task runs, so it needs no locked instructions.
/// Other threads read while it writes. Each count is right by itself, and of two counts one may be older. They are
/// beside the fields of the control block that each message needs: with ten thousand processes, the memory of a process is
/// in no cache when it runs, and a cache line that only the counters are on would be the dearest part of an observation.
///
/// They belong to the observation that [`Head::era`] tells. The process itself clears them at its first poll in another
/// one, so that no other thread ever writes here.
#[repr(C)]
pub(crate) struct Counters {
    /// In nanoseconds. Few polls write here, the others write to the fields behind it.
    busy: AtomicU64,
    polls: AtomicU64,
    /// When this poll began, in [`units`] since [`START`]; 0 between two polls.
    polled: AtomicU32,
    /// When the last callback began, likewise.
    called: AtomicU32,
    /// How many messages it has begun to handle, above the number of the last callback: one write changes both, and a reader sees
    /// both or neither. The callback is over if the process receives, which others see: that is not noted here.
    last: AtomicU64,
}

/// The bits of [`Counters::last`] that are a place in [`CALLBACKS`].
const CALLBACK: u64 = 0xFF;

/// The count of one message in [`Counters::last`].
const MESSAGE: u64 = CALLBACK + 1;

/// No callback has begun.
const IDLE: u64 = CALLBACK;

static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// Counters keep times in units of 2^23 ns, about 8 ms: two times then take eight bytes of each process, not sixteen. A
/// callback that lasts for more than 208 days is shown with a wrong time.
const UNIT: u32 = 23;

/// A time of [`nanos`] as counters tell it; never 0.
fn units(nanos: u64) -> u32 {
    #[allow(clippy::cast_possible_truncation, reason = "it wraps around")]
    let units = (nanos >> UNIT) as u32;
    units.wrapping_add(1).max(1)
}

/// The time from `at`, as counters tell it, until `now`.
fn since(at: u32, now: u64) -> Option<Duration> {
    // `now` may be the earlier one: it has been asked for before.
    let passed = units(now).wrapping_sub(at).cast_signed();
    let rest = now & ((1 << UNIT) - 1);
    let time = u64::try_from(passed).map_or(0, |passed| (passed << UNIT) + rest);
    (at > 0).then(|| Duration::from_nanos(time))
}

/// What a poll that began at `at`, as counters tell it, adds to the busy time at least if it ends after `now`.
fn sure(at: u32, now: u64, ticked: u64) -> Duration {
    let (until, uncounted) = match ticked {
        0 => (now, 0),
        ticked => (ticked.min(now), clock::TICK),
    };
    let time = since(at, until).unwrap_or_default();
    time.saturating_sub(Duration::from_nanos(uncounted + (1 << UNIT)))
}

/// The time since the first question of this kind; never 0.
pub(crate) fn nanos() -> u64 {
    u64::try_from(START.elapsed().as_nanos()).map_or(u64::MAX, |nanos| nanos.max(1))
}

impl Counters {
    /// Those of a process that has counted nothing.
    pub(crate) fn new() -> Self {
        Self {
            busy: AtomicU64::new(0),
            polls: AtomicU64::new(0),
            polled: AtomicU32::new(0),
            called: AtomicU32::new(0),
            last: AtomicU64::new(IDLE),
        }
    }

    /// The messages that it has begun to handle.
    fn begun(&self) -> u64 {
        self.last.load(Ordering::Relaxed) / MESSAGE
    }

    /// The counts at `now`, after the clock has moved to `ticked`.
    fn shown(&self, now: u64, ticked: u64, is_receiving: bool) -> Activity {
        // Acquire: a reader that sees the callback sees when it began.
        let last = self.last.load(Ordering::Acquire);
        let callback = usize::try_from(last & CALLBACK).ok();
        let callback = callback.and_then(|at| CALLBACKS.get(at).copied());
        let callback = callback.filter(|_| !is_receiving);
        let under_way = u64::from(callback.is_some_and(Callback::is_of_message));
        // Acquire: a reader that sees the time of a poll sees that the poll is over, and does not count it twice.
        let busy = Duration::from_nanos(self.busy.load(Ordering::Acquire));
        let polled = self.polled.load(Ordering::Relaxed);
        let running = since(polled, now);
        Activity {
            handled: (last / MESSAGE).saturating_sub(under_way),
            polls: self.polls.load(Ordering::Relaxed),
            busy: busy.saturating_add(sure(polled, now, ticked)),
            running,
            callback: callback.zip(since(self.called.load(Ordering::Relaxed), now)),
        }
    }

    /// A callback begins. Its time counts from the begin of this poll, so that a message does not read the clock. A
    /// process yields so often that the difference is small.
    fn begin(&self, callback: Callback, polled: u32) {
        self.called.store(polled, Ordering::Relaxed);
        let more = if callback.is_of_message() { MESSAGE } else { 0 };
        let last = self.last.load(Ordering::Relaxed).wrapping_add(more);
        self.last
            .store(last & !CALLBACK | callback as u64, Ordering::Release);
    }

    /// The counters, which belong to the present observation from now on.
    #[inline]
    fn of(head: &Head) -> &Self {
        let (counters, telemetry) = (&head.counters, head.node.telemetry());
        // An owner that counts has seen the observation of its flag. If that has ended, it counts for none.
        let era = telemetry.observed.era();
        if head.era.load(Ordering::Relaxed) != era {
            counters.clear(telemetry);
            head.era.store(era, Ordering::Release);
        }
        counters
    }

    #[cold]
    fn clear(&self, telemetry: &Telemetry) {
        let (begun, busy) = (self.begun(), self.busy.load(Ordering::Relaxed));
        self.busy.store(0, Ordering::Relaxed);
        self.polls.store(0, Ordering::Relaxed);
        self.polled.store(0, Ordering::Relaxed);
        self.called.store(0, Ordering::Relaxed);
        self.last.store(IDLE, Ordering::Relaxed);
        telemetry.add_gone(begun, busy);
    }
}

/// The process, which is the current one and is counted, begins a callback.
pub(crate) fn begin(head: &Head, callback: Callback) {
    match head.counters.polled.load(Ordering::Relaxed) {
        // An observation has begun in the middle of this poll.
        0 => Counters::of(head).begin(callback, units(nanos())),
        // Those of a poll that is counted are of this observation.
        polled => head.counters.begin(callback, polled),
    }
}

/// A poll that is counted, until this is dropped.
pub(crate) struct CountedPoll<'a> {
    counters: &'a Counters,
    since: u64,
    /// For how many polls the time of this one stands; 0 if it is not timed.
    weight: u64,
}

/// Of so many polls one is timed: two readings of the clock take longer than all that a message needs.
const SAMPLED: u64 = 8;

impl<'a> CountedPoll<'a> {
    pub(crate) fn begin(head: &'a Head) -> Self {
        let counters = Counters::of(head);
        let polls = counters.polls.load(Ordering::Relaxed);
        counters
            .polls
            .store(polls.wrapping_add(1), Ordering::Relaxed);
        let ticked = clock::ticked();
        let weight = weight(polls, ticked);
        let since = if weight > 0 { nanos() } else { ticked };
        counters.polled.store(units(since), Ordering::Relaxed);
        Self {
            counters,
            since,
            weight,
        }
    }

    /// The time that this poll adds. Its expected value is the time that the poll has taken, if the clock ticks regularly.
    fn time(&self) -> u64 {
        if self.weight == 0 {
            let time = clock::ticked().saturating_sub(self.since);
            return time.saturating_sub(clock::TICK);
        }
        let time = nanos().saturating_sub(self.since);
        let beyond = time.saturating_sub(clock::TICK);
        (time - beyond) * self.weight + beyond
    }
}

/// For how many polls the time of this one stands. If the clock does not tick, each poll is timed, and stands for itself.
fn weight(poll: u64, ticked: u64) -> u64 {
    match poll {
        0 => 1,
        _ if ticked == 0 => 1,
        _ if is_sampled(poll) => SAMPLED,
        _ => 0,
    }
}

/// Whether a poll with this number is timed: one in [`SAMPLED`], evenly spread, in no period that a process could have, too.
fn is_sampled(poll: u64) -> bool {
    // By the golden ratio.
    poll.wrapping_mul(0x9E37_79B9_7F4A_7C15) < u64::MAX / SAMPLED
}

impl Drop for CountedPoll<'_> {
    fn drop(&mut self) {
        let time = self.time();
        self.counters.polled.store(0, Ordering::Relaxed);
        if time > 0 {
            let sum = self.counters.busy.load(Ordering::Relaxed);
            self.counters
                .busy
                .store(sum.wrapping_add(time), Ordering::Release);
        }
    }
}

/// The current process waits for an answer, until this is dropped.
pub(crate) struct Waits {
    node: Node,
    waiter: Pid,
    server: Pid,
}

impl Waits {
    /// `None` outside of processes, which cannot be inspected.
    pub(crate) fn note(server: Pid) -> Option<Self> {
        let process = current::try_process()?;
        let (node, waiter) = (process.head().node.clone(), process.head().pid);
        let _ = node.telemetry().waits.insert(waiter.id(), server);
        Some(Self {
            node,
            waiter,
            server,
        })
    }

    pub(super) fn node(&self) -> &Node {
        &self.node
    }

    /// The process that waits, and the process that it waits for.
    pub(super) fn ends(&self) -> (Pid, Pid) {
        (self.waiter, self.server)
    }
}

impl Drop for Waits {
    fn drop(&mut self) {
        let waits = &self.node.telemetry().waits;
        // Of several waits at a time the last one is shown.
        let _ = waits.remove_if(&self.waiter.id(), |server| *server == self.server);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_clock_that_ticks_each_poll_stands_for_itself() {
        assert!((0..1_000).all(|poll| weight(poll, 0) == 1));
        let sum: u64 = (0..8_000).map(|poll| weight(poll, 1)).sum();
        assert!((7_200..=8_800).contains(&sum), "{sum}");
    }

    #[test]
    fn a_time_in_units_is_at_most_one_unit_too_long() {
        let unit = 1 << UNIT;
        let half_a_year = 180 * 86_400 * 1_000_000_000;
        for at in [1, unit - 1, unit, unit << 31, (unit << 32) + 5] {
            for time in [0, 1, unit, 5 * unit + 7, half_a_year] {
                let shown = since(units(at), at + time).expect("it has begun");
                let over = shown.as_nanos() - u128::from(time);
                assert!(over < u128::from(unit), "{at} {time}: {shown:?}");
            }
        }
        assert_eq!(since(units(3 * unit), unit), Some(Duration::ZERO));
        assert_eq!(since(0, unit), None);
    }

    #[test]
    fn a_poll_under_way_is_shown_with_no_more_busy_time_than_it_adds() {
        let unit = 1 << UNIT;
        for at in [1, unit - 1, unit, 7 * unit + 5] {
            // The clock moves when it likes, and the poll ends at once after it has been looked at.
            for (before, moved) in [(0, 0), (9, 3), (10, 12), (10, 25), (3, 900)] {
                let (ticked, time) = (before * 1_000_000, moved * 1_000_000);
                let (at, now) = (at + ticked, at + ticked + time);
                let counters = Counters::new();
                counters.busy.store(5, Ordering::Relaxed);
                counters.polled.store(units(at), Ordering::Relaxed);
                let shown = |ticked| counters.shown(now, ticked, false).busy.as_nanos();
                assert!(shown(0) <= u128::from(5 + time), "exact: {at} {time}");
                let added = time.saturating_sub(clock::TICK);
                assert!(shown(now) <= u128::from(5 + added), "{at} {time}");
                assert_eq!(shown(at), 5, "the clock has not moved since");
                let rest = u128::from(5 + time) - shown(now);
                assert!(rest <= u128::from(2 * unit + clock::TICK), "{at} {time}");
            }
        }
    }

    #[test]
    fn one_poll_in_eight_is_timed_whatever_the_period() {
        for period in 1..100 {
            let polls = (1..=8_000).map(|turn| turn * period);
            let timed = polls.filter(|poll| is_sampled(*poll)).count();
            assert!((900..=1_100).contains(&timed), "{period}: {timed}");
        }
    }
}
