//! `Phoenix.PubSub`: topics that a Phoenix application has on its nodes.

mod subscribers;

use std::fmt;
use std::sync::Arc;

use otp_core::Recipient;
use otp_core::prelude::*;
use otp_etf::{Atom, SerializeError, Term};
use serde_core::ser::Serialize;

use self::subscribers::Subscribers;
use crate::call::{self, Destination};
use crate::distribution::Distribution;
use crate::gate::{Exposure, TermCall};
use crate::pg::Groups;

/// The scope in which all adapters meet, and the dispatcher that is named if there is no other.
const PUB_SUB: &str = "Elixir.Phoenix.PubSub";

/// A `Phoenix.PubSub` of this name: what is broadcast to a topic on one node reaches the subscribers on all.
///
/// A Rust node pushes to a LiveView, and hears what a Phoenix application tells its own processes. It is one more node to the application's
/// default adapter, `Phoenix.PubSub.PG2`. Clones are handles on the same one. Feature `phoenix`.
///
/// Subscribers in Phoenix get the message as it is. A channel expects a struct:
///
/// ```
/// use serde::Serialize;
///
/// #[derive(Serialize)]
/// #[serde(rename = "Elixir.Phoenix.Socket.Broadcast")]
/// struct Broadcast<P> {
///     topic: String,
///     event: String,
///     payload: P,
/// }
/// ```
///
/// # OTP
///
/// `Phoenix.PubSub`, which is not OTP's.
///
/// # Differences from OTP
///
/// - Only the default dispatcher is known: what another one is to deliver is ignored. An application whose processes name one, such as
///   channels with their fast lane, is heard for all other broadcasts.
/// - The adapter's `pool_size` has to be 1 on the other nodes for everything to be heard, as is the default.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::Recipient;
/// use otp_dist::{Config, Distribution, PubSub, PubSubMessage};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let node = Node::new();
/// let config = Config::new("rust@127.0.0.1").cookie("secret").without_epmd();
/// let dist = Distribution::start(&node, config).await?;
/// let pub_sub = PubSub::start(&dist, "MyApp.PubSub").await?;
/// let heard = node.run_with(|mut mailbox: Mailbox<PubSubMessage>| async move {
///     pub_sub.subscribe("prices", Recipient::from(&mailbox.me()));
///     pub_sub.broadcast("prices", &("price", 42)).await.expect("it can be written");
///     mailbox.receive().await.message.to_string()
/// });
/// assert_eq!(heard.await?, r#"{<<"price">>,42}"#);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct PubSub {
    dist: Distribution,
    groups: Arc<Groups>,
    group: Term,
    subscribers: Arc<Subscribers>,
}

/// What was broadcast to a topic.
#[derive(Debug, Clone, PartialEq)]
pub struct PubSubMessage {
    /// The topic.
    pub topic: Arc<str>,
    /// The message.
    pub message: Term,
}

impl PubSub {
    /// Takes part in the `Phoenix.PubSub` of this name, as the application has it: `MyApp.PubSub`. A node that is hidden can, too.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end it has made nothing, or a server that nobody uses.
    ///
    /// # Errors
    ///
    /// [`StartError`] when it has been started already.
    pub async fn start(dist: &Distribution, name: &str) -> Result<Self, StartError> {
        let group = group(name);
        let subscribers = Arc::new(Subscribers::default());
        let node = &dist.core().node;
        let receiver = Receiver::options().on(node).name(group.as_str().to_owned());
        let receiver = receiver.start(subscribers.clone()).await?;
        dist.expose_with(group.as_str(), Exposure::<Receiver>::terms());
        let groups = dist.core().scopes.open(dist.core(), PUB_SUB, true);
        groups.join(dist.core(), Term::Atom(group.clone()), receiver.pid());
        Ok(Self {
            dist: dist.clone(),
            groups,
            group: Term::Atom(group),
            subscribers,
        })
    }

    /// Sends a process what is broadcast to a topic from now on, until it ends. A process that subscribes twice hears everything twice.
    ///
    /// # OTP
    ///
    /// `Phoenix.PubSub.subscribe/2`.
    pub fn subscribe(&self, topic: &str, subscriber: Recipient<PubSubMessage>) {
        self.subscribers.add(topic, subscriber);
    }

