//! Registry: processes by keys of any type, each with a value.
//!
//! A local name is a text, and a process has one at most. A registry has keys of any type, any number for a process,
//! and a value with each. It is for processes that are started and end while the program runs: players by their number,
//! subscribers by their topic.
//!
//! A [`Registry`] is a value. It works while its process runs. A supervisor starts that process with
//! [`Registry::start_link`], before the processes that register. Look-ups do not go through that process: they read
//! shared maps. An entry whose owner has ended is never found, and is removed soon.
//!
//! # Unique keys
//!
//! A key has one owner, and can be used as a name: [`Registry::via`] makes a [`Name`] of it for
//! start functions and calls.
//!
//! ```
//! use otp_core::prelude::*;
//! use otp_core::Registry;
//!
//! struct Hero(&'static str);
//!
//! enum Call {
//!     Say(ReplyTo<&'static str>),
//! }
//!
//! #[gen_server]
//! impl GenServer for Hero {
//!     type Args = &'static str;
//!     type Call = Call;
//!
//!     async fn init(line: &'static str, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
//!         Ok(Init::state(Self(line)))
//!     }
//!
//!     async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
//!         let Call::Say(from) = call;
//!         from.reply(self.0)
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let node = Node::new();
//! let said = node.run(async {
//!     let heroes = Registry::<String>::unique("heroes");
//!     heroes.start_link().await.expect("the name is free");
//!
//!     let yoshi = Hero::options().name(heroes.via("yoshi"));
//!     yoshi.clone().start("Yoshi!").await.expect("the key is free");
//!     let again = yoshi.start("Me too!").await;
//!     assert!(matches!(again, Err(StartError::AlreadyStarted(_))));
//!
//!     assert_eq!(heroes.count(), 1);
//!     let server = ServerName::<Hero>::new(heroes.via("yoshi"));
//!     server.call(Call::Say).await
//! });
//! assert_eq!(said.await, Ok(Ok("Yoshi!")));
//! # }
//! ```
//!
//! # Duplicate keys
//!
//! Any number of processes register under a key. With a reference as value, a process that looks it up can send:
//!
//! ```
//! use otp_core::{process, Mailbox, Node, ProcessRef, Registry};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let node = Node::new();
//! let heard = node.run_with(|mut mailbox: Mailbox<&'static str>| async move {
//!     let topics = Registry::<&'static str, ProcessRef<&'static str>>::duplicate("topics");
//!     topics.start_link().await.expect("the name is free");
//!     topics.register("news", mailbox.me()).expect("the registry runs");
//!
//!     topics.dispatch("news", |subscribers| {
//!         for (_, subscriber) in subscribers {
//!             subscriber.send("hello");
//!         }
//!     });
//!     mailbox.receive().await
//! });
//! assert_eq!(heard.await, Ok("hello"));
//! # }
//! ```
//!
//! # OTP
//!
//! Elixir's `Registry`.
//!
//! # Differences from OTP
//!
//! - Whether keys are unique is part of the type, so a via name of a duplicate registry does not compile.
//! - A registry is a value; [`Registry::find`] gives the one that runs under a name. One that does not run has no entries:
//!   it is an error to register there, but not to look something up.
//! - Patterns and guards are closures. They see the entries as they were, so they may use the registry.
//! - A registry is one process, also with several partitions.

mod error;
mod held;
mod keeper;
mod listener;
mod lock;
mod meta;
mod options;
mod query;
pub(crate) mod running;
mod shared;
mod tables;
mod unique;
mod via;

use std::borrow::{Borrow, Cow};
use std::fmt;
use std::future::Future;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::sync::{Arc, Weak};

pub use error::{NotRunning, RegistrationError};
pub use listener::{Listener, RegistryEvent};
pub use options::RegistryOptions;

use self::keeper::Keeper;
use self::shared::RegistryShared;
use self::via::Key;
use crate::address::via::Refused;
use crate::exit::ExitReason;
use crate::gen_server::{Begin, GenServer, Limited, ServerName, StartError, StopError, TimeLimit};
use crate::name::Name;
use crate::node::Node;
use crate::pid::Pid;
use crate::process::panic::{OneByOne, OneOfMany, Pair};
use crate::process::{current, relations};
use crate::util::handle::unwind_safe;

