//! The control block: everything that others may touch of a process.

use std::any::{Any, type_name};
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::Waker;

use super::ancestors::Ancestors;
use super::flags::{COUNTED, EXITING, TIMED, TRAPS_EXITS};
use super::watch::Wakers;
use crate::address::Target;
use crate::address::name::Name;
use crate::exit::ExitReason;
use crate::node::Node;
use crate::pid::{MonitorRef, Pid};
use crate::process::inspection::contents::{Contents, ContentsQuery, Exhibit};
use crate::process::mailbox::queue::{self, NotTaken, Queue, Queued};
use crate::process::mailbox::taken::Taken;
use crate::process::relations::carrier::Carrier;
use crate::process::relations::signal::{Down, Signal};
use crate::util::few::Few;
use crate::util::lock::{self, Lock};
use crate::util::numbered::Numbered;
use crate::util::panic;
use crate::util::sync::{AtomicBool, AtomicU8};

/// The control block of a process whose mailbox holds messages of type `M`.
///
/// The fields are in memory in the order in which they are written here, also those of head and queue: first the fields
/// that senders read and that do not change, then those that the owner changes with each message, last those that
/// senders change. Fields that others read in between separate them, so that none of the three takes the cache line of
/// another away from its core.
#[repr(C)]
pub(crate) struct Block<M> {
    pub(crate) head: Head,
    pub(crate) queue: Queue<Item<M>>,
}

/// An item of a mailbox: signals that are messages keep their place among the others.
pub(crate) enum Item<M> {
    Message(M),
    Signal(Box<Signal>),
    /// The order to a server to stop, and why: none is [`ExitReason::Normal`], as nearly always. Other processes drop it.
    Stop(Option<Box<ExitReason>>),
}

/// A control block whose message type does not matter.
pub(crate) trait Process: Any + Send + Sync {
    fn head(&self) -> &Head;
    /// Queues a signal in a critical section. The returned waker must be woken after that. Returns the signal if the
    /// mailbox is closed, because the process is ending.
    fn append_signal(&self, signal: Signal) -> Result<Option<Waker>, Signal>;
    /// Queues a signal; false if the process is ending.
    fn push_signal(&self, signal: Signal) -> bool {
        self.append_signal(signal).map(queue::wake).is_ok()
    }
    /// Makes the task's waker known.
    fn attach(&self, waker: &Waker);
    /// The task's waker, once it is known and until the task ends.
    fn waker(&self) -> Option<Waker>;
    /// Whether this waker is the task's.
    fn is_woken_by(&self, waker: &Waker) -> bool;
    /// Refuses further messages and wakes the task.
    fn close(&self);
    /// Refuses further messages and drops the task's waker, for the process itself.
    fn seal(&self);
    /// Drops the messages left in a closed mailbox.
    fn discard(&self);
    /// How much waits in the mailbox.
    fn queued(&self) -> usize;
    /// Messages that were lost because of the mailbox's limit.
    fn lost(&self) -> u64;
    /// Takes a DOWN of this monitor back out of the mailbox.
    fn flush_down(&self, monitor: MonitorRef) -> bool;
    /// Takes an EXIT from this process back out of the mailbox.
    fn flush_exit(&self, from: Pid) -> bool;
    /// The type of the messages that it receives; nothing for one of another node.
    fn message_type(&self) -> &'static str {
        ""
    }
    /// The carrier of its signals, if it represents a process of another node.
    fn carrier(&self) -> Option<&dyn Carrier> {
        None
    }
    /// Its name, if it represents the holder of a name on another node.
    fn far_name(&self) -> Option<Name> {
        None
    }
}

impl fmt::Debug for dyn Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.head().pid, f)
    }
}

