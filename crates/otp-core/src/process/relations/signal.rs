//! The signals between processes: exits and DOWNs, and the effect of an exit signal.

use std::any::Any;
use std::fmt;
use std::sync::Arc;
use std::task::Waker;

use super::carrier::Carrier;
use crate::address::Target;
use crate::exit::ExitReason;
use crate::pid::{MonitorRef, Pid};
use crate::process::life::block::{Head, Process};
use crate::process::life::ties::Ties;
use crate::process::mailbox::queue;

/// An exit signal that arrived at a process that traps exits.
///
/// It does not say whether it came over a link or was sent explicitly.
///
/// # OTP
///
/// `{'EXIT', Pid, Reason}`.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::process;
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let parent = process::spawn(|mut mailbox: Mailbox<Exit>| async move {
///     mailbox.trap_exit(|exit| exit);
///     let child = process::spawn_link(|_: Mailbox<Never>| async { ExitReason::other("burnt") });
///     let exit = mailbox.receive().await;
///     assert_eq!((exit.from, exit.reason), (child.pid(), ExitReason::other("burnt")));
/// });
/// assert_eq!(parent.wait().await, ExitReason::Normal);
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Exit {
    /// The process that ended, or that sent the signal.
    pub from: Pid,
    /// Why.
    pub reason: ExitReason,
}

/// A monitored process has ended, or did not exist.
///
/// # OTP
///
/// `{'DOWN', Ref, process, Target, Reason}`.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::{Target, process};
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let watcher = process::spawn(|mut mailbox: Mailbox<Down>| async move {
///     let watched = process::spawn(|_: Mailbox<Never>| async { ExitReason::other("burnt") });
///     let monitor = mailbox.monitor(&watched, |down| down);
///     let down = mailbox.receive().await;
///     assert_eq!((down.monitor, down.target), (monitor, Target::from(&watched)));
/// });
/// assert_eq!(watcher.wait().await, ExitReason::Normal);
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Down {
    /// The monitor that this message ends.
    pub monitor: MonitorRef,
    /// The target of the monitor.
    pub target: Target,
    /// Why it ended; [`ExitReason::NoProcess`] if it did not exist.
    pub reason: ExitReason,
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EXIT from {}: {}", self.from, self.reason)
    }
}

impl fmt::Display for Down {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.target {
            Target::Pid(pid) => write!(f, "DOWN from {pid}: {}", self.reason),
            Target::Name(name) => write!(f, "DOWN from {name}: {}", self.reason),
        }
    }
}

impl Down {
    /// The process that was monitored, if it was monitored by its pid or by a reference; `None` if by its name.
    #[must_use]
    pub fn pid(&self) -> Option<Pid> {
        match &self.target {
            Target::Pid(pid) => Some(*pid),
            Target::Name(_) => None,
        }
    }
}

/// A signal that takes its place in the mailbox among the messages.
pub(crate) enum Signal {
    Exit(Exit, ExitOrigin),
    Down(Down),
    /// A system request. Some kinds of process know its type; the others drop it.
    System(Box<dyn Any + Send>),
    /// A message that gets in however many wait. It is of the type that the mailbox takes.
    Message(Box<dyn Any + Send>),
    /// The same, before all that is not urgent.
    Urgent(Box<dyn Any + Send>),
    /// A time-out of a state machine, by the number of its setting. No other process sets any.
    Timeout(u64),
}

/// The origin of an exit signal.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum ExitOrigin {
    /// A linked process ended.
    Link,
    /// It was sent by a call, not by a link.
    Hand,
    /// It was sent by code outside of all processes.
    Outside,
    /// The mailbox of the process was full. This is not trapped.
    Limit,
}

/// Delivers an exit signal: it is ignored, becomes a message, or ends the target.
pub(crate) fn exit(target: &Arc<dyn Process>, from: Pid, reason: ExitReason, via: ExitOrigin) {
    if let Some(carrier) = target.carrier() {
        return carry_exit(&**target, carrier, from, &reason, via);
    }
    // Once, as it is a call through the vtable.
    let head = target.head();
    // The link, like a reason that has no effect, is dropped after the critical section.
    let (acted, _link) = head.ties.with(|ties| {
        if !ties.is_alive() {
            return (Acted::Ignored(reason), None);
        }
        let link = match via {
            ExitOrigin::Link => match ties.remove_link(from) {
                // Unlinked in the meantime: the link has no effect any more.
                None => return (Acted::Ignored(reason), None),
                link => link,
            },
            _ => None,
        };
        (act((&**target, head), ties, from, reason, via), link)
    });
    match acted {
        Acted::Ignored(reason) => drop(reason),
        Acted::Told(waker) => queue::wake(waker),
        Acted::Ended => target.close(),
    }
}

/// Sends an exit signal to a process of another node. Over a link it takes the link along.
#[cold]
fn carry_exit(
    target: &dyn Process,
    carrier: &dyn Carrier,
    from: Pid,
    reason: &ExitReason,
    via: ExitOrigin,
) {
    let pid = target.head().pid;
    if via != ExitOrigin::Link {
        return carrier.exit(from, pid, reason);
    }
    let link = target.head().ties.with(|ties| ties.remove_link(from));
    if link.is_some() {
        carrier.linked_exit(from, pid, reason);
    }
}

/// Kills a process, with no sender.
pub(crate) fn kill(target: &Arc<dyn Process>) {
    exit(
        target,
        target.head().pid,
        ExitReason::Kill,
        ExitOrigin::Hand,
    );
}

/// Ends a process whose mailbox is full.
pub(crate) fn end(target: &Arc<dyn Process>) {
    exit(
        target,
        target.head().pid,
        ExitReason::Shutdown,
        ExitOrigin::Limit,
    );
}

/// The effect of an exit signal on its target.
enum Acted {
    Ignored(ExitReason),
    /// It became a message; this waker must be woken.
    Told(Option<Waker>),
    Ended,
}

/// The effect of an exit signal on a process that lives.
#[inline]
fn act(
    (target, head): (&dyn Process, &Head),
    ties: &mut Ties,
    from: Pid,
    reason: ExitReason,
    via: ExitOrigin,
) -> Acted {
    let end = match reason {
        ExitReason::Kill if via != ExitOrigin::Link => ExitReason::Killed,
        reason if head.traps_exits() && via != ExitOrigin::Limit => {
            // In the critical section, so that exits keep the order of their signals.
            return match target.append_signal(Signal::Exit(Exit { from, reason }, via)) {
                Ok(waker) => Acted::Told(waker),
                Err(Signal::Exit(Exit { reason, .. }, _)) => Acted::Ignored(reason),
                Err(_) => unreachable!("a mailbox gives back what it does not take"),
            };
        }
        // Only if the process has sent it to itself: without a sender `from` is the target, too.
        ExitReason::Normal if from != head.pid || via == ExitOrigin::Outside => {
            return Acted::Ignored(reason);
        }
        reason => reason,
    };
    // The process lives, so there is no earlier reason.
    head.decide_end(ties, end);
    Acted::Ended
}
