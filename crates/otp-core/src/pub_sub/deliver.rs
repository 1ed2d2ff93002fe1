//! The delivery of a message on the own node.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::options::Slow;
use crate::pid::Pid;
use crate::process::panic::{self, Contained, OneOfMany};
use crate::recipient::Recipient;

/// A subscription, as a [`Dispatcher`] sees it.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
///
/// use otp_core::PubSub;
/// use otp_core::prelude::*;
/// use otp_core::pub_sub::{Dispatcher, Subscriber};
///
/// /// Greets each subscriber by the name that it gave.
/// struct Greeting;
///
/// impl Dispatcher<String, &'static str> for Greeting {
/// #     fn name(&self) -> &str { "greeting" }
///     // …
///     fn dispatch(&self, subscribers: &[Arc<Subscriber<String, &'static str>>], _: Option<Pid>, message: String) {
///         for subscriber in subscribers {
///             subscriber.send(format!("{message}, {}!", subscriber.metadata()));
///         }
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().run_with(|mut mailbox: Mailbox<String>| async move {
/// let room = PubSub::<String, &'static str>::new("room");
/// room.start_link().await?;
/// room.subscribe_with("door", &mailbox.me(), "Joe")?;
/// room.broadcast_by(&Greeting, "door", "Hello".to_owned())?;
/// assert_eq!(mailbox.receive().await, "Hello, Joe!");
/// # Ok::<_, Stop>(())
/// # }).await?.map_err(Stop::into_reason)
/// # }
/// ```
#[derive(Debug)]
pub struct Subscriber<M, D> {
    to: Recipient<M>,
    /// Its last holder may be a broadcaster.
    metadata: Contained<D>,
}

impl<M: Send + 'static, D> Subscriber<M, D> {
    pub(super) fn new(to: Recipient<M>, metadata: Contained<D>) -> Self {
        Self { to, metadata }
    }

    /// The pid of the process.
    #[must_use]
    pub fn pid(&self) -> Pid {
        self.to.pid()
    }

    /// The metadata of the subscription.
    #[must_use]
    pub fn metadata(&self) -> &D {
        self.metadata.get()
    }

    /// Sends the process a message. If the subscriber's mapping function panics, the message is lost.
    pub fn send(&self, message: M) {
        // It is made here, so that a large message is not moved through the functions that catch the panic.
        let mut message = Some(message);
        panic::run_quietly(|| {
            if let Some(message) = message.take() {
                self.to.send(message);
            }
        });
    }

    pub(super) fn recipient(&self) -> &Recipient<M> {
        &self.to
    }
}

/// Delivers a message to the subscribers of a topic in its own way: to some only, or in a form that their metadata asks for.
///
/// It runs in the broadcaster, and if it panics, so does the broadcaster. It is not called if there are no subscribers.
///
/// # OTP
///
/// The behaviour of a dispatcher of `Phoenix.PubSub`.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
///
/// use otp_core::pub_sub::{Dispatcher, Subscriber};
/// use otp_core::{Mailbox, Node, Pid, PubSub};
///
/// /// To those who want more than so much.
/// struct Above;
///
/// impl Dispatcher<u32, u32> for Above {
///     fn name(&self) -> &str {
///         "above"
///     }
///
///     fn dispatch(&self, subscribers: &[Arc<Subscriber<u32, u32>>], _: Option<Pid>, message: u32) {
///         let wanted = subscribers.iter().filter(|it| *it.metadata() < message);
///         wanted.for_each(|it| it.send(message));
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let heard = Node::new().run_with(|mut mailbox: Mailbox<u32>| async move {
///     let prices = PubSub::<u32, u32>::new("prices");
///     prices.start_link().await.expect("the name is free");
///     prices.subscribe_with("eggs", &mailbox.me(), 40).expect("it runs");
///     prices.broadcast_by(&Above, "eggs", 39).expect("it runs");
///     prices.broadcast_by(&Above, "eggs", 42).expect("it runs");
///     mailbox.receive().await
/// });
/// assert_eq!(heard.await, Ok(42));
/// # }
/// ```
pub trait Dispatcher<M, D>: Send + Sync + 'static {
    /// The name by which it is known on other nodes.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use otp_core::PubSub;
    /// use otp_core::prelude::*;
    /// use otp_core::pub_sub::{Dispatcher, Subscriber};
    ///
    /// struct Doubled;
    ///
    /// impl Dispatcher<u32, ()> for Doubled {
    ///     fn name(&self) -> &str {
    ///         "doubled"
    ///     }
    ///     // …
    /// #     fn dispatch(&self, subscribers: &[Arc<Subscriber<u32, ()>>], _: Option<Pid>, message: u32) {
    /// #         subscribers.iter().for_each(|it| it.send(2 * message));
    /// #     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().run_with(|mut mailbox: Mailbox<u32>| async move {
    /// let prices = PubSub::<u32>::options("prices").dispatcher(Doubled).build();
    /// prices.start_link().await?;
    /// prices.subscribe("eggs", &mailbox.me())?;
    /// // A message has come from another node, with the name of its dispatcher.
    /// prices.deliver("eggs", 21, "doubled")?;
    /// assert_eq!(mailbox.receive().await, 42);
    /// # Ok::<_, Stop>(())
    /// # }).await?.map_err(Stop::into_reason)
    /// # }
    /// ```
    fn name(&self) -> &str;

    /// Delivers the message; a process that is left out is named.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use otp_core::PubSub;
    /// use otp_core::prelude::*;
    /// use otp_core::pub_sub::{Dispatcher, Subscriber};
    ///
    /// /// Sends to the subscriber that came first, if it is not the sender.
    /// struct First;
    ///
    /// impl Dispatcher<u32, ()> for First {
    /// #     fn name(&self) -> &str { "first" }
    ///     // …
    ///     fn dispatch(&self, subscribers: &[Arc<Subscriber<u32, ()>>], from: Option<Pid>, message: u32) {
    ///         let mut others = subscribers.iter().filter(|it| Some(it.pid()) != from);
    ///         if let Some(first) = others.next() {
    ///             first.send(message);
    ///         }
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().run_with(|mut mailbox: Mailbox<u32>| async move {
    /// let prices = PubSub::<u32>::new("prices");
    /// prices.start_link().await?;
    /// prices.subscribe("eggs", &mailbox.me())?;
    /// prices.broadcast_by(&First, "eggs", 42)?;
    /// assert_eq!(mailbox.receive().await, 42);
    /// # Ok::<_, Stop>(())
    /// # }).await?.map_err(Stop::into_reason)
    /// # }
    /// ```
    fn dispatch(&self, subscribers: &[Arc<Subscriber<M, D>>], from: Option<Pid>, message: M);
}

/// The counts of messages that broadcasts did not deliver.
#[derive(Default)]
pub(super) struct Counts {
    pub(super) passed_over: AtomicU64,
    pub(super) unknown: AtomicU64,
}

impl Counts {
    pub(super) fn count(of: &AtomicU64) {
        of.fetch_add(1, Ordering::Relaxed);
    }
}

/// Delivers a message, a copy to each, and the message itself to the last. Calls `unsubscribe` for those that are not to
/// be subscribed any more.
pub(super) fn deliver<M: Clone + Send + 'static, D>(
    subscribers: &[(Pid, &Arc<Subscriber<M, D>>)],
    from: Option<Pid>,
    message: OneOfMany<M>,
    slow: Slow,
    counts: &Counts,
    mut unsubscribe: impl FnMut(Pid),
) {
    let mut wanted = subscribers
        .iter()
        .filter(|(pid, _)| Some(*pid) != from)
        .filter(|(pid, subscriber)| {
            let admitted = admits(slow, subscriber.recipient());
            if !admitted {
                Counts::count(&counts.passed_over);
                match slow {
                    Slow::Unsubscribe(_) => unsubscribe(*pid),
                    Slow::End(_) => subscriber.recipient().end(),
                    Slow::Queue | Slow::Skip(_) => {}
                }
            }
            admitted
        })
        .map(|(_, subscriber)| subscriber);
    let Some(mut last) = wanted.next() else {
        return;
    };
    for next in wanted {
        last.send(M::clone(&message));
        last = next;
    }
    last.send(message.into_inner());
}

fn admits<M: Send + 'static>(slow: Slow, to: &Recipient<M>) -> bool {
    match slow {
        Slow::Queue => true,
        Slow::Skip(most) | Slow::Unsubscribe(most) | Slow::End(most) => to.queued() < most,
    }
}