impl<M: Send + 'static> Process for Block<M> {
    fn head(&self) -> &Head {
        &self.head
    }

    fn append_signal(&self, signal: Signal) -> Result<Option<Waker>, Signal> {
        let item = Item::Signal(Box::new(signal));
        let refused = |refused: NotTaken<Item<M>>| match refused.into_item() {
            Item::Signal(signal) => *signal,
            _ => unreachable!("the queue gives back what was pushed"),
        };
        self.queue.append_urgent(item).map_err(refused)
    }

    fn attach(&self, waker: &Waker) {
        self.queue.attach(waker);
    }

    fn waker(&self) -> Option<Waker> {
        self.queue.waker()
    }

    fn is_woken_by(&self, waker: &Waker) -> bool {
        self.queue.is_woken_by(waker)
    }

    fn close(&self) {
        self.queue.close(&self.head.taken);
    }

    fn seal(&self) {
        self.queue.seal(&self.head.taken);
    }

    fn discard(&self) {
        if let Some(left) = self.queue.drain() {
            panic::drop_each(left);
        }
    }

    fn queued(&self) -> usize {
        self.queue.waiting(&self.head.taken)
    }

    fn lost(&self) -> u64 {
        self.queue.lost()
    }

    fn message_type(&self) -> &'static str {
        type_name::<M>()
    }

    fn flush_down(&self, monitor: MonitorRef) -> bool {
        self.queue
            .remove_first(|item| item.is_down(monitor), &self.head.taken)
            .is_some()
    }

    fn flush_exit(&self, from: Pid) -> bool {
        let is_exit = |item: &Item<M>| {
            matches!(item, Item::Signal(signal)
                if matches!(&**signal, Signal::Exit(exit, _) if exit.from == from))
        };
        self.queue.remove_first(is_exit, &self.head.taken).is_some()
    }
}

impl<M> Queued for Item<M> {
    fn is_message(&self) -> bool {
        matches!(self, Self::Message(_))
    }

    fn is_urgent(&self) -> bool {
        matches!(self, Self::Signal(signal) if matches!(**signal, Signal::Urgent(_)))
    }
}

impl<M> Item<M> {
    pub(crate) fn down(&self) -> Option<&Down> {
        match self {
            Self::Signal(signal) => match &**signal {
                Signal::Down(down) => Some(down),
                _ => None,
            },
            Self::Message(_) | Self::Stop(_) => None,
        }
    }

    pub(crate) fn is_down(&self, monitor: MonitorRef) -> bool {
        self.down().is_some_and(|down| down.monitor == monitor)
    }
}

/// Recovers the typed control block.
pub(crate) fn downcast<M: Send + 'static>(process: Arc<dyn Process>) -> Option<Arc<Block<M>>> {
    let any: Arc<dyn Any + Send + Sync> = process;
    any.downcast().ok()
}

const UNBORN: u8 = 0;
const RESTING: u8 = 1;
const POLLED: u8 = 2;
/// It has ended. Set in the critical section of the ties that gives them up.
const BURIED: u8 = 3;

/// The part of a control block that does not depend on the message type.
#[repr(C)]
pub(crate) struct Head {
    pub(crate) pid: Pid,
    pub(crate) ties: Lock<Ties>,
    pub(super) flags: AtomicU8,
    /// The task has to see to its alarm.
    pub(super) alarm: AtomicBool,
    activity: AtomicU8,
    /// Messages that the owner has swapped out and not handled yet.
    pub(crate) taken: Taken,
    pub(crate) node: Node,
    pub(crate) ancestors: Option<Arc<Ancestors>>,
    /// The type of the process's body or server.
    pub(crate) initial_call: fn() -> &'static str,
}

impl Head {
    /// Shows a value to others, for as long as the process lives.
    pub(crate) fn show(&self, shown: Arc<dyn Exhibit + Send + Sync>) {
        drop(self.ties.with(|ties| ties.more().shown.replace(shown)));
    }

    /// The processes that this one is linked with now.
    pub(crate) fn all_linked(&self) -> Vec<Arc<dyn Process>> {
        self.ties.with(|ties| ties.links().cloned().collect())
    }

