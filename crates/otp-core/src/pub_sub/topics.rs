//! The handle of a `PubSub`.

mod broadcast;

use std::borrow::Cow;
use std::fmt;
use std::future::Future;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use super::deliver::{Counts, Subscriber};
use super::error::SubscribeError;
use super::options::{PubSubOptions, Settings};
use crate::address::via::Refused;
use crate::exit::ExitReason;
use crate::gen_server::{Begin, Limited, StartError, StopError};
use crate::node::Node;
use crate::pid::Pid;
use crate::process::panic::{Contained, Pair};
use crate::recipient::Recipient;
use crate::registry::{Duplicate, NotRunning, Registry, RegistryOptions};
use crate::util::handle::unwind_safe;
use crate::util::large;

/// Messages of type `M` by topics; subscriptions carry a `D`.
///
/// A handle, of which there may be any number of clones. It works while its process runs, which [`start_link`](Self::start_link)
/// starts, under a supervisor perhaps: `ChildSpec::worker("prices", move || prices.start_link())`. Its subscriptions end with it. As
/// a registry it is linked with its subscribers: if it is killed, those that do not trap exits end too, and subscribe anew when they
/// start again.
///
/// # OTP
///
/// `Phoenix.PubSub`. The [module](super) says where we differ.
///
/// # Examples
///
/// In a server, and found by its name:
///
/// ```
/// use otp_core::{PubSub, Recipient};
/// use otp_core::prelude::*;
///
/// struct Guest(Vec<String>);
///
/// enum Message {
///     Said(String),
/// }
///
/// #[gen_server]
/// impl GenServer for Guest {
///     type Call = ReplyTo<Vec<String>>;
///     type Info = Message;
///
///     async fn init((): (), context: &mut Context<Self>) -> Result<Init<Self>, Stop> {
///         let rooms = PubSub::<String>::find(context.node(), "rooms").ok_or("no rooms")?;
///         rooms.subscribe("room:kitchen", Recipient::from(&context.me()).map(Message::Said))?;
///         Ok(Init::state(Self(Vec::new())))
///     }
///
///     async fn handle_info(&mut self, info: Info<Message>, _: &mut Context<Self>) -> Next<Self> {
///         if let Info::Message(Message::Said(text)) = info {
///             self.0.push(text);
///         }
///         Next::NoReply
///     }
///
///     async fn handle_call(&mut self, from: Self::Call, _: &mut Context<Self>) -> Reply<Self> {
///         from.reply(self.0.clone())
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// # Node::new().try_run(async {
/// let rooms = PubSub::<String>::new("rooms");
/// rooms.start_link().await?;
/// let guest = Guest::start_link(()).await?;
/// rooms.broadcast("room:kitchen", "hello".to_owned())?;
/// assert_eq!(guest.call(|from| from).await?, ["hello"]);
/// # Ok(())
/// # }).await.expect("it runs");
/// # }
/// ```
pub struct PubSub<M, D = ()> {
    topics: Topics<M, D>,
    settings: Arc<Settings<M, D>>,
    counts: Arc<Counts>,
}

type Topics<M, D> = Registry<Cow<'static, str>, Arc<Subscriber<M, D>>, Duplicate>;

/// The data for a handle that is found by its name, besides the registry.
type Kept<M, D> = (Arc<Settings<M, D>>, Arc<Counts>);

/// Where the registry keeps it.
const KEPT: &str = "pub_sub";

impl<M: Clone + Send + 'static> PubSub<M> {
    /// Subscribes a process, the current one or another, to a topic. A process that is subscribed twice gets each
    /// message twice. The subscription ends with the process.
    ///
    /// # OTP
    ///
    /// `Phoenix.PubSub.subscribe/2`.
    ///
    /// # Errors
    ///
    /// [`SubscribeError`].
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::PubSub;
    /// use otp_core::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().run_with(|mut mailbox: Mailbox<u32>| async move {
    /// let prices = PubSub::<u32>::new("prices");
    /// prices.start_link().await?;
    /// prices.subscribe("eggs", mailbox.me())?;
    /// prices.broadcast("milk", 1)?;
    /// prices.broadcast("eggs", 42)?;
    /// assert_eq!(mailbox.receive().await, 42);
    /// # Ok::<_, Stop>(())
    /// # }).await?.map_err(Stop::into_reason)
    /// # }
    /// ```
    pub fn subscribe(
        &self,
        topic: impl Into<Cow<'static, str>>,
        to: impl Into<Recipient<M>>,
    ) -> Result<(), SubscribeError> {
        self.subscribe_with(topic, to, ())
    }
}

