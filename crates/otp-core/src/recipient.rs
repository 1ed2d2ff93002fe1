//! Anything that takes messages of one type.

use std::sync::Arc;

use crate::exit::ExitReason;
use crate::gen_server::{Content, Envelope, GenServer, ServerRef};
use crate::node::Node;
use crate::pid::Pid;
use crate::process::ProcessRef;
use crate::process::block::{Entry, Process};
use crate::process::panic::Contained;
use crate::process::process_ref::wait;
use crate::process::signal;
use crate::process::span::Origin;
use crate::timer::Destination;
use crate::util::handle::handle;

/// Addresses a process that takes messages of type `M`, of whatever kind it is: a raw process, or a server by its
/// [`Info`](GenServer::Info).
///
/// For code that sends messages and need not know the types of the receivers. With [`map`](Self::map) a process takes
/// messages of another type than its own.
///
/// # OTP
///
/// A pid.
///
/// # Examples
///
/// ```
/// use otp_core::{Mailbox, Node, Recipient, process};
///
/// enum Message {
///     Price(u32),
/// }
///
/// /// Knows nothing of `Message`.
/// fn tell_prices(subscribers: &[Recipient<u32>]) {
///     subscribers.iter().for_each(|it| it.send(42));
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let price = Node::new().run_with(|mut mailbox: Mailbox<Message>| async move {
///     let me = Recipient::from(mailbox.me()).map(Message::Price);
///     tell_prices(&[me]);
///     let Message::Price(price) = mailbox.receive().await;
///     price
/// });
/// assert_eq!(price.await, Ok(42));
/// # }
/// ```
pub struct Recipient<M> {
    process: Arc<dyn Process>,
    send: Arc<dyn Fn(M, Entry) + Send + Sync>,
}

impl<M: Send + 'static> Recipient<M> {
    /// The pid of the process.
    #[must_use]
    pub fn pid(&self) -> Pid {
        self.process.head().pid
    }

    pub(crate) fn node(&self) -> Node {
        self.process.head().node.clone()
    }

    /// How many messages wait in the process's mailbox.
    pub(crate) fn queued(&self) -> usize {
        self.process.queued()
    }

    /// Ends the process, as one whose mailbox is full.
    pub(crate) fn end(&self) {
        signal::end(&self.process);
    }

    /// Sends a message. It never fails and never waits; if the process has ended, or its mailbox is
    /// [full](crate::MailboxLimit), it is lost.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::Recipient;
    /// use otp_core::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().run_with(|mut mailbox: Mailbox<u32>| async move {
    /// let recipient = Recipient::from(&mailbox.me());
    /// recipient.send(42);
    /// assert_eq!(mailbox.receive().await, 42);
    /// # Ok::<_, Stop>(())
    /// # }).await?.map_err(Stop::into_reason)
    /// # }
    /// ```
    pub fn send(&self, message: M) {
        (self.send)(message, Entry::Limited);
    }

    /// Whether the process lives. It is false as soon as its end is decided.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        !self.process.head().is_exiting()
    }

    /// Waits until the process is dead and all of its links and monitors have fired. Returns its exit reason.
    ///
    /// # Cancel safety
    ///
    /// May be dropped and called again.
    pub async fn wait(&self) -> ExitReason {
        wait(self.process.clone()).await
    }

    /// The same process as the recipient of another type: `to_message` turns each message into one of the process's
    /// type. It runs in the sender.
    ///
    /// # Functions that make messages
    ///
    /// These rules apply to every function that turns a value of the runtime into a message:
    ///
    /// - It runs in the sending process, and under no lock. It may call back into the sender's operations.
    /// - If it panics, there is no message, and its argument is dropped. [`send`](Self::send) passes the panic on to
    ///   its caller. Where the runtime sends, the panic has no other effect: a timer, a
    ///   [broadcast](crate::PubSub::broadcast) and an [event
    ///   manager](crate::event_manager::EventManager::add_sup_handler) continue with the next recipient, and only the
    ///   panic hook is called. The process of a [pipe](crate::task::pipe) or of an [attached
    ///   stream](crate::task::attach_stream) ends with the panic, and is reported.
    /// - A message that is refused, as the process has ended or its mailbox is full, is dropped in the sender. If its destructor
    ///   panics, that counts as a panic of the function.
    /// - The function is dropped with its last holder, and a panic of its destructor has no effect.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::Recipient;
    /// use otp_core::prelude::*;
    ///
    /// #[derive(Debug, PartialEq)]
    /// enum Message {
    ///     Price(u32),
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().run_with(|mut mailbox: Mailbox<Message>| async move {
    /// // The sender knows only numbers.
    /// let prices: Recipient<u32> = Recipient::from(&mailbox.me()).map(Message::Price);
    /// prices.send(42);
    /// assert_eq!(mailbox.receive().await, Message::Price(42));
    /// # Ok::<_, Stop>(())
    /// # }).await?.map_err(Stop::into_reason)
    /// # }
    /// ```
    #[must_use]
    pub fn map<N: Send + 'static>(
        self,
        to_message: impl Fn(N) -> M + Send + Sync + 'static,
    ) -> Recipient<N> {
        let (send, to_message) = (self.send, Contained::new(to_message));
        Recipient {
            process: self.process,
            send: Arc::new(move |message, entry| send(to_message.get()(message), entry)),
        }
    }
}

impl<M> Clone for Recipient<M> {
    fn clone(&self) -> Self {
        Self {
            process: self.process.clone(),
            send: self.send.clone(),
        }
    }
}

impl<M: Send + 'static> From<ProcessRef<M>> for Recipient<M> {
    fn from(to: ProcessRef<M>) -> Self {
        Self {
            process: to.block().clone(),
            send: Arc::new(move |message, entry| to.block().deliver(message, entry)),
        }
    }
}

impl<M: Send + 'static> From<&ProcessRef<M>> for Recipient<M> {
    fn from(process: &ProcessRef<M>) -> Self {
        process.clone().into()
    }
}

/// A message arrives as [`Info::Message`](crate::Info::Message).
impl<S: GenServer> From<ServerRef<S>> for Recipient<S::Info> {
    fn from(to: ServerRef<S>) -> Self {
        Self {
            process: to.block().clone(),
            send: Arc::new(move |message, entry| {
                let message = Envelope::new(Content::Info(message), Origin::here());
                to.block().deliver(message, entry);
            }),
        }
    }
}

impl<S: GenServer> From<&ServerRef<S>> for Recipient<S::Info> {
    fn from(server: &ServerRef<S>) -> Self {
        server.clone().into()
    }
}

impl<M: Send + 'static> From<Recipient<M>> for Destination<M> {
    fn from(to: Recipient<M>) -> Self {
        Self::process(to.process.clone(), move |message, entry| {
            (to.send)(message, entry);
        })
    }
}

impl<M: Send + 'static> From<&Recipient<M>> for Destination<M> {
    fn from(recipient: &Recipient<M>) -> Self {
        recipient.clone().into()
    }
}

handle!(Recipient<M>, self.process.head().pid);
