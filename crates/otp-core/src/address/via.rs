//! Names in registries: a registry and a key in it.

use std::any::Any;
use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::Arc;

use super::error::RegisterError;
use super::name::Name;
use crate::pid::Pid;
use crate::util::panic::Contained;

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
pub struct Via(pub(super) Arc<dyn Place>);

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
    /// Hashes the key.
    fn hash(&self, hasher: &mut dyn Hasher);
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

impl Via {
    pub(crate) fn new(place: impl Place) -> Self {
        Self(Arc::new(place))
    }

    /// A key in a registry of the user's own.
    pub(super) fn of_registry(registry: Arc<dyn NameRegistry>, key: Cow<'static, str>) -> Self {
        let registry = Contained::new(registry);
        Self::new(RegistryName { registry, key })
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

    pub(super) fn hash_key(&self, hasher: &mut dyn Hasher) {
        self.0.hash(hasher);
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

    fn hash(&self, mut hasher: &mut dyn Hasher) {
        self.key.hash(&mut hasher);
    }

    fn is_empty(&self) -> bool {
        self.key.is_empty()
    }

    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.key)
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

/// A panic leaves a name unchanged, whatever its registry does.
impl UnwindSafe for Via {}
impl RefUnwindSafe for Via {}
