//! The interface for messages to other nodes.

use std::fmt;

/// The name on every node of the dispatcher that sends the message unchanged, as in Phoenix.
pub const DEFAULT_DISPATCHER: &str = "Elixir.Phoenix.PubSub";

/// Carries the messages of a [`PubSub`](super::PubSub) to those of the same name on other nodes, which call
/// [`PubSub::deliver`](super::PubSub::deliver) there.
///
/// The broadcaster calls it, before the message is delivered on this node. It should queue the message and not wait. A
/// message that cannot be sent is lost, as any message is.
///
/// # OTP
///
/// The behaviour `Phoenix.PubSub.Adapter`.
///
/// # Examples
///
/// ```
/// use otp_core::PubSub;
/// use otp_core::prelude::*;
/// use otp_core::pub_sub::{Adapter, Forwarded};
///
/// /// Hands messages to the process that writes to the network.
/// struct Wire(ProcessRef<(String, u32)>);
///
/// impl Adapter<u32> for Wire {
///     fn forward(&self, _: Option<&str>, message: Forwarded<'_, u32>) {
///         self.0.send((message.topic.to_owned(), *message.message));
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().run_with(|mut mailbox: Mailbox<(String, u32)>| async move {
/// let prices = PubSub::<u32>::options("prices").adapter(Wire(mailbox.me())).build();
/// prices.start_link().await?;
/// prices.broadcast("eggs", 42)?;
/// assert_eq!(mailbox.receive().await, ("eggs".to_owned(), 42));
/// # Ok::<_, Stop>(())
/// # }).await?.map_err(Stop::into_reason)
/// # }
/// ```
pub trait Adapter<M>: Send + Sync + 'static {
    /// Sends a message to every other node, or to one. The sender is not excluded there: on the other nodes all
    /// subscribers get it.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::PubSub;
    /// use otp_core::prelude::*;
    /// use otp_core::pub_sub::{Adapter, Forwarded};
    ///
    /// struct Wire(ProcessRef<Option<String>>);
    ///
    /// impl Adapter<u32> for Wire {
    ///     fn forward(&self, node: Option<&str>, _: Forwarded<'_, u32>) {
    ///         self.0.send(node.map(str::to_owned));
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().run_with(|mut mailbox: Mailbox<Option<String>>| async move {
    /// let prices = PubSub::<u32>::options("prices").adapter(Wire(mailbox.me())).build();
    /// prices.start_link().await?;
    /// prices.broadcast("eggs", 42)?;
    /// assert_eq!(mailbox.receive().await, None, "to every node");
    /// prices.direct_broadcast("shop@north", "eggs", &42)?;
    /// assert_eq!(mailbox.receive().await.as_deref(), Some("shop@north"));
    /// # Ok::<_, Stop>(())
    /// # }).await?.map_err(Stop::into_reason)
    /// # }
    /// ```
    fn forward(&self, node: Option<&str>, message: Forwarded<'_, M>);
}

/// A message on its way to other nodes.
///
/// # OTP
///
/// `{forward_to_local, Topic, Message, Dispatcher}`.
///
/// # Examples
///
/// ```
/// use otp_core::PubSub;
/// use otp_core::prelude::*;
/// use otp_core::pub_sub::{Adapter, DEFAULT_DISPATCHER, Forwarded};
///
/// struct Log(ProcessRef<String>);
///
/// impl Adapter<u32> for Log {
///     fn forward(&self, _: Option<&str>, message: Forwarded<'_, u32>) {
///         assert_eq!(message.dispatcher, DEFAULT_DISPATCHER);
///         self.0.send(format!("{} in {}", message.message, message.topic));
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().run_with(|mut mailbox: Mailbox<String>| async move {
/// let prices = PubSub::<u32>::options("prices").adapter(Log(mailbox.me())).build();
/// prices.start_link().await?;
/// prices.broadcast("eggs", 42)?;
/// assert_eq!(mailbox.receive().await, "42 in eggs");
/// # Ok::<_, Stop>(())
/// # }).await?.map_err(Stop::into_reason)
/// # }
/// ```
pub struct Forwarded<'a, M> {
    /// The topic.
    pub topic: &'a str,
    /// The message.
    pub message: &'a M,
    /// The name of the dispatcher: [`DEFAULT_DISPATCHER`], or that of a dispatcher of the program.
    pub dispatcher: &'a str,
}

impl<M> fmt::Debug for Forwarded<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Forwarded")
            .field("topic", &self.topic)
            .field("dispatcher", &self.dispatcher)
            .finish_non_exhaustive()
    }
}
