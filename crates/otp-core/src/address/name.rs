//! Addresses by name: local, global and via names, and their errors.

use std::any::Any;
use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::mem;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::Arc;

use thiserror::Error;

use crate::pid::{NodeId, Pid};
use crate::stop::reasons;
use crate::util::panic::Contained;

/// A name that a process can be registered and found under.
///
/// Text converts into a local name, so most calls take `"egg_timer"` as it is.
///
/// # OTP
///
/// `Name`, `{global, Name}` and `{via, Module, Name}`. On one node a global name behaves like
/// a local one, in a name space of its own.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::process;
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// process::register("baker", process::current()).expect("the name is free");
/// assert_eq!(process::whereis("baker"), Some(process::current()));
/// assert_eq!(process::whereis(Name::global("baker")), None, "another name space");
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub enum Name {
    /// A name on this node.
    Local(Cow<'static, str>),
    /// A name in a name space of its own, as those of OTP's `global`. Other nodes do not know it by itself: the crate `otp-dist` writes it as
    /// `{global, Name}` in messages, and its `register_global` makes the name known to a node and to those that this one knows.
    Global(Cow<'static, str>),
    /// A key in a registry of its own.
    Via(Via),
    /// A name on another node: `{Name, Node}`. Processes there are monitored by it.
    Remote(RemoteName),
}

/// A name on another node.
///
/// # OTP
///
/// `{Name, Node}`.
///
/// # Examples
///
/// ```
/// use otp_core::{Name, Node, RemoteName};
///
/// // A distribution has a node for each connection.
/// let kitchen = Node::new();
/// let stove = RemoteName { name: "stove".into(), node: kitchen.id() };
/// assert_ne!(Name::Remote(stove), Name::local("stove"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RemoteName {
    /// The name on that node.
    pub name: Cow<'static, str>,
    /// The other node.
    pub node: NodeId,
}

/// A registry and a key in it: the way by which a [`Name::Via`] finds its process.
///
/// [`Name::via`] makes one of a [`NameRegistry`], whose keys are texts, and
/// [`Registry::via`](crate::Registry::via) one with a key of any type.
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
/// let desks = Registry::<u32>::unique("desks");
/// desks.start_link().await?;
/// process::register(desks.via(7_u32), process::current()).expect("desk 7 is free");
/// assert_eq!(process::whereis(desks.via(7_u32)), Some(process::current()));
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Clone)]
pub struct Via(Arc<dyn Place>);

/// One key in one registry, of any types.
pub(crate) trait Place: Any + Send + Sync {
    /// Registers the process here.
    fn register(&self, pid: Pid) -> Result<(), Refused>;
    /// Removes the key if the process has it.
    fn unregister(&self, pid: Pid);
    /// The process that has the key.
    fn whereis(&self) -> Option<Pid>;
    /// Whether this is the same key in the very same registry.
    fn is(&self, other: &dyn Any) -> bool;
    /// Whether the key is the empty text, which is no name.
    fn is_empty(&self) -> bool;
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result;
}

/// Why a registry has not taken a name.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Refused {
    /// Another process has the key.
    Taken(Pid),
    /// There is no registry, at this moment or on this node.
    NoRegistry,
    /// The process does not live.
    NoProcess,
}

impl Name {
    /// A name on this node.
    pub fn local(name: impl Into<Cow<'static, str>>) -> Self {
        Self::Local(name.into())
    }

    /// A name in the name space of [`Global`](Self::Global).
    pub fn global(name: impl Into<Cow<'static, str>>) -> Self {
        Self::Global(name.into())
    }

    /// A key in `registry`.
    pub fn via(registry: Arc<dyn NameRegistry>, key: impl Into<Cow<'static, str>>) -> Self {
        let key = key.into();
        let registry = Contained::new(registry);
        Self::Via(Via::new(RegistryName { registry, key }))
    }

    /// Whether this is a clone of the other one, without asking a registry of the user's whether they are equal.
    pub(crate) fn is_same_value(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Local(a), Self::Local(b)) | (Self::Global(a), Self::Global(b)) => a == b,
            (Self::Remote(a), Self::Remote(b)) => a == b,
            (Self::Via(Via(a)), Self::Via(Via(b))) => {
                Arc::as_ptr(a).cast::<()>() == Arc::as_ptr(b).cast::<()>()
            }
            _ => false,
        }
    }

    /// Whether this is the empty text, which means "no name".
    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Self::Local(text) | Self::Global(text) => text.is_empty(),
            Self::Via(via) => via.0.is_empty(),
            Self::Remote(remote) => remote.name.is_empty(),
        }
    }
}

impl From<&'static str> for Name {
    fn from(name: &'static str) -> Self {
        Self::local(name)
    }
}

