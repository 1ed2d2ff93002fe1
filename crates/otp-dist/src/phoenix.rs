//! Topics over nodes: the adapter of otp-core's `PubSub`, compatible with Phoenix's.

use std::iter;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use otp_core::prelude::*;
use otp_core::pub_sub::{Adapter, Forwarded, NotRunning, PubSub, PubSubOptions};
use otp_core::remote::crossing;
use otp_etf::{Atom, SerializeError, Term, from_term};
use serde_core::de::DeserializeOwned;
use serde_core::ser::Serialize;

use crate::call;
use crate::core::Core;
use crate::distribution::Distribution;
use crate::gate::{Exposure, ServerGate, TermCall};
use crate::pg::Groups;

/// The scope in which all adapters meet.
const SCOPE: &str = "Elixir.Phoenix.PubSub";

impl Distribution {
    /// A [`PubSub`] whose topics are those of all nodes that have one of this name: a message that is broadcast on one reaches the subscribers
    /// on all. It is local until it is made in this way, and is used as a local one: it works here while its process runs. A node that
    /// is hidden takes part, too. Feature `phoenix`.
    ///
    /// A Phoenix application is one more node: `MyApp.PubSub` is the name that it has there. So a Rust node pushes to a
    /// LiveView, and gets the broadcasts of the application. Subscribers in Phoenix get the message in serde's
    /// representation. A channel expects a struct:
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
    /// A broadcast does not wait for other nodes. One for which half of [`queue_limit`](crate::Config::queue_limit) waits is passed over, and
    /// [counted](crate::ConnectionInfo::passed_over).
    ///
    /// # OTP
    ///
    /// `Phoenix.PubSub` with its default adapter, `Phoenix.PubSub.PG2`.
    ///
    /// # Differences from OTP
    ///
    /// - A message of another type is not heard.
    /// - A broadcaster does not wait while a connection is busy.
    /// - A dispatcher is found by its name. A message for an unknown one, such as that of Phoenix's channels, is
    ///   [counted](PubSub::unknown_dispatchers).
    /// - Other nodes must have the adapter's default `pool_size` of 1 for everything to be heard. If not, use
    ///   [`pub_sub_pool`](Self::pub_sub_pool).
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped before its end, it has made nothing, or a server without users.
    ///
    /// # Errors
    ///
    /// [`StartError`] when the node has one of this name already.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    /// use otp_core::PubSub;
    /// use otp_dist::{Config, Distribution};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let node = Node::new();
    /// let config = Config::new("rust@127.0.0.1").cookie("secret").without_epmd();
    /// let dist = Distribution::start(&node, config).await?;
    /// // The type says what the topics carry, here and elsewhere.
    /// let prices: PubSub<(String, u32)> = dist.pub_sub(PubSub::options("MyApp.PubSub")).await?;
    /// let heard = node.run_with(|mut mailbox: Mailbox<(String, u32)>| async move {
    ///     prices.start_link().await.expect("the name is free");
    ///     prices.subscribe("prices", &mailbox.me()).expect("it runs");
    ///     prices.broadcast("prices", ("price".to_owned(), 42)).expect("it runs");
    ///     mailbox.receive().await
    /// });
    /// assert_eq!(heard.await?, ("price".to_owned(), 42));
    /// # Ok(())
    /// # }
    /// ```
    pub async fn pub_sub<M, D>(
        &self,
        options: PubSubOptions<M, D>,
    ) -> Result<PubSub<M, D>, StartError>
    where
        M: Serialize + DeserializeOwned + Clone + Send + 'static,
        D: Clone + Send + Sync + 'static,
    {
        self.pub_sub_pool(options, 1).await
    }