/// A place where processes are found by keys of type `K`, each with a value of type `V`; see the
/// [module's documentation](self).
///
/// Clones are handles on the same registry. They outlive its process, and work again when it has been
/// restarted, empty.
///
/// Processes with entries are linked with the registry: when it ends, they end, too, unless they trap exits.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::{Agent, Registry};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// // A server for each user, found by the user's number.
/// let users = Registry::<u64>::unique("users");
/// users.start_link().await?;
/// Agent::options().name(users.via(7_u64)).start_link(|| "Ann").await?;
/// assert_eq!(Agent::<&str>::named(users.via(7_u64)).get(|name| *name).await?, "Ann");
/// assert_eq!(users.whereis(&8), None);
/// # Ok(())
/// # }).await
/// # }
/// ```
pub struct Registry<K, V = (), M = Unique> {
    pub(crate) shared: Arc<RegistryShared<K, V>>,
    keys: PhantomData<fn() -> M>,
}

/// Marks a [`Registry`] in which a key has one owner.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::registry::{RegistrationError, Unique};
/// use otp_core::{Registry, Task};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let seats: Registry<u8, (), Unique> = Registry::new("seats");
/// seats.start_link().await?;
/// seats.register(1_u8, ())?;
/// let other = seats.clone();
/// let refused = Task::spawn(async move { other.register(1_u8, ()) }).await?;
/// assert!(matches!(refused, Err(RegistrationError::AlreadyRegistered { .. })));
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
pub enum Unique {}

/// Marks a [`Registry`] in which a key may have many entries.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::registry::Duplicate;
/// use otp_core::Registry;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let tags: Registry<&str, u8, Duplicate> = Registry::new("tags");
/// tags.start_link().await?;
/// tags.register("even", 2)?;
/// tags.register("even", 4)?;
/// assert_eq!(tags.lookup("even").len(), 2);
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
pub enum Duplicate {}

/// Says whether a key of a [`Registry`] has one owner: [`Unique`] or [`Duplicate`].
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::registry::Keys;
/// use otp_core::Registry;
///
/// /// Works with registries of both kinds.
/// fn report<M: Keys>(rooms: &Registry<&'static str, (), M>) -> String {
///     format!("{} entries in {}", rooms.count(), rooms.name())
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let rooms = Registry::<&str>::unique("rooms");
/// rooms.start_link().await?;
/// rooms.register("blue", ())?;
/// assert_eq!(report(&rooms), "1 entries in rooms");
/// # Ok(())
/// # }).await
/// # }
/// ```
pub trait Keys: sealed::Sealed {}

impl Keys for Unique {}
impl Keys for Duplicate {}

mod sealed {
    pub trait Sealed {
        const UNIQUE: bool;
    }

    impl Sealed for super::Unique {
        const UNIQUE: bool = true;
    }

    impl Sealed for super::Duplicate {
        const UNIQUE: bool = false;
    }
}

impl<K, V> Registry<K, V>
where
    K: Eq + Hash + Clone + fmt::Debug + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// A registry in which a key has one owner. Its process, once started, has `name` as its local name.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    /// use otp_core::{Registry, process};
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let rooms = Registry::<&str>::unique("rooms");
    /// rooms.start_link().await?;
    /// rooms.register("blue", ())?;
    /// assert_eq!(rooms.whereis("blue"), Some(process::current()));
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    #[must_use]
    pub fn unique(name: impl Into<Cow<'static, str>>) -> Self {
        Self::options(name).unique()
    }

    /// A registry in which a key may have many entries. For the type that one stores see [`new`](Registry::new), too.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    /// use otp_core::Registry;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let topics = Registry::<&str, u8>::duplicate("topics");
    /// topics.start_link().await?;
    /// topics.register("eggs", 1)?;
    /// topics.register("eggs", 2)?;
    /// assert_eq!(topics.count(), 2);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    #[must_use]
    pub fn duplicate(name: impl Into<Cow<'static, str>>) -> Registry<K, V, Duplicate> {
        Self::options(name).duplicate()
    }

    /// Options for a registry: partitions, listeners, metadata.
    pub fn options(name: impl Into<Cow<'static, str>>) -> RegistryOptions<K, V> {
        RegistryOptions::new(name.into())
    }
}

