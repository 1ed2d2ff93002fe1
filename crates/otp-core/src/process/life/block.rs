//! The control block: everything that others may touch of a process, with the flags that it checks before each message.

use std::any::{Any, type_name};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::Waker;

use super::ancestors::Ancestors;
use super::ties::{Bereaved, Ties};
use crate::address::name::Name;
use crate::exit::ExitReason;
use crate::node::Node;
use crate::pid::{MonitorRef, Pid};
use crate::process::inspection::contents::Exhibit;
use crate::process::inspection::report;
use crate::process::inspection::telemetry::Counters;
use crate::process::mailbox::inbox::Taken;
use crate::process::mailbox::limit::{Full, MailboxLimit};
use crate::process::mailbox::queue::{self, NotTaken, Queue, Queued};
use crate::process::relations::carrier::Carrier;
use crate::process::relations::signal::{self, Down, Signal};
use crate::util::lock::Lock;
use crate::util::panic;
use crate::util::sync::{AtomicBool, AtomicU8};

/// The control block of a process whose mailbox holds messages of type `M`.
///
/// The fields are in memory in the order in which they are written here, also those of head and queue: first the fields
/// that do not change and those that few messages need, then those that the owner changes with each message, last those
/// that senders change. So a message touches as few cache lines as possible, and two cores seldom take from each other
/// a line that they only read.
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

/// How a message gets into a mailbox.
#[derive(Clone, Copy)]
pub(crate) enum Entry {
    /// Within the mailbox's limit.
    Limited,
    /// It enters however many wait: it reports an event of the past and is not sent again.
    Always,
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
    /// How many bytes one item of the mailbox takes there; nothing for one of another node.
    fn item_size(&self) -> usize {
        0
    }
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

