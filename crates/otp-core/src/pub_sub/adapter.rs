//! What carries messages to other nodes.

use std::fmt;

/// The name by which the dispatcher that sends the bare message is known on every node, as Phoenix has it.
pub const DEFAULT_DISPATCHER: &str = "Elixir.Phoenix.PubSub";

/// Carries the messages of a [`PubSub`](super::PubSub) to those of the same name on other nodes, which call
/// [`PubSub::deliver`](super::PubSub::deliver) there.
///
/// It is called by the broadcaster, before the message is delivered on the own node. It should hand the message on and not wait: what
/// cannot be sent is lost, as any message is.
///
/// # OTP
///
/// The behaviour `Phoenix.PubSub.Adapter`.
pub trait Adapter<M>: Send + Sync + 'static {
    /// Sends a message to every other node, or to one. It does not say who is left out: over there all subscribers hear it.
    fn forward(&self, node: Option<&str>, message: Forwarded<'_, M>);
}

/// A message on its way to other nodes.
///
/// # OTP
///
/// `{forward_to_local, Topic, Message, Dispatcher}`.
pub struct Forwarded<'a, M> {
    /// The topic.
    pub topic: &'a str,
    /// The message.
    pub message: &'a M,
    /// The name of the dispatcher: [`DEFAULT_DISPATCHER`], or that of one's own.
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