impl<K, V, M: Keys> Registry<K, V, M>
where
    K: Eq + Hash + Clone + fmt::Debug + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// The registry that runs under this name; `None` if none does, or if its keys or values are of other types, or its keys
    /// are not unique or duplicate as asked.
    ///
    /// # OTP
    ///
    /// The name of a registry, which all functions of Elixir's `Registry` take.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::{Node, Registry};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let node = Node::new();
    /// let there = node.clone();
    /// node.try_run(async move {
    ///     let players = Registry::<u32>::unique("players");
    ///     players.start_link().await?;
    ///     players.register(7_u32, ())?;
    ///
    ///     let found = Registry::<u32>::find(&there, "players").ok_or("it runs")?;
    ///     assert!(found == players && found.whereis(&7).is_some());
    ///     assert!(Registry::<String>::find(&there, "players").is_none());
    ///     Ok(())
    /// })
    /// .await
    /// .expect("the registry runs");
    /// # }
    /// ```
    #[must_use]
    pub fn find(node: &Node, name: impl Into<Cow<'static, str>>) -> Option<Self> {
        let keeper = node.resolve(&Name::local(name))?;
        let shared = keeper
            .head()
            .shown::<Weak<RegistryShared<K, V>>>()?
            .upgrade()?;
        (shared.tables.is_unique() == M::UNIQUE).then_some(Self {
            shared,
            keys: PhantomData,
        })
    }

    /// A registry of the kind in its type, [`Unique`] or [`Duplicate`]: for code that stores this type.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::registry::{Duplicate, Registry};
    ///
    /// type Topics = Registry<String, u32, Duplicate>;
    ///
    /// struct Chat {
    ///     topics: Topics,
    /// }
    ///
    /// let chat = Chat { topics: Topics::new("topics") };
    /// assert_eq!(chat.topics.name(), "topics");
    /// ```
    #[must_use]
    pub fn new(name: impl Into<Cow<'static, str>>) -> Self {
        RegistryOptions::new(name.into()).kind()
    }
}