    fn item_size(&self) -> usize {
        size_of::<Item<M>>()
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

impl<M: Send + 'static> Block<M> {
    /// Makes it one of the processes of its node.
    #[inline]
    pub(crate) fn enter(self: &Arc<Self>) {
        self.head.node.insert(self.clone());
        // An observation may have begun or ended since the head was made.
        self.head.follow_observation();
    }

    /// Puts a message into the mailbox.
    ///
    /// # Errors
    ///
    /// Gives the message back when the process ends, or its mailbox is full.
    #[inline]
    pub(crate) fn send(self: &Arc<Self>, message: M) -> Result<(), NotTaken<M>> {
        self.send_made(message, |message| message)
    }

    /// As [`send`](Self::send), for a message that is made of its content when it is put into its place.
    #[inline]
    pub(crate) fn send_made<C>(
        self: &Arc<Self>,
        content: C,
        make: impl FnOnce(C) -> M,
    ) -> Result<(), NotTaken<M>> {
        let make = |content| Item::Message(make(content));
        match self.queue.push(content, make, &self.head.taken) {
            Ok(()) => Ok(()),
            Err(item) => self.not_taken(item),
        }
    }

    /// Puts a message before all that have no priority, however many wait; false if the process has ended.
    #[cold]
    pub(crate) fn send_urgent(&self, message: M) -> bool {
        let signal = Signal::Urgent(Box::new(message));
        let inserted = self.queue.insert_urgent(Item::Signal(Box::new(signal)));
        let note = |waker| {
            self.head.note_urgent();
            queue::wake(waker);
        };
        inserted.map(note).is_ok()
    }

    /// As [`send`](Self::send), for a sender that gets the result of the mailbox's limit. A message that is dropped as
    /// the newest one counts as sent.
    pub(crate) fn try_send(self: &Arc<Self>, message: M) -> Result<(), M> {
        match self.send(message) {
            Ok(()) => Ok(()),
            Err(NotTaken::Full { limit, .. }) if limit.full == Full::DropNewest => Ok(()),
            Err(message) => Err(message.into_item()),
        }
    }

    /// Sends a message that is lost if the process has ended or if it does not enter.
    pub(crate) fn deliver(self: &Arc<Self>, message: M, entry: Entry) {
        match entry {
            Entry::Limited => drop(self.send(message)),
            Entry::Always => {
                self.push_signal(Signal::Message(Box::new(message)));
            }
        }
    }

    /// Orders a server to stop; false if it has ended.
    pub(crate) fn stop(&self, reason: ExitReason) -> bool {
        let reason = match reason {
            ExitReason::Normal => None,
            reason => Some(Box::new(reason)),
        };
        let pushed = self.queue.append_urgent(Item::Stop(reason));
        pushed.map(queue::wake).is_ok()
    }

    /// Limits how many messages may wait from now on.
    pub(crate) fn limit(&self, limit: Option<MailboxLimit>) {
        self.queue.limit(limit, &self.head.taken);
    }

    #[cold]
    fn not_taken(self: &Arc<Self>, item: NotTaken<Item<M>>) -> Result<(), NotTaken<M>> {
        if let NotTaken::Full { limit, first, .. } = item {
            self.overflow(limit, first);
        }
        if let NotTaken::Full { replaced: true, .. } = item {
            // Its destructor is the user's code, and it is not the sender's message.
            panic::run_quietly(|| drop(item));
            return Ok(());
        }
        Err(item.map(|item| match item {
            Item::Message(message) => message,
            Item::Signal(_) | Item::Stop(_) => {
                unreachable!("the queue gives back what was pushed")
            }
        }))
    }

    fn overflow(self: &Arc<Self>, limit: MailboxLimit, first: bool) {
        if first {
            report::mailbox_full(&self.head, limit);
        }
        let process: Arc<dyn Process> = self.clone();
        match limit.full {
            Full::Kill => signal::kill(&process),
            Full::End => signal::end(&process),
            Full::Refuse | Full::DropNewest | Full::DropOldest => {}
        }
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
    pub(crate) node: Node,
    pub(crate) ancestors: Option<Arc<Ancestors>>,
    /// The type of the process's body or server.
    pub(crate) initial_call: fn() -> &'static str,
    pub(crate) ties: Lock<Ties>,
    /// Beside the fields that each message needs, and not between them: without an observation these are not touched.
    pub(crate) counters: Counters,
    flags: AtomicU8,
    /// The task has to see to its alarm.
    alarm: AtomicBool,
    activity: AtomicU8,
    /// The observation that the counters belong to; 0 before the first one. Here, where there is room.
    pub(crate) era: AtomicU32,
    /// Messages that the owner has swapped out and not handled yet.
    pub(crate) taken: Taken,
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
            era: AtomicU32::new(0),
            taken: Taken::new(),
            counters: Counters::new(),
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
            era: AtomicU32::new(0),
            taken: Taken::new(),
            counters: Counters::new(),
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

    /// Whether it waits for a message, or has not run yet.
    pub(crate) fn is_receiving(&self) -> bool {
        match self.activity.load(Ordering::Relaxed) {
            UNBORN => true,
            RESTING => self.taken.is_receiving(),
            _ => false,
        }
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

// The flags that a process checks before each message, in one byte.
const EXITING: u8 = 1;
const TRAPS_EXITS: u8 = 1 << 1;
const ABANDONED: u8 = 1 << 2;
const HOLDS_ABANDONED: u8 = 1 << 3;
const TIMED: u8 = 1 << 4;
const URGENT: u8 = 1 << 5;
const UNNAMED: u8 = 1 << 6;
const COUNTED: u8 = 1 << 7;

impl Head {
    /// From now on the process itself chooses the moment at which abandoned calls are settled.
    pub(crate) fn hold_abandoned(&self) {
        self.flags.fetch_or(HOLDS_ABANDONED, Ordering::Relaxed);
    }

    /// Notes that this process has abandoned calls that are not settled yet.
    pub(crate) fn note_abandoned(&self) {
        self.flags.fetch_or(ABANDONED, Ordering::Relaxed);
    }

    pub(crate) fn clear_abandoned(&self) {
        self.flags.fetch_and(!ABANDONED, Ordering::Relaxed);
    }

    /// The task has to see to the alarm: it has rung, or something is wanted of it.
    pub(crate) fn note_alarm(&self) {
        self.alarm.store(true, Ordering::Release);
    }

    /// Whether the task has to see to the alarm.
    #[inline]
    pub(crate) fn has_alarm(&self) -> bool {
        self.alarm.load(Ordering::Acquire)
    }

    /// The task handles the alarm now. A later request sets the flag again.
    pub(crate) fn clear_alarm(&self) {
        self.alarm.swap(false, Ordering::Acquire);
    }

    /// One load for the four things that a process checks before each message.
    #[inline]
    pub(crate) fn is_undisturbed(&self) -> bool {
        self.flags.load(Ordering::Acquire) & (EXITING | ABANDONED | COUNTED | URGENT) == 0
    }

    /// A message with priority has come. To be noted before the owner is woken.
    pub(crate) fn note_urgent(&self) {
        self.flags.fetch_or(URGENT, Ordering::Release);
    }

    /// Whether messages with priority have come. The owner takes them now; what comes later sets the flag again.
    pub(crate) fn take_urgent(&self) -> bool {
        self.flags.load(Ordering::Relaxed) & URGENT != 0
            && self.flags.fetch_and(!URGENT, Ordering::Acquire) & URGENT != 0
    }

    /// Whether the process has abandoned calls that are not settled yet.
    pub(crate) fn has_abandoned(&self) -> bool {
        self.flags.load(Ordering::Relaxed) & ABANDONED != 0
    }

    /// Turns the counting of the process's work on or off.
    ///
    /// It writes also if the flag has this value already: so a thread that writes the flag later sees what was before
    /// this write.
    pub(crate) fn set_counted(&self, on: bool) {
        match on {
            true => self.flags.fetch_or(COUNTED, Ordering::AcqRel),
            false => self.flags.fetch_and(!COUNTED, Ordering::AcqRel),
        };
    }

    /// Turns the counting on or off as the node is observed or not: for a newborn, once it is among the processes of the
    /// node.
    ///
    /// An observation that begins or ends later finds it there and does the same. An earlier one has been seen by now. One
    /// that does it in the meantime may have its flag overwritten; then it is seen when the number is read again.
    #[inline]
    pub(crate) fn follow_observation(&self) {
        loop {
            let on = self.node.telemetry().is_observed();
            if self.is_counted() == on {
                return;
            }
            self.set_counted(on);
        }
    }

    /// Whether the process counts its work.
    pub(crate) fn is_counted(&self) -> bool {
        // Acquire: who sees the flag sees the observation.
        self.flags.load(Ordering::Acquire) & COUNTED != 0
    }

    /// Notes that a name is being taken back from the process, which lives on. This must come before the node forgets
    /// the name: a thread that finds the next holder must find this noted.
    pub(crate) fn note_unnamed(&self) {
        self.flags.fetch_or(UNNAMED, Ordering::Release);
    }

    /// Whether the process still has each name that it was ever found by, other than those in registries of the user's.
    #[inline]
    pub(crate) fn has_its_names(&self) -> bool {
        self.flags.load(Ordering::Acquire) & (EXITING | UNNAMED) == 0
    }

    /// The watchdog has nothing to do with the process.
    pub(crate) fn set_untimed(&self) {
        self.flags.fetch_and(!TIMED, Ordering::Relaxed);
    }

    /// One load for what a poll begins with: the process does not end, the node's watchdog does not look how long its polls
    /// take, and it does not count them itself.
    #[inline]
    pub(crate) fn is_free(&self) -> bool {
        self.flags.load(Ordering::Acquire) & (EXITING | TIMED | COUNTED) == 0
    }

    /// The same for the end of a poll: the process does not end, and has no abandoned calls.
    #[inline]
    pub(crate) fn is_settled(&self) -> bool {
        self.flags.load(Ordering::Acquire) & (EXITING | ABANDONED) == 0
    }

    /// True if the wrapper settles the abandoned calls; a GenServer chooses the moment itself.
    #[inline]
    pub(crate) fn must_tell_abandoned(&self) -> bool {
        self.flags.load(Ordering::Relaxed) & (ABANDONED | HOLDS_ABANDONED) == ABANDONED
    }
}