    /// The value that the process shows, if it has this type.
    pub(crate) fn shown<T: Exhibit + Send + Sync>(&self) -> Option<Arc<T>> {
        let shown: Arc<dyn Any + Send + Sync> = self.exhibit()?;
        shown.downcast().ok()
    }

    /// What the process shows.
    pub(crate) fn exhibit(&self) -> Option<Arc<dyn Exhibit + Send + Sync>> {
        self.ties.with(|ties| ties.peek()?.shown.clone())
    }

    /// That of a new process, with its own end of a link if it is to have one from the start.
    ///
    /// Inlined, so that it is made where it goes.
    #[inline(always)]
    pub(crate) fn new(
        node: Node,
        ancestors: Option<Arc<Ancestors>>,
        initial_call: fn() -> &'static str,
        link: Option<Arc<dyn Process>>,
    ) -> Self {
        let timed = if node.watchdog().is_some() { TIMED } else { 0 };
        let counted = if node.telemetry().is_observed() {
            COUNTED
        } else {
            0
        };
        Self {
            pid: node.next_pid(),
            node,
            ancestors,
            initial_call,
            flags: AtomicU8::new(timed | counted),
            alarm: AtomicBool::new(false),
            activity: AtomicU8::new(UNBORN),
            taken: Taken::new(),
            ties: Lock::new(Ties::new(link)),
        }
    }

    /// That of a process of another node.
    pub(crate) fn of_proxy(node: Node, pid: Pid) -> Self {
        Self {
            pid,
            node,
            ancestors: None,
            initial_call: || "a process of another node",
            flags: AtomicU8::new(0),
            alarm: AtomicBool::new(false),
            activity: AtomicU8::new(RESTING),
            taken: Taken::new(),
            ties: Lock::new(Ties::new(None)),
        }
    }

    /// Whether this is the process with the pid, or descends from it, as far up as is known.
    pub(crate) fn is_under(&self, pid: Pid) -> bool {
        let mut above = self.ancestors.iter().flat_map(|ancestors| ancestors.iter());
        self.pid == pid || above.any(|ancestor| ancestor == pid)
    }

    /// The leader of the group that the process belongs to.
    pub(crate) fn group(&self) -> Option<Pid> {
        self.ancestors.as_ref()?.group
    }

    /// Makes the process the leader of a new group: that of the processes that it starts from now on.
    pub(crate) fn lead(&self) {
        let mut below = Ancestors::below(self.pid, self.ancestors.as_deref());
        below.group = Some(self.pid);
        let below = Arc::new(below);
        let former = self.ties.with(|ties| ties.more().below.replace(below));
        drop(former);
    }

    /// The ancestors of a process that this one starts.
    pub(crate) fn ancestors_below(&self) -> Arc<Ancestors> {
        let make = || Arc::new(Ancestors::below(self.pid, self.ancestors.as_deref()));
        self.ties
            .with(|ties| ties.more().below.get_or_insert_with(make).clone())
    }

    /// The process that started this one.
    pub(crate) fn starter(&self) -> Option<Pid> {
        self.ancestors.as_ref()?.first()
    }

    /// The process has ended or is bound to end at its next poll.
    #[inline]
    pub(crate) fn is_exiting(&self) -> bool {
        self.flags.load(Ordering::Acquire) & EXITING != 0
    }

    /// The task is being polled from here on; true the first time.
    #[inline]
    pub(crate) fn enter(&self) -> bool {
        let first = self.activity.load(Ordering::Relaxed) == UNBORN;
        self.activity.store(POLLED, Ordering::Relaxed);
        first
    }

    #[inline]
    pub(crate) fn leave(&self) {
        self.activity.store(RESTING, Ordering::Relaxed);
    }

    pub(crate) fn is_polled(&self) -> bool {
        self.activity.load(Ordering::Relaxed) == POLLED
    }

