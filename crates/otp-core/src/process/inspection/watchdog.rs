//! Detection of processes that block their thread.
//!
//! A task cannot be interrupted, so the watchdog must be outside of the runtime: it is a separate thread, which checks
//! at intervals what the threads of the runtime poll. Each of those has a seat, in which it writes the process that it
//! polls: so a poll takes no lock, and does not read the clock. The watchdog knows the time of a poll from the number
//! of checks that find the same poll.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Deref;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Weak};
use std::thread;
use std::time::{Duration, Instant};

use crate::node::WeakNode;
use crate::process::inspection::report;
use crate::util::lock::Lock;

/// How often it looks, as a part of the limit.
const LOOKS: u32 = 4;

pub(crate) struct Watchdog {
    /// Identifies the watchdog among those of other nodes.
    number: u64,
    /// In nanoseconds.
    limit: AtomicU64,
    /// Of the threads that have polled processes of the node.
    seats: Lock<Vec<Arc<PollSeat>>>,
    /// Wakes the watchdog's thread, which ends when this is dropped.
    thread: Sender<()>,
}

/// The poll that a thread of a runtime is in at this moment. Only the thread itself writes to it.
///
/// It writes the pid between two polls, and so never while `turn` is odd. A reader that finds the same odd turn before and
/// after it has read the pid has read that of this turn.
struct PollSeat {
    number: u64,
    /// Odd during a poll, and another number at each.
    turn: AtomicU64,
    pid: AtomicU64,
}

/// A seat, as its own thread holds it: polls count there without locked instructions.
struct HeldSeat(Arc<PollSeat>);

impl Deref for HeldSeat {
    type Target = PollSeat;

    fn deref(&self) -> &PollSeat {
        &self.0
    }
}

thread_local! {
    /// The seats that this thread has, by the numbers of their watchdogs. The one used last comes first.
    static SEATS: RefCell<Vec<(u64, Rc<HeldSeat>)>> = const { RefCell::new(Vec::new()) };
}

impl Watchdog {
    /// Starts the thread. It reports to the `tracing` subscriber of the caller.
    pub(crate) fn start(node: WeakNode, limit: Duration) -> Arc<Self> {
        static NUMBERS: AtomicU64 = AtomicU64::new(0);

        let (thread, woken) = channel();
        let watchdog = Arc::new(Self {
            number: NUMBERS.fetch_add(1, Ordering::Relaxed),
            limit: AtomicU64::new(0),
            seats: Lock::new(Vec::new()),
            thread,
        });
        watchdog.set_limit(limit);
        let weak = Arc::downgrade(&watchdog);
        let dispatch = tracing::dispatcher::get_default(Clone::clone);
        let watch =
            move || tracing::dispatcher::with_default(&dispatch, || watch(&weak, &node, &woken));
        // If no thread can be started, no process is watched, and the program continues.
        let _ = thread::Builder::new()
            .name("otp watchdog".to_owned())
            .spawn(watch);
        watchdog
    }

    pub(crate) fn set_limit(&self, limit: Duration) {
        let nanos = u64::try_from(limit.as_nanos()).unwrap_or(u64::MAX);
        self.limit.store(nanos, Ordering::Relaxed);
        // Wakes the thread, which may sleep for a part of the former limit. If there is no thread, no process is
        // watched.
        let _ = self.thread.send(());
    }

    fn limit(&self) -> Duration {
        Duration::from_nanos(self.limit.load(Ordering::Relaxed))
    }

    /// Marks that a process is polled on this thread until the returned value is dropped. `None` while the thread
    /// itself ends.
    pub(crate) fn begin(&self, pid: u64) -> Option<WatchedPoll> {
        SEATS
            .try_with(|seats| {
                let mut seats = seats.borrow_mut();
                match seats.iter().position(|(number, _)| *number == self.number) {
                    Some(0) => {}
                    Some(place) => seats.swap(0, place),
                    None => {
                        // Removes seats whose watchdogs have ended: this thread is their only holder.
                        seats.retain(|(_, seat)| Arc::strong_count(&seat.0) > 1);
                        seats.insert(0, (self.number, Rc::new(HeldSeat(self.seat()))));
                    }
                }
                WatchedPoll::begin(&seats[0].1, pid)
            })
            .ok()
    }

    #[cold]
    fn seat(&self) -> Arc<PollSeat> {
        static NUMBERS: AtomicU64 = AtomicU64::new(0);

        let seat = Arc::new(PollSeat {
            number: NUMBERS.fetch_add(1, Ordering::Relaxed),
            turn: AtomicU64::new(0),
            pid: AtomicU64::new(0),
        });
        self.seats.with(|seats| {
            // Threads that have ended have dropped theirs.
            seats.retain(|seat| Arc::strong_count(seat) > 1);
            seats.push(seat.clone());
        });
        seat
    }
}

/// A poll that is watched over.
pub(crate) struct WatchedPoll {
    seat: Rc<HeldSeat>,
    /// The poll that the thread was in when this one began: a process may run a separate runtime.
    around: Option<u64>,
}

