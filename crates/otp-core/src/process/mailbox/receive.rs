//! A receive whose time limit can still be set.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::time::Instant;

use super::Mailbox;
#[cfg(feature = "test-util")]
use crate::exit::ExitReason;
#[cfg(feature = "test-util")]
use crate::process::life::block::Item;
use crate::time::far_future;
use crate::time_limit::TimeLimit;

/// A receive of the next message: the future of [`Mailbox::receive`].
///
/// # Cancel safety
///
/// A receive that is dropped while it waits has taken nothing.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use otp_core::prelude::*;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().run_with(|mut mailbox: Mailbox<u32>| async move {
/// mailbox.me().send(7);
/// assert_eq!(mailbox.receive().await, 7);
/// assert_eq!(mailbox.receive().timeout(Duration::from_secs(1)).await, None);
/// # Ok::<_, Stop>(())
/// # }).await?.map_err(Stop::into_reason)
/// # }
/// ```
///
/// A mailbox that has left its process:
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::TimeLimit;
/// use tokio::sync::oneshot;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # let node = Node::new();
/// let (lend, lent) = oneshot::channel();
/// let owner = node.spawn(move |mailbox: Mailbox<u32>| async move {
///     let _ = lend.send(mailbox);
///     std::future::pending::<()>().await;
/// });
/// let mut mailbox = lent.await.expect("it is lent");
/// owner.send(7);
/// assert_eq!(mailbox.receive().timeout(TimeLimit::Infinity).await, Some(7));
/// node.exit(&owner, ExitReason::Kill);
/// assert_eq!(mailbox.receive().timeout(TimeLimit::Infinity).await, None, "it is closed");
/// # Ok(())
/// # }
/// ```
#[must_use = "futures do nothing unless they are awaited"]
pub struct Receive<'a, M> {
    pub(super) mailbox: &'a mut Mailbox<M>,
}

#[cfg(feature = "test-util")]
impl<M: Send + 'static> Mailbox<M> {
    /// As [`receive`](Self::receive), for a process that obeys the order to stop: its reason is the error.
    pub(crate) async fn receive_until_stopped(&mut self) -> Result<M, ExitReason> {
        loop {
            self.inbox.ready(&self.block).await;
            let item = self.inbox.take(&self.block);
            if let Some(Item::Stop(reason)) = item {
                return Err(reason.map(|reason| *reason).unwrap_or_default());
            }
            if let Some(message) = item.and_then(|item| self.map(item)) {
                return Ok(message);
            }
        }
    }
}

impl<M: Send + 'static> Receive<'_, M> {
    /// Receives the next message, or `None` if none has come within `limit`, which counts from the first poll.
    ///
    /// A limit of zero takes only a message that is there already. It needs no timer and does not wait, except that a
    /// process yields at the end of its turn.
    ///
    /// A mailbox that has left its process answers `None` at once when that has ended, also with
    /// [`TimeLimit::Infinity`]: so a task that has such a mailbox receives until it is closed.
    ///
    /// # OTP
    ///
    /// `receive … after Limit -> …`.
    ///
    /// # Cancel safety
    ///
    /// As for [`Receive`].
    pub async fn timeout(self, limit: impl Into<TimeLimit>) -> Option<M> {
        let Self { mailbox } = self;
        let deadline = match limit.into() {
            TimeLimit::Infinity => Deadline::Never,
            TimeLimit::After(Duration::ZERO) => Deadline::Now,
            TimeLimit::After(limit) => Deadline::At(far_future(limit)),
        };
        loop {
            let in_time = match deadline {
                Deadline::Never => mailbox.inbox.ready_while_open(&mailbox.block).await,
                Deadline::Now => mailbox.inbox.ready_now(&mailbox.block).await,
                Deadline::At(deadline) => mailbox.inbox.ready_until(&mailbox.block, deadline).await,
            };
            if !in_time {
                return None;
            }
            let item = mailbox.inbox.take(&mailbox.block);
            if let Some(message) = item.and_then(|item| mailbox.map(item)) {
                return Some(message);
            }
        }
    }
}

/// The end of a receive's time.
enum Deadline {
    Never,
    Now,
    At(Instant),
}

impl<M: Send + 'static> Future for Receive<'_, M> {
    type Output = M;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<M> {
        let mailbox = &mut *self.mailbox;
        loop {
            ready!(mailbox.inbox.poll_first(&mailbox.block, cx));
            let item = mailbox.inbox.take(&mailbox.block);
            if let Some(message) = item.and_then(|item| mailbox.map(item)) {
                return Poll::Ready(message);
            }
        }
    }
}

impl<M> fmt::Debug for Receive<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Receive")
    }
}