    /// The process has ended: this takes out all of its relations, and publishes the reason.
    pub(super) fn bury(&self) -> Bereaved {
        self.ties.with(|ties| {
            self.activity.store(BURIED, Ordering::Relaxed);
            ties.give_up()
        })
    }

    /// Whether the process has ended, and all of its relations are undone. For a critical section of its ties.
    pub(crate) fn is_buried(&self) -> bool {
        self.activity.load(Ordering::Relaxed) == BURIED
    }

    /// Why the process has ended, if it has.
    pub(crate) fn ended(&self) -> Option<ExitReason> {
        self.ties.with(|ties| match self.is_buried() {
            true => ties.reason.clone(),
            false => None,
        })
    }

    pub(crate) fn traps_exits(&self) -> bool {
        self.flags.load(Ordering::Relaxed) & TRAPS_EXITS != 0
    }

    /// Sets the flag and returns its former value. Under the lock of the ties, since an exit
    /// signal decides by it there.
    pub(crate) fn set_trap_exit(&self, on: bool) -> bool {
        let before = self.ties.with(|_| match on {
            true => self.flags.fetch_or(TRAPS_EXITS, Ordering::Relaxed),
            false => self.flags.fetch_and(!TRAPS_EXITS, Ordering::Relaxed),
        });
        before & TRAPS_EXITS != 0
    }

    /// Decides the process's end, unless it is decided already; the first reason stays.
    ///
    /// After the critical section the caller closes the mailbox, and drops the returned value: a reason that came too
    /// late, whose destructor is the user's code.
    pub(crate) fn decide_end(&self, ties: &mut Ties, reason: ExitReason) -> Option<ExitReason> {
        if !ties.is_alive() {
            return Some(reason);
        }
        ties.reason = Some(reason);
        self.flags.fetch_or(EXITING, Ordering::Release);
        None
    }
}

/// A process's relations to others. Lock order: a registry or table, ties of the lower pid, ties of the
/// higher pid, names, timers or mailbox; nothing is locked after those.
pub(crate) struct Ties {
    /// The exit reason, once the end is decided; the task may not have seen it yet.
    pub(super) reason: Option<ExitReason>,
    /// The tasks that wait for the end; `None` once all signals have been sent.
    pub(super) waiting: Option<Wakers>,
    /// The first link: see [`links`](super::links).
    pub(super) link: Option<Arc<dyn Process>>,
    more: Option<Box<MoreTies>>,
}

/// The parts that many processes never have, in a box of their own.
#[derive(Default)]
pub(crate) struct MoreTies {
    /// All links but the first.
    pub(super) links: Few<Pid, Arc<dyn Process>>,
    /// Monitors that this process has set.
    pub(crate) monitors: Few<MonitorRef, Monitored>,
    /// Monitors that others have set on this process.
    pub(crate) watchers: Few<MonitorRef, Watcher>,
    pub(crate) names: Vec<Name>,
    /// There are, or have been, timers that are to reach this process.
    pub(crate) has_timers: bool,
    /// Its tables: see [`Estate`].
    pub(crate) estate: Option<Box<Estates>>,
    pub(crate) label: Option<String>,
    /// The ancestors of the processes that it starts.
    below: Option<Arc<Ancestors>>,
    /// A value that others may read for as long as the process lives.
    pub(crate) shown: Option<Arc<dyn Exhibit + Send + Sync>>,
}

impl MoreTies {
    /// Whether the process's end causes no signal.
    fn is_alone(&self) -> bool {
        self.links.len() + self.monitors.len() + self.watchers.len() == 0
    }
}

/// The parts of a process that remain after its end.
pub(super) struct Bereaved {
    pub(super) link: Option<Arc<dyn Process>>,
    pub(super) more: Option<Box<MoreTies>>,
    /// The reason for the signals, if there are any.
    pub(super) reason: Option<ExitReason>,
    /// The tasks that wait for the end, if there are no signals.
    pub(super) waiters: Wakers,
}

