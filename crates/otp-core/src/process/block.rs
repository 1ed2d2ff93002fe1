//! The control block: everything that others may touch of a process.

use std::any::Any;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Waker;

use super::flags::{EXITING, TIMED, TRAPS_EXITS};
use super::panic;
use super::queue::Queue;
use super::signal::{Down, Signal, Target};
use super::sync::{AtomicU8, Mutex, MutexGuard};
use super::watch::Wakers;
use crate::exit::ExitReason;
use crate::few::Few;
use crate::name::Name;
use crate::node::Node;
use crate::numbered::Numbered;
use crate::pid::{MonitorRef, Pid};

/// The control block of a process whose mailbox holds messages of type `M`.
///
/// Its parts stand in memory as they are written here, and so do those of head and queue: first what
/// senders look at and nobody changes, then what the owner changes with each message, last what senders
/// change. What others look at in between keeps these apart, so that none takes the cache line of another
/// away from its core.
#[repr(C)]
pub(crate) struct Block<M> {
    pub(crate) head: Head,
    pub(crate) queue: Queue<Item<M>>,
}

/// What stands in a mailbox: signals that are messages keep their place among the others.
pub(crate) enum Item<M> {
    Message(M),
    Signal(Box<Signal>),
}

/// A control block whose message type does not matter.
pub(crate) trait Process: Any + Send + Sync {
    fn head(&self) -> &Head;
    /// False if the mailbox is closed, and so the process ending: then nobody is left to be told.
    fn push_signal(&self, signal: Signal) -> bool;
    /// Makes the task's waker known.
    fn attach(&self, waker: &Waker);
    /// The task's waker, once it is known.
    fn waker(&self) -> Option<&Waker>;
    /// Refuses further messages and wakes the task.
    fn close(&self);
    /// Refuses further messages, on the process's own behalf.
    fn seal(&self);
    /// Drops the messages left in a closed mailbox.
    fn discard(&self);
    /// Messages that the owner has not swapped out yet.
    fn queued(&self) -> usize;
    /// Takes a DOWN of this monitor back out of the mailbox.
    fn flush_down(&self, monitor: MonitorRef) -> bool;
    /// Takes an EXIT from this process back out of the mailbox.
    fn flush_exit(&self, from: Pid) -> bool;
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

    fn push_signal(&self, signal: Signal) -> bool {
        let item = Item::Signal(Box::new(signal));
        self.queue.push_urgent(item).is_ok()
    }

    fn attach(&self, waker: &Waker) {
        self.queue.attach(waker);
    }

    fn waker(&self) -> Option<&Waker> {
        self.queue.task()
    }

    fn close(&self) {
        self.queue.close();
    }

    fn seal(&self) {
        self.queue.seal();
    }

    fn discard(&self) {
        // One by one: a second panic while the first unwinds through the queue would abort.
        for item in self.queue.drain() {
            panic::run_quietly(|| drop(item));
        }
    }

    fn queued(&self) -> usize {
        self.queue.len()
    }

    fn flush_down(&self, monitor: MonitorRef) -> bool {
        self.queue
            .remove_first(|item| item.is_down(monitor))
            .is_some()
    }

    fn flush_exit(&self, from: Pid) -> bool {
        self.queue
            .remove_first(|item| {
                matches!(item, Item::Signal(signal)
                    if matches!(&**signal, Signal::Exit(exit) if exit.from == from))
            })
            .is_some()
    }
}