impl From<String> for Name {
    fn from(name: String) -> Self {
        Self::local(name)
    }
}

impl Via {
    pub(crate) fn new(place: impl Place) -> Self {
        Self(Arc::new(place))
    }

    pub(crate) fn register(&self, pid: Pid) -> Result<(), RegisterError> {
        self.0.register(pid).map_err(|refused| {
            let name = Name::Via(self.clone());
            match refused {
                Refused::Taken(pid) => RegisterError::NameTaken { name, pid },
                Refused::NoRegistry => RegisterError::NoRegistry { name },
                Refused::NoProcess => RegisterError::NoProcess { pid },
            }
        })
    }

    pub(crate) fn unregister(&self, pid: Pid) {
        self.0.unregister(pid);
    }

    pub(crate) fn whereis(&self) -> Option<Pid> {
        self.0.whereis()
    }

    /// The place itself, if it is of this type.
    pub(crate) fn downcast<P: Place>(&self) -> Option<&P> {
        let place: &dyn Any = &*self.0;
        place.downcast_ref()
    }
}

impl fmt::Debug for Via {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A key in a registry of the user's own.
struct RegistryName {
    registry: Contained<Arc<dyn NameRegistry>>,
    key: Cow<'static, str>,
}

impl Place for RegistryName {
    fn register(&self, pid: Pid) -> Result<(), Refused> {
        let registered = self.registry.get().register_name(&self.key, pid);
        registered.map_err(Refused::Taken)
    }

    fn unregister(&self, pid: Pid) {
        self.registry.get().unregister_name(&self.key, pid);
    }

    fn whereis(&self) -> Option<Pid> {
        self.registry.get().whereis_name(&self.key)
    }

    fn is(&self, other: &dyn Any) -> bool {
        other.downcast_ref::<Self>().is_some_and(|other| {
            Arc::ptr_eq(self.registry.get(), other.registry.get()) && self.key == other.key
        })
    }

    fn is_empty(&self) -> bool {
        self.key.is_empty()
    }

    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.key)
    }
}

/// Same kind, same key and, for via names, the very same registry.
impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Local(a), Self::Local(b)) | (Self::Global(a), Self::Global(b)) => a == b,
            (Self::Via(Via(a)), Self::Via(Via(b))) => a.is(&**b),
            (Self::Remote(a), Self::Remote(b)) => a == b,
            _ => false,
        }
    }
}

impl Eq for Name {}