/// By number.
pub(crate) type Estates = HashMap<u64, Arc<dyn Estate>, Numbered>;

/// Something that a process owns and that ends with it, unless another process inherits it.
pub(crate) trait Estate: Send + Sync {
    /// Its owner ends.
    fn owner_ended(&self, owner: Pid);
    /// Information on it, as a value whose type the caller knows.
    fn look(&self) -> Box<dyn Any>;
    /// What is in it, if others may see that.
    fn contents(&self, query: &ContentsQuery) -> Option<Contents>;
}

pub(crate) struct Monitored {
    pub(crate) process: Arc<dyn Process>,
}

pub(crate) struct Watcher {
    pub(crate) process: Arc<dyn Process>,
    /// The target for which the watcher has asked.
    pub(crate) target: Target,
}

impl Ties {
    fn new(link: Option<Arc<dyn Process>>) -> Self {
        Self {
            reason: None,
            waiting: Some(Wakers::default()),
            link,
            more: None,
        }
    }

    pub(crate) fn more(&mut self) -> &mut MoreTies {
        self.more.get_or_insert_default()
    }

    pub(crate) fn peek(&self) -> Option<&MoreTies> {
        self.more.as_deref()
    }

    pub(crate) fn existing(&mut self) -> Option<&mut MoreTies> {
        self.more.as_deref_mut()
    }

    /// Takes out the relations of a process that has ended.
    fn give_up(&mut self) -> Bereaved {
        let is_alone = self.link.is_none() && self.peek().is_none_or(MoreTies::is_alone);
        let reason = match is_alone {
            true => None,
            false => self.reason.clone(),
        };
        Bereaved {
            link: self.link.take(),
            more: self.more.take(),
            // Without signals, the last step has nothing to report.
            waiters: match reason {
                Some(_) => Wakers::default(),
                None => self.told(),
            },
            reason,
        }
    }

    /// All signals have been sent. Returns the wakers of the tasks that wait for that.
    pub(super) fn told(&mut self) -> Wakers {
        self.waiting.take().unwrap_or_default()
    }

    /// Whether the process has parts that its end releases.
    pub(super) fn has_belongings(&self) -> bool {
        let has =
            |more: &MoreTies| more.has_timers || more.estate.is_some() || !more.names.is_empty();
        self.peek().is_some_and(has)
    }

    pub(crate) fn add_to_estate(&mut self, number: u64, thing: Arc<dyn Estate>) {
        let estate = &mut self.more().estate;
        estate.get_or_insert_default().insert(number, thing);
    }

    pub(crate) fn remove_from_estate(&mut self, number: u64) -> Option<Arc<dyn Estate>> {
        self.existing()?.estate.as_mut()?.remove(&number)
    }

    pub(crate) fn is_alive(&self) -> bool {
        self.reason.is_none()
    }

    /// Forgets a monitor that this process has set; nothing if it has fired or never was.
    pub(crate) fn remove_monitor(&mut self, monitor: MonitorRef) -> Option<Monitored> {
        self.existing()?.monitors.remove(&monitor)
    }

    /// Forgets a monitor that is set on this process. Returns it with the watcher's target, whose name is the user's.
    pub(crate) fn remove_watcher(&mut self, monitor: MonitorRef) -> Option<Watcher> {
        self.existing()?.watchers.remove(&monitor)
    }
}

/// Runs a critical section over the ties of two processes, which are locked in the order of their pids.
pub(crate) fn with_both<R>(
    a: &Head,
    b: &Head,
    section: impl FnOnce(&mut Ties, &mut Ties) -> R,
) -> R {
    match a.pid < b.pid {
        true => lock::with_both(&a.ties, &b.ties, section),
        false => lock::with_both(&b.ties, &a.ties, |theirs, mine| section(mine, theirs)),
    }
}
