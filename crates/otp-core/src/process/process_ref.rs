//! The sending side of a process.

use std::future::poll_fn;
use std::sync::Arc;

use crate::exit::ExitReason;
use crate::pid::Pid;
use crate::process::life::block::{Block, Process};
use crate::process::life::current;
use crate::process::life::watch::Watch;
use crate::util::handle::handle;

/// A reference to a process that receives messages of type `M`.
///
/// It addresses this one process, not a process that has its name later, and stays valid as a value
/// when the process has ended: then what is sent is lost, silently, as in OTP.
///
/// # OTP
///
/// A pid, with the type of its messages.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::process;
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let process = process::spawn(|mut mailbox: Mailbox<u32>| async move {
///     ExitReason::other(mailbox.receive().await)
/// });
/// process.send(7);
/// assert_eq!(process.wait().await, ExitReason::other(7_u32));
/// assert_eq!(process.try_send(8), Err(8), "it has ended");
/// # Ok(())
/// # }).await
/// # }
/// ```
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
    /// # OTP
    ///
    /// `Pid ! Message`.
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
        let mut watch = Watch::new(&*self.block);
        poll_fn(|cx| current::unless_ending(watch.poll(cx))).await
    }

    pub(crate) fn block(&self) -> &Arc<Block<M>> {
        &self.block
    }
}

/// Waits until a process is dead.
pub(crate) async fn wait(process: Arc<dyn Process>) -> ExitReason {
    let mut watch = Watch::new(process);
    poll_fn(|cx| current::unless_ending(watch.poll(cx))).await
}

impl<M> Clone for ProcessRef<M> {
    fn clone(&self) -> Self {
        Self {
            block: self.block.clone(),
        }
    }
}

handle!(ProcessRef<M>, self.block.head.pid);
