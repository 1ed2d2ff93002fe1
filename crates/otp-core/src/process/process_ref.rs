//! The sending side of a process.

use std::future::{Future, poll_fn};
use std::ops::Deref;
use std::sync::Arc;
use std::task::ready;

use crate::exit::ExitReason;
use crate::pid::Pid;
use crate::process::life::block::{Block, Process};
use crate::process::life::current;
use crate::process::life::watch::Watch;
use crate::util::handle::handle;

/// A reference to a process that receives messages of type `M`.
///
/// It addresses this one process, and not a later process with the same name. It remains valid as a value when the
/// process has ended: then messages are lost silently, as in OTP.
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
    /// let process = process::spawn(|_: Mailbox<Never>| std::future::pending::<()>());
    /// assert!(process::node().processes().contains(&process.pid()));
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
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
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().run_with(|mut mailbox: Mailbox<u32>| async move {
    /// let me = mailbox.me();
    /// me.send(1);
    /// me.send(2);
    /// assert_eq!((mailbox.receive().await, mailbox.receive().await), (1, 2));
    /// # Ok::<_, Stop>(())
    /// # }).await?.map_err(Stop::into_reason)
    /// # }
    /// ```
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
    /// let done = process::spawn(|_: Mailbox<&str>| async {});
    /// done.wait().await;
    /// assert_eq!(done.try_send("too late"), Err("too late"));
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn try_send(&self, message: M) -> Result<(), M> {
        self.block.try_send(message)
    }

    /// Whether the process lives. It is false as soon as its end is decided.
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
    /// let idle = process::spawn(|_: Mailbox<Never>| std::future::pending::<()>());
    /// assert!(idle.is_alive());
    /// process::exit(&idle, ExitReason::Kill);
    /// assert!(!idle.is_alive(), "its end is decided at once");
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    #[must_use]
    pub fn is_alive(&self) -> bool {
        !self.block.head.is_exiting()
    }

    /// Waits until the process is dead and all of its links and monitors have fired. Returns its exit reason. Any task
    /// may wait, also outside of processes.
    ///
    /// # Cancel safety
    ///
    /// May be dropped and called again.
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
    /// let failing = process::spawn(|_: Mailbox<Never>| async { Err::<(), _>("no eggs") });
    /// assert_eq!(failing.wait().await.to_string(), "no eggs");
    /// // A process that has ended keeps its reason.
    /// assert!(failing.wait().await.is_abnormal());
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub async fn wait(&self) -> ExitReason {
        wait(&*self.block).await
    }

    pub(crate) fn block(&self) -> &Arc<Block<M>> {
        &self.block
    }
}

/// Waits until a process is dead.
pub(crate) fn wait(
    process: impl Deref<Target: Process> + Send,
) -> impl Future<Output = ExitReason> + Send {
    let mut watch = Watch::new(process);
    let mut has_begun = false;
    poll_fn(move |cx| {
        if !has_begun {
            ready!(current::poll_goes_on(cx));
            has_begun = true;
        }
        current::unless_ending(watch.poll(cx))
    })
}

impl<M> Clone for ProcessRef<M> {
    fn clone(&self) -> Self {
        Self {
            block: self.block.clone(),
        }
    }
}

handle!(ProcessRef<M>, self.block.head.pid);