impl<M, D> PubSub<M, D>
where
    M: Clone + Send + 'static,
    D: Clone + Send + Sync + 'static,
{
    /// A `PubSub` with this name and the defaults, which does not run yet. On a node no other process may have the
    /// name.
    #[must_use]
    pub fn new(name: impl Into<Cow<'static, str>>) -> Self {
        Self::options(name).build()
    }

    /// Options for a `PubSub` with this name: slow subscribers, other nodes, dispatchers.
    pub fn options(name: impl Into<Cow<'static, str>>) -> PubSubOptions<M, D> {
        PubSubOptions::new(name.into())
    }

    pub(super) fn of(options: PubSubOptions<M, D>) -> Self {
        const { large::assert_event::<M>() };
        let (settings, counts) = (Arc::new(options.settings), Arc::new(Counts::default()));
        let kept: Kept<M, D> = (settings.clone(), counts.clone());
        let topics = RegistryOptions::new(options.name).partitions(options.partitions);
        Self {
            topics: topics.meta(KEPT, kept).duplicate(),
            settings,
            counts,
        }
    }

    /// The `PubSub` that runs under this name on the node, if it has these types.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    /// use otp_core::{PubSub, process};
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().run_with(|mut mailbox: Mailbox<u32>| async move {
    /// PubSub::<u32>::new("prices").start_link().await?;
    /// let prices = PubSub::<u32>::find(&process::node(), "prices").expect("it runs");
    /// prices.subscribe("eggs", mailbox.me())?;
    /// prices.broadcast("eggs", 42)?;
    /// assert_eq!(mailbox.receive().await, 42);
    /// # Ok::<_, Stop>(())
    /// # }).await?.map_err(Stop::into_reason)
    /// # }
    /// ```
    #[must_use]
    pub fn find(node: &Node, name: impl Into<Cow<'static, str>>) -> Option<Self> {
        let topics = Topics::<M, D>::find(node, name)?;
        let (settings, counts) = topics.meta::<Kept<M, D>>(KEPT)?;
        Some(Self {
            topics,
            settings,
            counts,
        })
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.topics.name()
    }

    /// Its process, if it runs.
    #[must_use]
    pub fn pid(&self) -> Option<Pid> {
        self.topics.pid()
    }

    /// Whether it runs.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        self.topics.is_alive()
    }

    /// Starts it, linked with the current process.
    ///
    /// # Cancel safety
    ///
    /// Dropped while it waits, it leaves the process linked.
    ///
    /// # Errors
    ///
    /// [`StartError`]: the name is taken, perhaps by itself; [`StartError::Outside`] outside of a process.
    pub fn start_link(&self) -> impl Future<Output = Result<Pid, StartError>> + Send + use<M, D> {
        self.topics.start_link()
    }

    /// Starts it without a link.
    ///
    /// # Cancel safety
    ///
    /// Dropped while it waits, it leaves the process to itself.
    ///
    /// # Errors
    ///
    /// As for [`start_link`](Self::start_link), but `Outside` only without a current node.
    pub fn start(&self) -> impl Future<Output = Result<Pid, StartError>> + Send + use<M, D> {
        self.topics.start()
    }

    /// Stops it, and with it all subscriptions end.
    ///
    /// # Cancel safety
    ///
    /// As for [`ServerRef::stop`](crate::ServerRef::stop).
    ///
    /// # Errors
    ///
    /// [`StopError`].
    pub fn stop(&self) -> Limited<impl Begin<Output = Result<(), StopError>> + use<M, D>> {
        self.topics.stop()
    }

    /// As [`stop`](Self::stop), with another reason.
    ///
    /// # Cancel safety
    ///
    /// As for [`stop`](Self::stop).
    ///
    /// # Errors
    ///
    /// As for [`stop`](Self::stop).
    pub fn stop_with<R: Into<ExitReason>>(
        &self,
        reason: R,
    ) -> Limited<impl Begin<Output = Result<(), StopError>> + use<M, D, R>> {
        self.topics.stop_with(reason)
    }

    /// Subscribes a process, with metadata for a [`Dispatcher`](crate::pub_sub::Dispatcher). For a mapped recipient see
    /// [the rules for its function](Recipient::map).
    ///
    /// # OTP
    ///
    /// `Phoenix.PubSub.subscribe/3`.
    ///
    /// # Errors
    ///
    /// [`SubscribeError`].
    pub fn subscribe_with(
        &self,
        topic: impl Into<Cow<'static, str>>,
        to: impl Into<Recipient<M>>,
        metadata: D,
    ) -> Result<(), SubscribeError> {
        let metadata = Contained::new(metadata);
        let to = to.into();
        let (pid, topic) = (to.pid(), topic.into());
        let subscriber = Arc::new(Subscriber::new(to, metadata));
        let entry = Pair::new((topic.clone(), subscriber));
        match self.topics.shared.register(pid, entry) {
            Ok(()) => Ok(()),
            Err(Refused::NoProcess) => Err(SubscribeError::NoProcess { pid, topic }),
            Err(_) => Err(self.not_running().into()),
        }
    }

    /// Ends all subscriptions of a process to a topic. It is no error if there are none.
    ///
    /// # OTP
    ///
    /// `Phoenix.PubSub.unsubscribe/2`.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::PubSub;
    /// use otp_core::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().run_with(|mut mailbox: Mailbox<u32>| async move {
    /// let prices = PubSub::<u32>::new("prices");
    /// prices.start_link().await?;
    /// prices.subscribe("eggs", mailbox.me())?;
    /// prices.unsubscribe("eggs", mailbox.pid());
    /// prices.broadcast("eggs", 42)?;
    /// assert!(mailbox.is_empty());
    /// # Ok::<_, Stop>(())
    /// # }).await?.map_err(Stop::into_reason)
    /// # }
    /// ```
    pub fn unsubscribe(&self, topic: &str, process: impl Into<Pid>) {
        let topic = Cow::Owned(topic.to_owned());
        self.topics
            .shared
            .unregister(process.into(), &topic, |_| true);
    }

    /// The subscribers of a topic, once for each subscription.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::PubSub;
    /// use otp_core::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().run_with(|mut mailbox: Mailbox<u32>| async move {
    /// let prices = PubSub::<u32>::new("prices");
    /// prices.start_link().await?;
    /// prices.subscribe("eggs", mailbox.me())?;
    /// assert_eq!(prices.subscribers("eggs"), [mailbox.pid()]);
    /// # let _ = &mut mailbox;
    /// # Ok::<_, Stop>(())
    /// # }).await?.map_err(Stop::into_reason)
    /// # }
    /// ```
    #[must_use]
    pub fn subscribers(&self, topic: &str) -> Vec<Pid> {
        let found = self.topics.shared.tables.lookup(topic).flatten();
        found.map(|(pid, _)| pid).collect()
    }

    fn not_running(&self) -> NotRunning {
        NotRunning {
            registry: self.topics.shared.name.clone(),
        }
    }
}

impl<M, D> Clone for PubSub<M, D> {
    fn clone(&self) -> Self {
        Self {
            topics: self.topics.clone(),
            settings: self.settings.clone(),
            counts: self.counts.clone(),
        }
    }
}

impl<M, D> fmt::Debug for PubSub<M, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PubSub({})", self.topics.shared.name)
    }
}

/// Two handles are equal if they lead to the same `PubSub`.
impl<M, D> PartialEq for PubSub<M, D> {
    fn eq(&self, other: &Self) -> bool {
        self.topics == other.topics
    }
}

impl<M, D> Eq for PubSub<M, D> {}

impl<M, D> Hash for PubSub<M, D> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.topics.hash(state);
    }
}

unwind_safe!(PubSub<M, D>);