impl<M> Item<M> {
    pub(crate) fn down(&self) -> Option<&Down> {
        match self {
            Self::Signal(signal) => match &**signal {
                Signal::Down(down) => Some(down),
                Signal::Exit(_) | Signal::System(_) => None,
            },
            Self::Message(_) => None,
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

/// The part of a control block that does not depend on the message type.
#[repr(C)]
pub(crate) struct Head {
    pub(crate) pid: Pid,
    pub(crate) ties: Mutex<Ties>,
    pub(super) flags: AtomicU8,
    activity: AtomicU8,
    /// Messages that the owner has swapped out and not handled yet.
    pub(crate) taken: AtomicUsize,
    pub(crate) node: Node,
    /// Who started the process, nearest first.
    pub(crate) ancestors: Option<Arc<Ancestor>>,
    /// What the process was started to run.
    pub(crate) initial_call: fn() -> &'static str,
}

/// A link of the chain of ancestors, shared by all children of a process.
pub(crate) struct Ancestor {
    pub(crate) pid: Pid,
    pub(crate) next: Option<Arc<Ancestor>>,
    /// The leader of the group that the children belong to; see [`group`](super::group).
    pub(crate) group: Option<Pid>,
}

/// One after the other: a chain of processes that each start their successor can be of any length.
impl Drop for Ancestor {
    fn drop(&mut self) {
        let mut next = self.next.take();
        while let Some(mut ancestor) = next.and_then(Arc::into_inner) {
            next = ancestor.next.take();
        }
    }
}

impl Head {
    pub(crate) fn new(
        node: Node,
        ancestors: Option<Arc<Ancestor>>,
        initial_call: fn() -> &'static str,
    ) -> Self {
        let flags = if node.watchdog().is_some() { TIMED } else { 0 };
        Self {
            pid: node.next_pid(),
            node,
            ancestors,
            initial_call,
            flags: AtomicU8::new(flags),
            activity: AtomicU8::new(UNBORN),
            taken: AtomicUsize::new(0),
            ties: Mutex::new(Ties {
                phase: Phase::Alive,
                wakers: Wakers::default(),
                more: None,
            }),
        }
    }

    /// Whether this is the process with the pid, or descends from it.
    pub(crate) fn is_under(&self, pid: Pid) -> bool {
        let mut above = self.ancestors.as_deref();
        while let Some(ancestor) = above.filter(|ancestor| ancestor.pid != pid) {
            above = ancestor.next.as_deref();
        }
        self.pid == pid || above.is_some()
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

    pub(crate) fn traps_exits(&self) -> bool {
        self.flags.load(Ordering::Relaxed) & TRAPS_EXITS != 0
    }

    /// Sets the flag and returns its former value. Under the lock of the ties, since an exit
    /// signal decides by it there.
    pub(crate) fn set_trap_exit(&self, on: bool) -> bool {
        let _ties = self.ties.lock();
        let before = if on {
            self.flags.fetch_or(TRAPS_EXITS, Ordering::Relaxed)
        } else {
            self.flags.fetch_and(!TRAPS_EXITS, Ordering::Relaxed)
        };
        before & TRAPS_EXITS != 0
    }

    /// Decides the process's end, if that has not happened yet, and returns the reason in force.
    /// The caller closes the mailbox once it has let go of the lock.
    pub(crate) fn start_exiting(&self, ties: &mut Ties, reason: ExitReason) -> ExitReason {
        match &ties.phase {
            Phase::Alive => {
                ties.phase = Phase::Exiting(reason.clone());
                self.flags.fetch_or(EXITING, Ordering::Release);
                reason
            }
            Phase::Exiting(first) | Phase::Dead { reason: first, .. } => first.clone(),
        }
    }
}

/// Whether a process lives.
pub(crate) enum Phase {
    Alive,
    /// Its end is decided; the task has not come to it yet.
    Exiting(ExitReason),
    /// It has ended; whether everyone has been told of it.
    Dead {
        reason: ExitReason,
        told: bool,
    },
}

/// A process's relations to others. Lock order: a registry or table, ties of the lower pid, ties of the
/// higher pid, names, timers or mailbox; nothing is locked after those.
pub(crate) struct Ties {
    pub(crate) phase: Phase,
    pub(crate) wakers: Wakers,
    more: Option<Box<More>>,
}

/// What many processes never have, so that they need not carry it.
#[derive(Default)]
pub(crate) struct More {
    pub(crate) links: Few<Pid, Arc<dyn Process>>,
    /// Monitors that this process has set.
    pub(crate) monitors: Few<MonitorRef, Monitored>,
    /// Monitors that others have set on this process.
    pub(crate) watchers: Few<MonitorRef, Watcher>,
    pub(crate) names: Vec<Name>,
    /// Timers that are to reach this process.
    pub(crate) timers: HashSet<u64, Numbered>,
    /// What it owns and others can use: see [`Estate`].
    pub(crate) estate: Option<Box<Estates>>,
    pub(crate) label: Option<String>,
    /// This process as the ancestor of those it starts.
    pub(crate) as_ancestor: Option<Arc<Ancestor>>,
    /// Something of the process's own that others may look at for as long as it lives.
    pub(crate) shown: Option<Arc<dyn Any + Send + Sync>>,
}

/// By number.
pub(crate) type Estates = HashMap<u64, Arc<dyn Estate>, Numbered>;

/// Something that a process owns and that ends with it, unless somebody inherits it.
pub(crate) trait Estate: Send + Sync {
    /// Its owner ends.
    fn owner_ended(&self, owner: Pid);
}

pub(crate) struct Monitored {
    pub(crate) process: Arc<dyn Process>,
}

pub(crate) struct Watcher {
    pub(crate) process: Arc<dyn Process>,
    /// What the watcher asked for.
    pub(crate) target: Target,
}

impl Ties {
    pub(crate) fn more(&mut self) -> &mut More {
        self.more.get_or_insert_default()
    }

    pub(crate) fn peek(&self) -> Option<&More> {
        self.more.as_deref()
    }

    pub(crate) fn existing(&mut self) -> Option<&mut More> {
        self.more.as_deref_mut()
    }

    /// The process has ended; those in what this returns are to be told.
    pub(crate) fn bury(&mut self, reason: ExitReason) -> Option<Box<More>> {
        self.phase = Phase::Dead {
            reason,
            told: false,
        };
        self.more.take()
    }

    /// Everyone has been told of the end, but those in what this returns.
    pub(crate) fn told(&mut self) -> Wakers {
        if let Phase::Dead { told, .. } = &mut self.phase {
            *told = true;
        }
        std::mem::take(&mut self.wakers)
    }

    pub(crate) fn add_to_estate(&mut self, number: u64, thing: Arc<dyn Estate>) {
        let estate = &mut self.more().estate;
        estate.get_or_insert_default().insert(number, thing);
    }

    pub(crate) fn remove_from_estate(&mut self, number: u64) -> Option<Arc<dyn Estate>> {
        self.existing()?.estate.as_mut()?.remove(&number)
    }

    pub(crate) fn is_alive(&self) -> bool {
        matches!(self.phase, Phase::Alive)
    }

    pub(crate) fn remove_link(&mut self, pid: Pid) -> bool {
        self.existing()
            .is_some_and(|more| more.links.remove(&pid).is_some())
    }

    /// Forgets a monitor that this process has set; false if it has fired or never was.
    pub(crate) fn remove_monitor(&mut self, monitor: MonitorRef) -> Option<Monitored> {
        self.existing()?.monitors.remove(&monitor)
    }
}

/// Locks the ties of two processes, always in the same order.
pub(crate) fn lock_both<'a>(
    a: &'a Head,
    b: &'a Head,
) -> (MutexGuard<'a, Ties>, MutexGuard<'a, Ties>) {
    if a.pid < b.pid {
        let first = a.ties.lock();
        let second = b.ties.lock();
        (first, second)
    } else {
        let second = b.ties.lock();
        let first = a.ties.lock();
        (first, second)
    }
}
