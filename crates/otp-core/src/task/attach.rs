//! A stream as messages.

use std::any::type_name;
use std::fmt;
use std::future::{Future, poll_fn};
use std::ops::Deref;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;

use futures_util::stream::{Stream, StreamExt};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::exit::ExitReason;
use crate::never::Never;
use crate::pid::Pid;
use crate::process::panic::{self, OneOfMany};
use crate::process::{Birth, Mailbox, current};
use crate::recipient::Recipient;

/// A message of a stream that is [attached](attach_stream) to a process.
///
/// # Examples
///
/// ```
/// use futures_util::stream;
/// use otp_core::prelude::*;
/// use otp_core::task::{self, StreamEvent};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// let sum = Node::new().run_with(|mut mailbox: Mailbox<StreamEvent<u32>>| async move {
///     task::attach_stream(mailbox.me(), stream::iter([1, 2, 3]), 1, |event| event);
///     let mut sum = 0;
///     while let StreamEvent::Item(item) = mailbox.receive().await {
///         sum += item.into_inner();
///     }
///     sum
/// });
/// assert_eq!(sum.await, Ok(6));
/// # }
/// ```
#[derive(Debug)]
pub enum StreamEvent<T> {
    /// The next item.
    Item(Attached<T>),
    /// There are no more.
    End,
    /// The stream panicked.
    Failed(ExitReason),
}

/// An item of a stream. While it lives it counts among those that are not handled yet: so drop it when it is, or take the item
/// [out](Self::into_inner).
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use futures_util::stream;
/// use otp_core::prelude::*;
/// use otp_core::task::{self, StreamEvent};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().run_with(|mut mailbox: Mailbox<StreamEvent<u32>>| async move {
/// task::attach_stream(mailbox.me(), stream::iter(1..=3), 1, |event| event);
/// let StreamEvent::Item(first) = mailbox.receive().await else { panic!("an item") };
/// assert_eq!(*first, 1);
/// // The next item comes when this one is dropped.
/// assert!(mailbox.receive().timeout(Duration::from_secs(1)).await.is_none());
/// drop(first);
/// assert!(matches!(mailbox.receive().await, StreamEvent::Item(second) if *second == 2));
/// # Ok::<_, Stop>(())
/// # }).await?.map_err(Stop::into_reason)
/// # }
/// ```
pub struct Attached<T> {
    item: OneOfMany<T>,
    _counted: OwnedSemaphorePermit,
}

impl<T> Attached<T> {
    /// The item, which counts as handled from here on.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.item.into_inner()
    }
}

impl<T> Deref for Attached<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.item
    }
}

impl<T: fmt::Debug> fmt::Debug for Attached<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

/// Polls a stream in a process of its own, and sends each item as a message, then its end. Returns that process's pid; to end it
/// detaches the stream.
///
/// At most `most` items are on their way or in the recipient's hands: only when one of them is dropped is the stream polled
/// again. So a slow recipient slows the stream down, and its mailbox does not fill. With 0 it is as with 1.
///
/// The process has no links, and ends with the recipient. It runs on the recipient's node. [The rules for functions
/// that make messages](Recipient::map) apply to `to_message`: if it panics, no further event comes.
///
/// # Differences from OTP
///
/// OTP has no such function; a socket in the mode `{active, N}` is the nearest thing there.
///
/// # Panics
///
/// Panics outside of a tokio runtime.
///
/// # Examples
///
/// ```
/// use futures_util::stream;
/// use otp_core::task::{self, StreamEvent};
/// use otp_core::{Mailbox, Node, Recipient};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let sum = Node::new().run_with(|mut mailbox: Mailbox<StreamEvent<u32>>| async move {
///     task::attach_stream(mailbox.me(), stream::iter(1..=100), 8, |event| event);
///     let mut sum = 0;
///     while let StreamEvent::Item(item) = mailbox.receive().await {
///         sum += *item;
///     }
///     sum
/// });
/// assert_eq!(sum.await, Ok(5050));
/// # }
/// ```
pub fn attach_stream<M, S>(
    to: impl Into<Recipient<M>>,
    stream: S,
    most: usize,
    to_message: impl FnMut(StreamEvent<S::Item>) -> M + Send + 'static,
) -> Pid
where
    M: Send + 'static,
    S: Stream<Item: Send + 'static> + Send + 'static,
{
    let (stream, to_message) = (OneOfMany::new(Box::pin(stream)), OneOfMany::new(to_message));
    let to = to.into();
    let node = to.node();
    let parent = current::try_process().filter(|parent| parent.head().node == node);
    let birth = match &parent {
        Some(parent) => Birth::<Never>::of_child(parent, type_name::<S>),
        None => Birth::new(node, None, type_name::<S>),
    };
    let most = most.clamp(1, Semaphore::MAX_PERMITS);
    let process = birth.run(move |_: Mailbox<Never>| async move {
        let mut bereft = pin!(to.wait());
        let mut work = pin!(pump(&to, stream, most, to_message));
        poll_fn(|cx| match work.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(()),
            Poll::Pending => bereft.as_mut().poll(cx).map(drop),
        })
        .await;
    });
    process.pid()
}

async fn pump<M: Send + 'static, S: Stream<Item: Send + 'static>>(
    to: &Recipient<M>,
    mut stream: OneOfMany<Pin<Box<S>>>,
    most: usize,
    mut to_message: OneOfMany<impl FnMut(StreamEvent<S::Item>) -> M>,
) {
    let room = Arc::new(Semaphore::new(most));
    loop {
        let counted = room.clone().acquire_owned().await;
        let counted = counted.expect("nobody closes it");
        // There is room as the recipient's end has dropped the items.
        if !to.is_alive() {
            return;
        }
        let next =
            poll_fn(
                |cx| match catch_unwind(AssertUnwindSafe(|| stream.poll_next_unpin(cx))) {
                    Ok(polled) => polled.map(Ok),
                    Err(payload) => Poll::Ready(Err(panic::reason(payload))),
                },
            );
        match next.await {
            Ok(Some(item)) => {
                let item = OneOfMany::new(item);
                let item = Attached {
                    item,
                    _counted: counted,
                };
                to.send(to_message(StreamEvent::Item(item)));
            }
            Ok(None) => return to.send(to_message(StreamEvent::End)),
            Err(reason) => return to.send(to_message(StreamEvent::Failed(reason))),
        }
    }
}
