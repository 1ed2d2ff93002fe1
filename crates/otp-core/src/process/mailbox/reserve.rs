//! Sending that waits for room.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::task::coop::cooperative;

use super::bound::Seat;
use crate::exit::ExitReason;
use crate::process::life::block::{Block, Item};
use crate::process::life::current;
use crate::process::life::watch::Watch;
use crate::process::process_ref::ProcessRef;

/// Room for one message in a process's mailbox, got from [`ProcessRef::reserve`].
///
/// It counts as a message that waits until it is used or dropped.
///
/// # Examples
///
/// ```
/// use otp_core::MailboxLimit;
/// use otp_core::prelude::*;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().run_with(|mut mailbox: Mailbox<u32>| async move {
/// let me = mailbox.me();
/// mailbox.set_limit(Some(MailboxLimit::refuse(1)));
/// let permit = me.reserve().await?;
/// assert_eq!(me.try_send(1), Err(1), "the only place is reserved");
/// assert_eq!(permit.send(2), Ok(()));
/// assert_eq!(mailbox.receive().await, 2);
/// # Ok::<_, Stop>(())
/// # }).await?.map_err(Stop::into_reason)
/// # }
/// ```
#[must_use = "the room is given back when this is dropped"]
pub struct Permit<M: Send + 'static> {
    block: Arc<Block<M>>,
    /// Present until it is used.
    seat: Option<Seat>,
}

impl<M: Send + 'static> Permit<M> {
    /// Sends the message for which the room is.
    ///
    /// # Errors
    ///
    /// The message, if the process has ended meanwhile, or is about to.
    #[allow(clippy::missing_panics_doc, reason = "it does not panic")]
    pub fn send(mut self, message: M) -> Result<(), M> {
        let seat = self.seat.take().expect("a permit is used once");
        let sent = self.block.queue.push_seated(Item::Message(message), seat);
        sent.map_err(|item| match item {
            Item::Message(message) => message,
            Item::Signal(_) | Item::Stop(_) => unreachable!("the queue gives back what was pushed"),
        })
    }
}

impl<M: Send + 'static> Drop for Permit<M> {
    fn drop(&mut self) {
        if let Some(seat) = self.seat.take() {
            self.block.queue.leave(seat, &self.block.head.taken);
        }
    }
}

impl<M: Send + 'static> fmt::Debug for Permit<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Permit({})", self.block.head.pid)
    }
}

impl<M: Send + 'static> ProcessRef<M> {
    /// Waits until there is room for one message in the process's mailbox, and keeps that room for it. Without a
    /// [limit](crate::MailboxLimit) there always is.
    ///
    /// Waiting senders get room in the order in which they came. A process that waits for room in its own mailbox waits for
    /// ever, unless another of its futures receives.
    ///
    /// # Cancel safety
    ///
    /// Dropped while it waits it loses its place in the queue of senders, and nothing else.
    ///
    /// # Errors
    ///
    /// The reason with which the process has ended. A caller that ends for the same reason, by a link, does not get it.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::{process, Mailbox, MailboxLimit, Node};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let node = Node::new();
    /// let done = node.try_run(async {
    ///     let adder = process::spawn(|mut mailbox: Mailbox<u32>| async move {
    ///         mailbox.set_limit(Some(MailboxLimit::refuse(2)));
    ///         let mut total = 0;
    ///         while total < 4950 {
    ///             total += mailbox.receive().await;
    ///         }
    ///     });
    ///     for n in 0..100 {
    ///         // However fast we are, no more than two numbers wait there.
    ///         let permit = adder.reserve().await?;
    ///         let _ = permit.send(n);
    ///     }
    ///     Ok(adder.wait().await)
    /// });
    /// assert_eq!(done.await, Ok(otp_core::ExitReason::Normal));
    /// # }
    /// ```
    pub async fn reserve(&self) -> Result<Permit<M>, ExitReason> {
        reserve(&self.block).await
    }

    /// Sends a message when there is room for it in the process's mailbox.
    ///
    /// # Cancel safety
    ///
    /// Dropped while it waits it has sent nothing, and the message is dropped. To keep the message,
    /// [`reserve`](Self::reserve) the room first.
    ///
    /// # Errors
    ///
    /// The message, if the process has ended.
    pub async fn send_wait(&self, message: M) -> Result<(), M> {
        send_wait(&self.block, message).await
    }
}

/// Waits for room.
pub(crate) fn reserve<M: Send + 'static>(
    block: &Arc<Block<M>>,
) -> impl Future<Output = Result<Permit<M>, ExitReason>> + Send + use<M> {
    // A sender that finds room each time must still yield at times.
    cooperative(Reserving {
        block: block.clone(),
        ticket: None,
        watch: None,
    })
}

/// Waits for room, and sends.
pub(crate) async fn send_wait<M: Send + 'static>(
    block: &Arc<Block<M>>,
    message: M,
) -> Result<(), M> {
    let Ok(permit) = reserve(block).await else {
        return Err(message);
    };
    let Err(message) = permit.send(message) else {
        return Ok(());
    };
    // The mailbox was closed after there was room. The sender gets this result after the exit signals of the process,
    // too.
    let mut watch = Watch::new(block.clone());
    current::guarded(poll_fn(|cx| watch.poll(cx))).await;
    Err(message)
}

struct Reserving<M: Send + 'static> {
    block: Arc<Block<M>>,
    /// Present while it waits for room.
    ticket: Option<u64>,
    /// Present while it waits for the end of a process that takes no more messages.
    watch: Option<Watch>,
}

impl<M: Send + 'static> Future for Reserving<M> {
    type Output = Result<Permit<M>, ExitReason>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let polled = self.poll_permit(cx);
        current::unless_ending(polled)
    }
}

impl<M: Send + 'static> Reserving<M> {
    fn poll_permit(&mut self, cx: &Context<'_>) -> Poll<Result<Permit<M>, ExitReason>> {
        let Self {
            block,
            ticket,
            watch,
        } = self;
        if watch.is_none() {
            match block.queue.poll_seat(cx, &block.head.taken, ticket) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Ok(seat)) => {
                    let (block, seat) = (block.clone(), Some(seat));
                    return Poll::Ready(Ok(Permit { block, seat }));
                }
                // The sender gets the result after the processes that are linked with the receiver have got their exit
                // signals.
                Poll::Ready(Err(_)) => {}
            }
        }
        let watch = watch.get_or_insert_with(|| Watch::new(block.clone()));
        watch.poll(cx).map(Err)
    }
}

impl<M: Send + 'static> Drop for Reserving<M> {
    fn drop(&mut self) {
        if let Some(ticket) = self.ticket {
            self.block.queue.give_up(ticket, &self.block.head.taken);
        }
    }
}