    /// Takes all subscriptions of a process to a topic back.
    ///
    /// # OTP
    ///
    /// `Phoenix.PubSub.unsubscribe/2`.
    pub fn unsubscribe(&self, topic: &str, subscriber: impl Into<Pid>) {
        self.subscribers.remove(topic, subscriber.into());
    }

    /// Sends a message to the subscribers of a topic: first to the other nodes, then here. It waits while a connection is busy.
    ///
    /// # OTP
    ///
    /// `Phoenix.PubSub.broadcast/3`.
    ///
    /// # Cancel safety
    ///
    /// Dropped while it waits it has told some of the other nodes.
    ///
    /// # Errors
    ///
    /// When the message cannot be written as a term.
    pub async fn broadcast(
        &self,
        topic: &str,
        message: &(impl Serialize + ?Sized),
    ) -> Result<(), SerializeError> {
        self.tell(topic, message, None).await
    }

    /// As [`broadcast`](Self::broadcast), but not to this process, which is one of this node.
    ///
    /// # OTP
    ///
    /// `Phoenix.PubSub.broadcast_from/4`.
    ///
    /// # Cancel safety
    ///
    /// As for [`broadcast`](Self::broadcast).
    ///
    /// # Errors
    ///
    /// As for [`broadcast`](Self::broadcast).
    pub async fn broadcast_from(
        &self,
        from: impl Into<Pid>,
        topic: &str,
        message: &(impl Serialize + ?Sized),
    ) -> Result<(), SerializeError> {
        self.tell(topic, message, Some(from.into())).await
    }

    async fn tell(
        &self,
        topic: &str,
        message: &(impl Serialize + ?Sized),
        but: Option<Pid>,
    ) -> Result<(), SerializeError> {
        let core = self.dist.core();
        let mut written = Vec::new();
        core.write(message, &mut written)?;
        // `{forward_to_local, Topic, Message, Dispatcher}`.
        let mut forward = vec![104, 4];
        core.write(&Atom::constant("forward_to_local"), &mut forward)?;
        core.write(topic, &mut forward)?;
        forward.extend_from_slice(&written);
        core.write(&Atom::constant(PUB_SUB), &mut forward)?;
        for member in self.groups.members(core, &self.group) {
            if member.node != core.me.name {
                call::send(core, &Destination::Pid(member), &forward).await;
            }
        }
        let mut decoder = otp_etf::Decoder::new(&written, otp_etf::Limits::none());
        if let Ok(message) = decoder.term() {
            self.subscribers.deliver(topic, &message, but);
        }
        Ok(())
    }
}

impl fmt::Debug for PubSub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PubSub")
            .field("group", &self.group)
            .finish_non_exhaustive()
    }
}

/// The name under which the adapters of a `Phoenix.PubSub` meet.
fn group(name: &str) -> Atom {
    let prefix = match name.starts_with("Elixir.") {
        true => "",
        false => "Elixir.",
    };
    let group = Atom::new(&format!("{prefix}{name}.Adapter"));
    group.unwrap_or_else(|_| Atom::constant("Elixir.Adapter"))
}

/// Gets what other nodes broadcast.
struct Receiver(Arc<Subscribers>);

/// Nobody calls it.
struct Ignored;

impl From<TermCall> for Ignored {
    fn from(_: TermCall) -> Self {
        Self
    }
}

impl From<Term> for Ignored {
    fn from(_: Term) -> Self {
        Self
    }
}

#[gen_server]
impl GenServer for Receiver {
    type Args = Arc<Subscribers>;
    type Call = Ignored;
    type Cast = Ignored;
    type Info = Term;

    async fn init(
        subscribers: Arc<Subscribers>,
        _: &mut Context<Self>,
    ) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self(subscribers)))
    }

    async fn handle_call(&mut self, _: Ignored, _: &mut Context<Self>) -> Reply<Self> {
        Reply::later()
    }

    async fn handle_cast(&mut self, _: Ignored, _: &mut Context<Self>) -> Next<Self> {
        Next::NoReply
    }

    async fn handle_info(&mut self, info: Info<Term>, _: &mut Context<Self>) -> Next<Self> {
        if let Info::Message(message) = info
            && let Some([tag, topic, message, dispatcher]) = message.as_tuple()
            && tag.as_atom().is_some_and(|tag| tag == "forward_to_local")
            && dispatcher.as_atom().is_some_and(|it| it == PUB_SUB)
            && let Some(topic) = topic.as_str()
        {
            self.0.deliver(topic, message, None);
        }
        Next::NoReply
    }
}