    /// As [`pub_sub`](Self::pub_sub), for nodes whose adapter has this `pool_size`. With a larger one a broadcaster there selects
    /// one of so many groups, and a node that is in the first one only would not hear it. 0 is taken for 1.
    ///
    /// # OTP
    ///
    /// The option `pool_size` of `Phoenix.PubSub`.
    ///
    /// # Differences from OTP
    ///
    /// One server is in all groups: what comes from one broadcaster stays in order, also if that changes the group.
    ///
    /// # Cancel safety
    ///
    /// As for [`pub_sub`](Self::pub_sub).
    ///
    /// # Errors
    ///
    /// As for [`pub_sub`](Self::pub_sub).
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    /// use otp_core::PubSub;
    /// use otp_dist::{Config, Distribution};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let node = Node::new();
    /// let config = Config::new("rust@127.0.0.1").cookie("secret").without_epmd();
    /// let dist = Distribution::start(&node, config).await?;
    /// // In Elixir: {Phoenix.PubSub, name: MyApp.PubSub, pool_size: 4}
    /// let prices: PubSub<u32> = dist.pub_sub_pool(PubSub::options("MyApp.PubSub"), 4).await?;
    /// assert!(dist.pub_sub::<u32, ()>(PubSub::options("MyApp.PubSub")).await.is_err(), "there is one");
    /// # drop(prices);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn pub_sub_pool<M, D>(
        &self,
        options: PubSubOptions<M, D>,
        pool_size: usize,
    ) -> Result<PubSub<M, D>, StartError>
    where
        M: Serialize + DeserializeOwned + Clone + Send + 'static,
        D: Clone + Send + Sync + 'static,
    {
        let core = self.core();
        let first = group(options.name(), "").unwrap_or_else(|| Atom::constant("Elixir.Adapter"));
        let others = (2..=pool_size).map(|number| group(options.name(), &format!("_{number}")));
        let pool: Vec<Atom> = iter::once(first.clone()).chain(others.flatten()).collect();
        let groups = core.scopes.open(core, SCOPE, true);
        let carrier = Carrier {
            core: core.clone(),
            groups: groups.clone(),
            group: first.clone().into(),
        };
        let pub_sub = options.adapter(carrier).build();
        let deliver = deliver(core.clone(), pub_sub.clone());
        let receiver = Receiver::options()
            .on(&core.node)
            .name(first.as_str().to_owned());
        let receiver = receiver.start(deliver).await?;
        let named = ServerName::new(first.as_str().to_owned()).on(&core.node);
        let gate = Arc::new(ServerGate::by_name(named, Exposure::<Receiver>::terms()));
        for group in pool {
            core.exposed.name(group.as_str().to_owned(), gate.clone());
            groups.join(core, group.into(), receiver.pid());
        }
        Ok(pub_sub)
    }
}

/// The name under which the adapters of a `Phoenix.PubSub` meet, and with a suffix that of another one of their pool. `None` if
/// it is too long for an atom.
fn group(name: &str, suffix: &str) -> Option<Atom> {
    let prefix = match name.starts_with("Elixir.") {
        true => "",
        false => "Elixir.",
    };
    Atom::new(&format!("{prefix}{name}.Adapter{suffix}")).ok()
}

/// The way to other nodes.
struct Carrier {
    core: Arc<Core>,
    groups: Arc<Groups>,
    group: Term,
}

impl<M: Serialize> Adapter<M> for Carrier {
    fn forward(&self, node: Option<&str>, message: Forwarded<'_, M>) {
        let mut others = self.groups.members(&self.core, &self.group);
        others.retain(|it| it.node != self.core.me.name && node.is_none_or(|node| it.node == node));
        if others.is_empty() {
            return;
        }
        match self.write(&message) {
            Ok(message) => {
                for other in &others {
                    call::send_now(&self.core, other, &message);
                }
            }
            Err(error) => tracing::warn!(%error, "a message cannot be told to other nodes"),
        }
    }
}

impl Carrier {
    /// `{forward_to_local, Topic, Message, Dispatcher}`.
    fn write<M: Serialize>(&self, message: &Forwarded<'_, M>) -> Result<Vec<u8>, SerializeError> {
        let dispatcher = Atom::new(message.dispatcher);
        let dispatcher = dispatcher.unwrap_or_else(|_| Atom::constant("too_long"));
        let mut bytes = vec![104, 4];
        let core = &self.core;
        core.write(&Atom::constant("forward_to_local"), &mut bytes)?;
        core.write(message.topic, &mut bytes)?;
        core.write(message.message, &mut bytes)?;
        core.write(&dispatcher, &mut bytes)?;
        Ok(bytes)
    }
}

/// Delivers a message to a topic, by the name of a dispatcher.
type Deliver = Box<dyn Fn(&str, &Term, &str) + Send>;

fn deliver<M, D>(core: Arc<Core>, pub_sub: PubSub<M, D>) -> Deliver
where
    M: DeserializeOwned + Clone + Send + 'static,
    D: Clone + Send + Sync + 'static,
{
    Box::new(move |topic, message, dispatcher| {
        match crossing(core.clone(), || from_term::<M>(message)) {
            // While it does not run it has no subscribers.
            Ok(message) => match pub_sub.deliver(topic, message, dispatcher) {
                Ok(()) | Err(NotRunning { .. }) => {}
            },
            Err(error) => tracing::debug!(%error, topic, "a message is of another type"),
        }
    })
}

/// Receives the broadcasts of other nodes.
struct Receiver(Deliver);

/// It is never called.
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
    type Args = Deliver;
    type Call = Ignored;
    type Cast = Ignored;
    type Info = Term;

    async fn init(deliver: Deliver, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self(deliver)))
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
            && let (Some(topic), Some(dispatcher)) = (topic.as_str(), dispatcher.as_atom())
        {
            // The decoding of the message and a dispatcher are the user's code: if they panic, the next message is
            // delivered all the same.
            let deliver = || (self.0)(topic, message, dispatcher.as_str());
            if catch_unwind(AssertUnwindSafe(deliver)).is_err() {
                tracing::warn!(topic, "a message cannot be delivered");
            }
        }
        Next::NoReply
    }
}