impl WatchedPoll {
    fn begin(seat: &Rc<HeldSeat>, pid: u64) -> Self {
        let turn = seat.turn.load(Ordering::Relaxed);
        let around = (turn % 2 == 1).then(|| {
            seat.turn.store(turn + 1, Ordering::Release);
            seat.pid.load(Ordering::Relaxed)
        });
        seat.enter(pid);
        Self {
            seat: seat.clone(),
            around,
        }
    }
}

impl Drop for WatchedPoll {
    fn drop(&mut self) {
        let turn = self.seat.turn.load(Ordering::Relaxed);
        self.seat.turn.store(turn + 1, Ordering::Release);
        if let Some(pid) = self.around {
            self.seat.enter(pid);
        }
    }
}

impl PollSeat {
    fn enter(&self, pid: u64) {
        // Released, as is the turn: a reader that sees this pid sees that the turn before is over.
        self.pid.store(pid, Ordering::Release);
        let turn = self.turn.load(Ordering::Relaxed);
        self.turn.store(turn + 1, Ordering::Release);
    }

    /// The current poll, and its process.
    fn look(&self) -> Option<(u64, u64)> {
        let turn = self.turn.load(Ordering::Acquire);
        let pid = self.pid.load(Ordering::Acquire);
        (turn % 2 == 1 && self.turn.load(Ordering::Acquire) == turn).then_some((turn, pid))
    }
}

/// A poll that the watchdog has seen.
struct SeenPoll {
    turn: u64,
    /// For how long it has been seen.
    time: Duration,
    told: bool,
}

/// The watchdog's last readings of the seats in use, by their numbers.
#[derive(Default)]
struct Memory(HashMap<u64, SeenPoll>);

impl Memory {
    /// Reads the seats, `slept` after the last reading. Returns the polls that have taken longer than the limit and
    /// were not named before.
    fn overdue(
        &mut self,
        seats: &[Arc<PollSeat>],
        limit: Duration,
        slept: Duration,
    ) -> Vec<(u64, Duration)> {
        let mut overdue = Vec::new();
        let mut before = std::mem::take(&mut self.0);
        for seat in seats {
            let Some((turn, pid)) = seat.look() else {
                continue;
            };
            let mut seen = match before.remove(&seat.number) {
                Some(seen) if seen.turn == turn => SeenPoll {
                    time: seen.time + slept,
                    ..seen
                },
                _ => SeenPoll {
                    turn,
                    time: Duration::ZERO,
                    told: false,
                },
            };
            // A limit of zero is that of the first poll that is seen again: nothing is known of its time before.
            if seen.time >= limit.max(Duration::from_nanos(1)) && !seen.told {
                seen.told = true;
                overdue.push((pid, seen.time));
            }
            self.0.insert(seat.number, seen);
        }
        overdue
    }
}

/// How long the watchdog has slept, for the times of others. If it wakes much later than planned, the whole program has
/// stood still, and the pause is not the fault of a process.
fn slept(since: Instant, pause: Duration) -> Duration {
    since.elapsed().min(pause * 2)
}

fn watch(watchdog: &Weak<Watchdog>, node: &WeakNode, woken: &Receiver<()>) {
    let mut memory = Memory::default();
    let (mut pause, mut last) = (Duration::ZERO, Instant::now());
    while woken.recv_timeout(pause) != Err(RecvTimeoutError::Disconnected) {
        let Some(watchdog) = watchdog.upgrade() else {
            return;
        };
        let slept = slept(last, pause);
        last = Instant::now();
        let seats = watchdog.seats.with(|seats| seats.clone());
        for (pid, time) in memory.overdue(&seats, watchdog.limit(), slept) {
            let process = node.upgrade().and_then(|node| node.find_id(pid));
            if let Some(process) = process {
                report::long_schedule(process.head(), time);
            }
        }
        pause = (watchdog.limit() / LOOKS).max(Duration::from_millis(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_named_for_the_time_in_which_the_program_was_stopped() {
        let seats = [Arc::new(PollSeat {
            number: 1,
            turn: AtomicU64::new(0),
            pid: AtomicU64::new(0),
        })];
        seats[0].enter(7);
        let (limit, pause) = (Duration::from_millis(100), Duration::from_millis(25));
        let mut memory = Memory::default();
        assert_eq!(memory.overdue(&seats, limit, pause), []);
        // It was to look again after the pause, and comes a minute later.
        let minute = Instant::now().checked_sub(Duration::from_secs(60));
        let late = slept(minute.expect("the machine is older"), pause);
        assert_eq!(memory.overdue(&seats, limit, late), []);
        // But it is watched further.
        assert_eq!(memory.overdue(&seats, limit, pause), []);
        let named = memory.overdue(&seats, limit, pause);
        assert_eq!(named, [(7, pause * 4)]);
        assert_eq!(memory.overdue(&seats, limit, pause), [], "once");
    }

    #[test]
    fn a_limit_of_zero_is_over_when_a_poll_is_seen_again() {
        let seats = [Arc::new(PollSeat {
            number: 1,
            turn: AtomicU64::new(0),
            pid: AtomicU64::new(0),
        })];
        seats[0].enter(7);
        let pause = Duration::from_millis(1);
        let mut memory = Memory::default();
        assert_eq!(memory.overdue(&seats, Duration::ZERO, pause), []);
        let named = memory.overdue(&seats, Duration::ZERO, pause);
        assert_eq!(named, [(7, pause)]);
    }
}