impl Hash for Name {
    fn hash<H: Hasher>(&self, state: &mut H) {
        mem::discriminant(self).hash(state);
        match self {
            Self::Local(text) | Self::Global(text) => text.hash(state),
            // Via names are compared by their registries, which know how their keys are hashed.
            Self::Via(_) => {}
            Self::Remote(remote) => remote.hash(state),
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local(text) => f.write_str(text),
            Self::Global(text) => write!(f, "global:{text}"),
            Self::Via(via) => write!(f, "via:{via:?}"),
            Self::Remote(remote) => write!(f, "{{{}, node {}}}", remote.name, remote.node),
        }
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A registry of names that a program implements itself.
///
/// Its entries are pids. The registry decides how long they live, and the meaning of a key. A start function registers
/// before `init` runs and removes the key when the process ends. [`Registry`](crate::Registry) is one that is ready to
/// use.
///
/// # What is asked of it, and when
///
/// Its functions run in the process or the thread that uses the name, and while nothing of the runtime is locked; they
/// may use the runtime.
///
/// - `register_name`: once for each registration, after the runtime has seen that the process lives and before `init` runs.
/// - `whereis_name`: at every use of the name: a call, a cast, a send, a monitor, a stop, [`whereis`](crate::Node::whereis).
///   A [`ServerName`](crate::ServerName) remembers no answer of a registry of the user's.
/// - `unregister_name`: once for each name, by [`unregister`](crate::process::unregister) or when the process ends,
///   before its exit signals.
///
/// A panic in one of them is a panic of the code that uses the name. When a process ends it is ignored. So is always a
/// panic of the registry's destructor, which runs with that of the last name. Only the panic hook is called for these.
///
/// # Differences from OTP
///
/// A via module has a `send/2`, which delivers in its own way. Here a message goes to the pid that `whereis_name` answers.
/// In OTP nothing takes the name back when its process ends: the module monitors it. Here the runtime does it.
///
/// # Examples
///
/// A phone book, kept by a server that monitors the processes in it. The runtime removes a registered name when its
/// process ends; the monitor is for processes that were entered in another way.
///
/// ```
/// use std::collections::HashMap;
/// use std::sync::{Arc, Mutex, PoisonError};
///
/// use otp_core::prelude::*;
/// use otp_core::{process, NameRegistry};
///
/// #[derive(Clone, Default)]
/// struct Numbers(Arc<Mutex<HashMap<String, Pid>>>);
///
/// impl Numbers {
///     fn with<T>(&self, f: impl FnOnce(&mut HashMap<String, Pid>) -> T) -> T {
///         f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
///     }
/// }
///
/// /// Monitors who is entered, and strikes out who has ended.
/// struct Clerk(Numbers);
///
/// #[gen_server]
/// impl GenServer for Clerk {
///     type Args = Numbers;
///     type Cast = Pid;
///
///     async fn init(numbers: Numbers, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
///         Ok(Init::state(Self(numbers)))
///     }
///
///     async fn handle_cast(&mut self, entered: Pid, context: &mut Context<Self>) -> Next<Self> {
///         context.monitor(entered);
///         Next::NoReply
///     }
///
///     async fn handle_info(&mut self, info: Info<Never>, _: &mut Context<Self>) -> Next<Self> {
///         if let Info::Down(down) = info {
///             self.0.with(|numbers| numbers.retain(|_, pid| down.target != (*pid).into()));
///         }
///         Next::NoReply
///     }
/// }
///
/// struct PhoneBook {
///     numbers: Numbers,
///     clerk: ServerRef<Clerk>,
/// }
///
/// impl NameRegistry for PhoneBook {
///     fn register_name(&self, key: &str, pid: Pid) -> Result<(), Pid> {
///         self.numbers.with(|numbers| match numbers.get(key) {
///             Some(holder) => Err(*holder),
///             None => {
///                 numbers.insert(key.to_owned(), pid);
///                 Ok(())
///             }
///         })?;
///         self.clerk.cast(pid);
///         Ok(())
///     }
///
///     fn unregister_name(&self, key: &str, pid: Pid) {
///         self.numbers.with(|numbers| numbers.retain(|held, holder| held != key || *holder != pid));
///     }
///
///     fn whereis_name(&self, key: &str) -> Option<Pid> {
///         self.numbers.with(|numbers| numbers.get(key).copied())
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let node = Node::new();
/// let found = node.run_with(|mailbox: Mailbox<&'static str>| async move {
///     let numbers = Numbers::default();
///     let clerk = Clerk::start_link(numbers.clone()).await?;
///     let book: Arc<dyn NameRegistry> = Arc::new(PhoneBook { numbers, clerk });
///
///     let number = Name::via(book, "0800-yoshi");
///     process::register(number.clone(), &mailbox.me()).expect("the name is free");
///     Ok::<_, ExitReason>(process::whereis(number) == Some(mailbox.pid()))
/// });
/// assert_eq!(found.await, Ok(Ok(true)));
/// # }
/// ```
pub trait NameRegistry: Send + Sync {
    /// Registers `pid` under `key`.
    ///
    /// # Errors
    ///
    /// Returns the pid that holds the key already.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::collections::HashMap;
    /// use std::sync::Mutex;
    ///
    /// use otp_core::{Mailbox, NameRegistry, Never, Node, Pid};
    ///
    /// #[derive(Default)]
    /// struct Book(Mutex<HashMap<String, Pid>>);
    ///
    /// impl NameRegistry for Book {
    ///     fn register_name(&self, key: &str, pid: Pid) -> Result<(), Pid> {
    ///         let mut book = self.0.lock().expect("no panic under the lock");
    ///         match *book.entry(key.to_owned()).or_insert(pid) {
    ///             holder if holder == pid => Ok(()),
    ///             holder => Err(holder),
    ///         }
    ///     }
    ///     // …
    /// #     fn unregister_name(&self, _: &str, _: Pid) {}
    /// #     fn whereis_name(&self, _: &str) -> Option<Pid> { None }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let (book, node) = (Book::default(), Node::new());
    /// let idle = || node.spawn(|_: Mailbox<Never>| std::future::pending::<()>()).pid();
    /// let (ann, bob) = (idle(), idle());
    /// assert_eq!(book.register_name("0800", ann), Ok(()));
    /// assert_eq!(book.register_name("0800", bob), Err(ann));
    /// # }
    /// ```
    fn register_name(&self, key: &str, pid: Pid) -> Result<(), Pid>;

    /// Removes `key` if `pid` holds it.
    ///
    /// It is called as `pid` ends; another process may hold the key then.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::collections::HashMap;
    /// use std::sync::Mutex;
    ///
    /// use otp_core::{Mailbox, NameRegistry, Never, Node, Pid};
    ///
    /// struct Book(Mutex<HashMap<String, Pid>>);
    ///
    /// impl NameRegistry for Book {
    ///     fn unregister_name(&self, key: &str, pid: Pid) {
    ///         let mut book = self.0.lock().expect("no panic under the lock");
    ///         book.retain(|held, holder| held != key || *holder != pid);
    ///     }
    ///     // …
    /// #     fn register_name(&self, _: &str, _: Pid) -> Result<(), Pid> { Ok(()) }
    /// #     fn whereis_name(&self, key: &str) -> Option<Pid> { self.0.lock().expect("no panic").get(key).copied() }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let node = Node::new();
    /// let idle = || node.spawn(|_: Mailbox<Never>| std::future::pending::<()>()).pid();
    /// let (ann, bob) = (idle(), idle());
    /// let book = Book(Mutex::new(HashMap::from([("0800".to_owned(), bob)])));
    /// book.unregister_name("0800", ann);
    /// assert_eq!(book.whereis_name("0800"), Some(bob), "the name has passed to another process");
    /// book.unregister_name("0800", bob);
    /// assert_eq!(book.whereis_name("0800"), None);
    /// # }
    /// ```
    fn unregister_name(&self, key: &str, pid: Pid);

    /// The pid that holds `key`.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use otp_core::prelude::*;
    /// use otp_core::{NameRegistry, process};
    ///
    /// /// A registry with one entry, which does not change.
    /// struct Fixed(Pid);
    ///
    /// impl NameRegistry for Fixed {
    ///     fn whereis_name(&self, key: &str) -> Option<Pid> {
    ///         (key == "oven").then_some(self.0)
    ///     }
    ///     // …
    /// #     fn register_name(&self, _: &str, _: Pid) -> Result<(), Pid> { Err(self.0) }
    /// #     fn unregister_name(&self, _: &str, _: Pid) {}
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let me = process::current();
    /// let registry: Arc<dyn NameRegistry> = Arc::new(Fixed(me));
    /// assert_eq!(process::whereis(Name::via(registry.clone(), "oven")), Some(me));
    /// assert_eq!(process::whereis(Name::via(registry, "sink")), None);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    fn whereis_name(&self, key: &str) -> Option<Pid>;
}

/// A registration that was refused; nothing has changed.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::{RegisterError, process};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let (one, other) = (otp_core::Agent::start(|| 1).await?, otp_core::Agent::start(|| 2).await?);
/// let pid = |agent: &otp_core::Agent<u8>| agent.pid().expect("it lives");
/// assert_eq!(process::register("pool", pid(&one)), Ok(()));
/// let taken = process::register("pool", pid(&other));
/// assert!(matches!(taken, Err(RegisterError::NameTaken { pid: owner, .. }) if owner == pid(&one)));
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RegisterError {
    /// Another process holds the name.
    #[error("name {name} is taken by {pid}")]
    NameTaken {
        /// The name asked for.
        name: Name,
        /// Its holder.
        pid: Pid,
    },
    /// The process has a name already.
    #[error("process {pid} already has the name {name}")]
    HasName {
        /// The process.
        pid: Pid,
        /// The name that it has.
        name: Name,
    },
    /// The registry of a via name is not running on this node.
    #[error("cannot register {name}: its registry is not running on this node")]
    NoRegistry {
        /// The name asked for.
        name: Name,
    },
    /// The process does not exist or is ending.
    #[error("cannot name {pid}: no such process")]
    NoProcess {
        /// The process asked for.
        pid: Pid,
    },
    /// The empty text, which means "no name".
    #[error("the empty name is reserved: give a name of at least one character")]
    Reserved,
}

/// No process is registered under the name.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::{NoSuchName, process};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let gone = process::unregister("oven");
/// assert_eq!(gone, Err(NoSuchName { name: "oven".into() }));
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("no process is registered as {name}")]
pub struct NoSuchName {
    /// The name asked for.
    pub name: Name,
}

/// A send by name that reached no process.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::{SendError, process};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let clerk = process::spawn(|mut mailbox: Mailbox<String>| async move { mailbox.receive().await; });
/// process::register("clerk", &clerk).expect("the name is free");
/// assert!(matches!(process::send("clerk", 5_u8), Err(SendError::WrongType { .. })));
/// assert_eq!(process::send("clerk", "a form".to_owned()), Ok(()));
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SendError {
    /// No process has the name.
    #[error(transparent)]
    NoSuchName(#[from] NoSuchName),
    /// The name cannot be looked up: this is no process, and no node was [entered](crate::Node::enter).
    #[error("there is no node here to look {name} up on: use `Node::scope` or a process")]
    Outside {
        /// The name asked for.
        name: Name,
    },
    /// The process that has the name takes messages of another type.
    #[error("the process registered as {name} does not take messages of type {expected}")]
    WrongType {
        /// The name asked for.
        name: Name,
        /// The type of the message.
        expected: &'static str,
    },
}

reasons!(RegisterError, NoSuchName, SendError);

/// A panic leaves a name unchanged, whatever its registry does.
impl UnwindSafe for Via {}
impl RefUnwindSafe for Via {}
