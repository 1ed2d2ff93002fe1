//! The sending side of a process.

use std::fmt;
use std::future::poll_fn;
use std::hash::{Hash, Hasher};
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::Arc;

use crate::address::Target;
use crate::exit::ExitReason;
use crate::pid::Pid;
use crate::process::life::block::{Block, Process};
use crate::process::life::current;
use crate::process::life::watch::Watch;

/// A reference to a process that receives messages of type `M`.
///
/// It addresses this one process, not whoever may have its name later, and stays valid as a value
/// when the process has ended: then what is sent is lost, silently, as in OTP.
///
/// OTP: a pid, with the type of its messages.
pub struct ProcessRef<M> {
    pub(super) block: Arc<Block<M>>,
}

impl<M: Send + 'static> ProcessRef<M> {
    pub(crate) fn new(block: Arc<Block<M>>) -> Self {
        Self { block }
    }

    /// The process's pid.
    #[must_use]
    pub fn pid(&self) -> Pid {
        self.block.head.pid
    }

    /// Sends a message. It never fails and never waits: a message to a process that has ended is
    /// lost, and so is one that finds the mailbox [full](crate::MailboxLimit). A mailbox has no limit unless its owner sets
    /// one.
    ///
    /// Messages of one sender arrive in the order in which they were sent.
    ///
    /// OTP: `Pid ! Message`.
    pub fn send(&self, message: M) {
        drop(self.block.send(message));
    }

    /// Sends a message, or gives it back when the process has ended. That it was taken does not
    /// mean that it will be handled.
    ///
    /// # Errors
    ///
    /// The message, if the process has ended or is about to, or its mailbox is
    /// [full](crate::MailboxLimit).
    pub fn try_send(&self, message: M) -> Result<(), M> {
        self.block.try_send(message)
    }

    /// Whether the process lives. One whose end is decided does not.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        !self.block.head.is_exiting()
    }

    /// Waits until the process is dead and everyone linked to it or watching it has been told;
    /// returns why it ended. Any task may wait, a process or not.
    ///
    /// # Cancel safety
    ///
    /// May be dropped and called again.
    pub async fn wait(&self) -> ExitReason {
        wait(self.block.clone()).await
    }

    pub(crate) fn block(&self) -> &Arc<Block<M>> {
        &self.block
    }
}

/// Waits until a process is dead.
pub(crate) async fn wait(process: Arc<dyn Process>) -> ExitReason {
    let watch = Watch::new(process);
    poll_fn(|cx| current::unless_ending(watch.poll(cx))).await
}

impl<M> Clone for ProcessRef<M> {
    fn clone(&self) -> Self {
        Self {
            block: self.block.clone(),
        }
    }
}

impl<M> PartialEq for ProcessRef<M> {
    fn eq(&self, other: &Self) -> bool {
        self.block.head.pid == other.block.head.pid
    }
}

impl<M> Eq for ProcessRef<M> {}

impl<M> Hash for ProcessRef<M> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.block.head.pid.hash(state);
    }
}

impl<M> fmt::Debug for ProcessRef<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ProcessRef({})", self.block.head.pid)
    }
}

impl<M> From<&ProcessRef<M>> for Pid {
    fn from(process: &ProcessRef<M>) -> Self {
        process.block.head.pid
    }
}

impl<M> From<&ProcessRef<M>> for Target {
    fn from(process: &ProcessRef<M>) -> Self {
        Self::Pid(process.block.head.pid)
    }
}

/// A panic leaves a handle as it was: what it leads to is shared behind locks that no user's code runs under.
impl<M> UnwindSafe for ProcessRef<M> {}
impl<M> RefUnwindSafe for ProcessRef<M> {}

impl<M> From<ProcessRef<M>> for Pid {
    fn from(process: ProcessRef<M>) -> Self {
        process.block.head.pid
    }
}

impl<M> From<ProcessRef<M>> for Target {
    fn from(process: ProcessRef<M>) -> Self {
        Self::Pid(process.block.head.pid)
    }
}