impl<K, V, M> Registry<K, V, M>
where
    K: Eq + Hash + Clone + fmt::Debug + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    pub(crate) fn of(shared: RegistryShared<K, V>) -> Self {
        Self {
            shared: Arc::new(shared),
            keys: PhantomData,
        }
    }

    /// The registry's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.shared.name
    }

    /// The registry's process; `None` if it does not run.
    #[must_use]
    pub fn pid(&self) -> Option<Pid> {
        self.shared.keeper().map(|keeper| keeper.head().pid)
    }

    /// Whether the registry runs.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        self.pid().is_some()
    }

    /// Starts the registry's process, linked with the current one. It traps exits: it ends with its parent, by
    /// [`stop`](Self::stop) or by a kill.
    ///
    /// # OTP
    ///
    /// `Registry.start_link/1`.
    ///
    /// # Cancel safety
    ///
    /// As for [`StartOptions::start_link`](crate::gen_server::StartOptions::start_link).
    ///
    /// # Errors
    ///
    /// [`StartError`]: its name is taken, or it runs on another node.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    /// use otp_core::Registry;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let rooms = Registry::<&str>::unique("rooms");
    /// let start = rooms.clone();
    /// let child = ChildSpec::worker("rooms", move || {
    ///     let starting = start.start_link();
    ///     async move { starting.await.map(otp_core::Child::new) }
    /// });
    /// Supervisor::new(Strategy::OneForOne).child(child).start_link().await?;
    /// assert!(rooms.is_alive());
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn start_link(
        &self,
    ) -> impl Future<Output = Result<Pid, StartError>> + Send + use<K, V, M> {
        // Not an `async fn`, whose callers would have to show once more that `K` and `V` are good for a server. With a
        // lifetime in one of them the compiler cannot do that.
        let options = Keeper::<K, V>::options().name(self.local_name());
        let shared = self.shared.clone();
        async move { Ok(options.start_link(shared).await?.pid()) }
    }

    /// Starts the registry's process, without a link.
    ///
    /// # Cancel safety
    ///
    /// As for [`StartOptions::start`](crate::gen_server::StartOptions::start).
    ///
    /// # Errors
    ///
    /// As for [`start_link`](Self::start_link).
    pub fn start(&self) -> impl Future<Output = Result<Pid, StartError>> + Send + use<K, V, M> {
        let options = Keeper::<K, V>::options().name(self.local_name());
        let shared = self.shared.clone();
        async move { Ok(options.start(shared).await?.pid()) }
    }

    /// Stops the registry's process and waits until it is dead. Processes with entries get an exit signal with
    /// [`Shutdown`](crate::ExitReason::Shutdown).
    ///
    /// # Cancel safety
    ///
    /// As for [`ServerRef::stop`](crate::ServerRef::stop).
    ///
    /// # Errors
    ///
    /// [`StopError`] if it does not run.
    pub fn stop(&self) -> Limited<impl Begin<Output = Result<(), StopError>> + use<K, V, M>> {
        self.end(ExitReason::Normal)
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
    ) -> Limited<impl Begin<Output = Result<(), StopError>> + use<K, V, M, R>> {
        self.end(reason.into())
    }

    fn end(
        &self,
        reason: ExitReason,
    ) -> Limited<impl Begin<Output = Result<(), StopError>> + use<K, V, M>> {
        let mut keeper = ServerName::<Keeper<K, V>>::new(self.local_name());
        if let Some(process) = self.shared.keeper() {
            keeper = keeper.on(&process.head().node);
        }
        Limited::new(TimeLimit::Infinity, move |limit| async move {
            keeper.stop_with(reason).timeout(limit).await
        })
    }

    /// Registers the current process under a key, and links it with the registry.
    ///
    /// # OTP
    ///
    /// `Registry.register/3`.
    ///
    /// # Errors
    ///
    /// [`RegistrationError`], and nothing has changed. With unique keys, a key is also taken when this same process has
    /// it already.
    ///
    /// Other processes are registered with [`process::register`](crate::process::register) and a [via name](Registry::via).
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    /// use otp_core::{Registry, process};
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let players = Registry::<u32, &str>::unique("players");
    /// players.start_link().await?;
    /// let player = players.clone();
    /// let yoshi = process::spawn(move |mut mailbox: Mailbox<()>| async move {
    ///     player.register(7_u32, "Yoshi")?;
    ///     mailbox.receive().await;
    ///     Ok::<_, Stop>(())
    /// });
    /// tokio::task::yield_now().await;
    /// assert_eq!(players.lookup(&7), [(yoshi.pid(), "Yoshi")]);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn register(&self, key: impl Into<K>, value: V) -> Result<(), RegistrationError> {
        let value = OneOfMany::new(value);
        let pid = crate::process::try_current().ok_or(RegistrationError::Outside)?;
        let key = OneOfMany::new(key.into());
        let entry = Pair {
            key: OneOfMany::new((*key).clone()),
            value,
        };
        let registered = self.shared.register(pid, entry);
        let registry = self.shared.name.clone();
        registered.map_err(|refused| match refused {
            Refused::Taken(pid) => RegistrationError::AlreadyRegistered {
                registry,
                key: format!("{:?}", *key),
                pid,
            },
            Refused::NoRegistry => NotRunning { registry }.into(),
            Refused::NoProcess => RegistrationError::NoProcess { pid },
        })
    }

    /// Removes all entries of the current process under a key, if there are any. Code outside of processes has none.
    ///
    /// # OTP
    ///
    /// `Registry.unregister/2`.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    /// use otp_core::Registry;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let rooms = Registry::<&str>::unique("rooms");
    /// rooms.start_link().await?;
    /// rooms.register("blue", ())?;
    /// rooms.unregister("blue");
    /// assert_eq!(rooms.whereis("blue"), None);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn unregister(&self, key: impl Into<K>) {
        let key = OneOfMany::new(key.into());
        let Some(process) = current::try_process() else {
            return;
        };
        let pid = process.head().pid;
        if self.shared.unregister(pid, &key, |_| true) > 0 {
            relations::forget_names(&process, |name| self.is_name_of(name, &key));
        }
        self.shared.tell_unregistered(pid, &key);
    }

    /// The entries under a key: their owners and values, in the order of their registration within a partition.
    ///
    /// # OTP
    ///
    /// `Registry.lookup/2`.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    /// use otp_core::{Registry, process};
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let topics = Registry::<&str, u8>::duplicate("topics");
    /// topics.start_link().await?;
    /// topics.register("eggs", 1)?;
    /// topics.register("eggs", 2)?;
    /// let me = process::current();
    /// assert_eq!(topics.lookup("eggs"), [(me, 1), (me, 2)]);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    #[must_use]
    pub fn lookup<Q>(&self, key: &Q) -> Vec<(Pid, V)>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let entries: OneByOne<_> = self.shared.tables.lookup(key).flatten().collect();
        entries.into_vec()
    }

    /// The keys of a process, in no particular order, each as often as it has entries under it.
    ///
    /// # OTP
    ///
    /// `Registry.keys/2`.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    /// use otp_core::{Registry, process};
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let rooms = Registry::<&str>::unique("rooms");
    /// rooms.start_link().await?;
    /// rooms.register("blue", ())?;
    /// assert_eq!(rooms.keys(process::current()), ["blue"]);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    #[must_use]
    pub fn keys(&self, owner: impl Into<Pid>) -> Vec<K> {
        self.shared.tables.keys(owner.into())
    }

    /// The values of a process under a key, in the order of their registration.
    ///
    /// # OTP
    ///
    /// `Registry.values/3`.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    /// use otp_core::{Registry, process};
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let topics = Registry::<&str, u8>::duplicate("topics");
    /// topics.start_link().await?;
    /// topics.register("eggs", 1)?;
    /// topics.register("eggs", 2)?;
    /// assert_eq!(topics.values("eggs", process::current()), [1, 2]);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    #[must_use]
    pub fn values<Q>(&self, key: &Q, owner: impl Into<Pid>) -> Vec<V>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let values = self.shared.tables.values(owner.into(), key);
        let values = values.into_vec().into_iter();
        values.map(|(_, value)| value).collect()
    }

    /// The number of entries. It counts them one by one.
    ///
    /// # OTP
    ///
    /// `Registry.count/1`.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    /// use otp_core::Registry;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let rooms = Registry::<&str>::unique("rooms");
    /// rooms.start_link().await?;
    /// rooms.register("blue", ())?;
    /// rooms.register("green", ())?;
    /// assert_eq!(rooms.count(), 2);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    #[must_use]
    pub fn count(&self) -> usize {
        self.shared.tables.count()
    }

    /// Whether there are no entries, not even those of a dead owner that are about to be removed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.shared.tables.is_empty()
    }

    fn local_name(&self) -> Name {
        Name::local(self.shared.name.clone())
    }

    fn is_name_of(&self, name: &Name, key: &K) -> bool {
        let Name::Via(via) = name else { return false };
        via.downcast::<Key<K, V>>()
            .is_some_and(|held| Arc::ptr_eq(&held.shared, &self.shared) && held.key.get() == key)
    }
}

impl<K, V, M> Clone for Registry<K, V, M> {
    fn clone(&self) -> Self {
        Self {
            shared: self.shared.clone(),
            keys: PhantomData,
        }
    }
}

impl<K, V, M> fmt::Debug for Registry<K, V, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Registry({})", self.shared.name)
    }
}

impl<K, V, M> PartialEq for Registry<K, V, M> {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }
}

impl<K, V, M> Eq for Registry<K, V, M> {}

impl<K, V, M> Hash for Registry<K, V, M> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Arc::as_ptr(&self.shared).hash(state);
    }
}

unwind_safe!(Registry<K, V, M>);
