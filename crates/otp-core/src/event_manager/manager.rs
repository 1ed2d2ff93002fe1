//! The handle of a manager.

mod handlers;

use std::any::type_name;
use std::fmt;
use std::future::Future;
use std::hash::{Hash, Hasher};
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::Arc;

use super::options::EventManagerOptions;
use super::server::{Asked, EventServer, ManagerRequest};
use crate::child_spec::Child;
use crate::exit::ExitReason;
use crate::gen_server::{
    self, Begin, CallError, Limited, ReplyTo, ServerName, ServerRef, StartError, StopError,
};
use crate::name::Name;
use crate::node::Node;
use crate::pid::Pid;
use crate::process::Target;
use crate::sys;
use crate::time_limit::TimeLimit;
use crate::util::Boxed;

/// A reference to an event manager whose events are `E`s.
///
/// [`start`](Self::start) and [`start_link`](Self::start_link) return a handle on this one process.
/// [`named`](Self::named) addresses the manager that has the name, which is looked up at each use. Events, calls and
/// changes of handlers by one process are handled in the order sent.
///
/// For debugging, [`sys`] takes a manager as a server's address: the server is an [`EventServer`]. Under a supervisor its
/// `start_link` is a start function.
///
/// # OTP
///
/// The functions of `gen_event`. The [module](super) says where we differ.
///
/// # Examples
///
/// ```
/// use otp_core::event_manager::{EventManager, Handled};
/// use otp_core::prelude::*;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// # Node::new().try_run(async {
/// Supervisor::new(Strategy::OneForOne)
///     .child(ChildSpec::worker("alarms", || EventManager::<u32>::options().name("alarms").start_link()))
///     .start_link()
///     .await?;
/// let alarms = EventManager::<u32>::named("alarms");
/// alarms.add_fn("print", |alarm| { println!("{alarm}"); Handled::Keep }).await?;
/// alarms.sync_notify(42).await?;
/// # Ok(())
/// # }).await.expect("it starts");
/// # }
/// ```
pub struct EventManager<E: Send + Sync + 'static>(Arc<dyn ManagerAddress<E>>);

/// The address in a reference to a manager.
///
/// As an object, since the compiler cannot see by itself that a reference to a server that is generic over `E` can be sent to another
/// thread if there is a `&'static str` in the `E`.
trait ManagerAddress<E: Send + Sync + 'static>: Send + Sync {
    fn at(&self) -> &At<E>;
}

impl<E: Send + Sync + 'static> ManagerAddress<E> for At<E> {
    fn at(&self) -> &At<E> {
        self
    }
}

enum At<E: Send + Sync + 'static> {
    Process(ServerRef<EventServer<E>>),
    Name(ServerName<EventServer<E>>),
}

impl<E: Send + Sync + 'static> EventManager<E> {
    /// Starts a manager without a link. It has no handlers.
    ///
    /// # OTP
    ///
    /// `gen_event:start/0`.
    ///
    /// # Cancel safety
    ///
    /// If this future is dropped while it waits, the manager starts nevertheless.
    ///
    /// # Errors
    ///
    /// [`StartError`]; without a node, [`StartError::Outside`].
    pub fn start() -> impl Future<Output = Result<Self, StartError>> + Send {
        Self::options().start()
    }

    /// Starts a manager that is linked with the current process, which is its parent. It has no handlers.
    ///
    /// # OTP
    ///
    /// `gen_event:start_link/0`.
    ///
    /// # Cancel safety
    ///
    /// If this future is dropped while it waits, the manager starts nevertheless, linked.
    ///
    /// # Errors
    ///
    /// [`StartError`]; outside of a process, [`StartError::Outside`].
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::event_manager::EventManager;
    /// use otp_core::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let alarms = EventManager::<&str>::start_link().await?;
    /// assert!(alarms.is_alive() && alarms.which_handlers().await?.is_empty());
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn start_link() -> impl Future<Output = Result<Self, StartError>> + Send {
        Self::options().start_link()
    }

    /// Options for a start: a name, a node, a limited mailbox.
    pub fn options() -> EventManagerOptions<E> {
        EventManagerOptions::new()
    }

    /// Addresses the manager that has this name, on the current node of the caller. [`on`](Self::on) selects another node.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::event_manager::EventManager;
    /// use otp_core::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// EventManager::<&str>::options().name("alarms").start_link().await?;
    /// let alarms = EventManager::<&str>::named("alarms");
    /// alarms.sync_notify("smoke").await?;
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn named(name: impl Into<Name>) -> Self {
        Self(Arc::new(At::Name(ServerName::new(name))))
    }

    /// Looks the manager's name up on this node, wherever it is used. A handle on one process stays as it is.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::Node;
    /// use otp_core::event_manager::EventManager;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let node = Node::new();
    /// EventManager::<&str>::options().name("alarms").on(&node).start().await.expect("the name is free");
    /// // Outside of processes the name needs a node.
    /// let alarms = EventManager::<&str>::named("alarms").on(&node);
    /// assert_eq!(alarms.sync_notify("smoke").await, Ok(()));
    /// # }
    /// ```
    #[must_use]
    pub fn on(self, node: &Node) -> Self {
        match self.0.at() {
            At::Name(name) => Self(Arc::new(At::Name(name.clone().on(node)))),
            At::Process(_) => self,
        }
    }

    /// The manager's process, if there is one. Of a manager that is addressed by name there is none outside of a process, unless a node
    /// was [entered](crate::Node::enter).
    #[must_use]
    pub fn pid(&self) -> Option<Pid> {
        sys::Server::find(self).ok().map(|server| server.pid())
    }

    /// Whether the manager lives. It is false as soon as its end is decided.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        sys::Server::find(self).is_ok_and(|server| server.is_alive())
    }

    /// Sends an event, and does not wait. It never fails: if there is no manager, the event is lost.
    ///
    /// # OTP
    ///
    /// `gen_event:notify/2`.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::event_manager::{EventManager, Handled};
    /// use otp_core::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().run_with(|mut mailbox: Mailbox<u32>| async move {
    /// let (numbers, me) = (EventManager::<u32>::start_link().await?, mailbox.me());
    /// numbers.add_fn("forward", move |n| { me.send(*n); Handled::Keep }).await?;
    /// numbers.notify(42);
    /// assert_eq!(mailbox.receive().await, 42);
    /// # Ok::<_, Stop>(())
    /// # }).await?.map_err(Stop::into_reason)
    /// # }
    /// ```
    pub fn notify(&self, event: E) {
        match self.0.at() {
            At::Process(server) => server.cast(event),
            At::Name(name) => name.cast(event),
        }
    }

    /// Sends an event, and waits until every handler has handled it. It waits without a limit, unless
    /// [`timeout`](Limited::timeout) sets one. A handler that fails over the event is no error.
    ///
    /// # OTP
    ///
    /// `gen_event:sync_notify/2`.
    ///
    /// # Cancel safety
    ///
    /// As for [`ServerRef::call`].
    ///
    /// # Errors
    ///
    /// [`CallError`]: there is no manager, or it has ended.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::event_manager::{EventManager, Handled};
    /// use otp_core::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().run_with(|mut mailbox: Mailbox<u32>| async move {
    /// let (numbers, me) = (EventManager::<u32>::start_link().await?, mailbox.me());
    /// numbers.add_fn("forward", move |n| { me.send(*n); Handled::Keep }).await?;
    /// numbers.sync_notify(42).await?;
    /// // Every handler has handled the event.
    /// assert_eq!(mailbox.len(), 1);
    /// # Ok::<_, Stop>(())
    /// # }).await?.map_err(Stop::into_reason)
    /// # }
    /// ```
    pub fn sync_notify(&self, event: E) -> Limited<impl Begin<Output = Result<(), CallError>>> {
        Limited::new(TimeLimit::Infinity, move |limit| {
            self.ask(limit, |from| Asked::Notify(event, from))
        })
    }

    /// Stops the manager with `Normal` and waits until it is dead. Earlier messages are handled first.
    ///
    /// # OTP
    ///
    /// `gen_event:stop/1`.
    ///
    /// # Cancel safety
    ///
    /// As for [`ServerRef::stop`].
    ///
    /// # Errors
    ///
    /// [`StopError`].
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::event_manager::EventManager;
    /// use otp_core::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let alarms = EventManager::<&str>::start().await?;
    /// alarms.stop().await?;
    /// assert!(!alarms.is_alive());
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn stop(&self) -> Limited<impl Begin<Output = Result<(), StopError>>> {
        self.stop_with(ExitReason::Normal)
    }

    /// As [`stop`](Self::stop), with another reason.
    ///
    /// # OTP
    ///
    /// `gen_event:stop/3`.
    ///
    /// # Cancel safety
    ///
    /// As for [`ServerRef::stop`].
    ///
    /// # Errors
    ///
    /// [`StopError`]; after a timeout the manager may still be stopping.
    pub fn stop_with(
        &self,
        reason: impl Into<ExitReason>,
    ) -> Limited<impl Begin<Output = Result<(), StopError>>> {
        let reason = reason.into();
        Limited::new(TimeLimit::Infinity, move |limit| {
            let stopped: Boxed<'_, _> = match self.0.at() {
                At::Process(server) => Box::pin(server.stop_with(reason).timeout(limit)),
                At::Name(name) => Box::pin(name.stop_with(reason).timeout(limit)),
            };
            stopped
        })
    }

    /// In a box, for the same reason.
    fn ask<'a, T: Send + 'static>(
        &'a self,
        limit: TimeLimit,
        asked: impl FnOnce(ReplyTo<T>) -> Asked<E> + Send + 'a,
    ) -> Boxed<'a, Result<T, CallError>> {
        let request = |from| ManagerRequest(asked(from));
        match self.0.at() {
            At::Process(server) => Box::pin(server.call(request).timeout(limit)),
            At::Name(name) => Box::pin(name.call(request).timeout(limit)),
        }
    }
}

impl<E: Send + Sync + 'static> sys::Server for EventManager<E> {
    type State = EventServer<E>;

    fn find(&self) -> Result<ServerRef<EventServer<E>>, CallError> {
        match self.0.at() {
            At::Process(server) => Ok(server.clone()),
            At::Name(name) => name.find(),
        }
    }

    fn address(&self) -> gen_server::Address {
        match self.0.at() {
            At::Process(server) => server.address(),
            At::Name(name) => name.address(),
        }
    }
}

/// A manager that was found in another way.
impl<E: Send + Sync + 'static> From<ServerRef<EventServer<E>>> for EventManager<E> {
    fn from(server: ServerRef<EventServer<E>>) -> Self {
        Self(Arc::new(At::Process(server)))
    }
}

/// A manager that is addressed by a name counts as the process that has the name now.
impl<E: Send + Sync + 'static> From<EventManager<E>> for Child {
    fn from(manager: EventManager<E>) -> Self {
        let server = sys::Server::find(&manager);
        server.map_or_else(|_| Self::ignore(), Into::into)
    }
}

impl<E: Send + Sync + 'static> From<&EventManager<E>> for Target {
    fn from(manager: &EventManager<E>) -> Self {
        match manager.0.at() {
            At::Process(server) => server.into(),
            At::Name(name) => name.into(),
        }
    }
}

impl<E: Send + Sync + 'static> From<EventManager<E>> for Target {
    fn from(manager: EventManager<E>) -> Self {
        (&manager).into()
    }
}

/// Two handles are equal if they address the same process, or the same name on the same node.
impl<E: Send + Sync + 'static> PartialEq for EventManager<E> {
    fn eq(&self, other: &Self) -> bool {
        match (self.0.at(), other.0.at()) {
            (At::Process(one), At::Process(other)) => one == other,
            (At::Name(one), At::Name(other)) => one == other,
            _ => false,
        }
    }
}

impl<E: Send + Sync + 'static> Eq for EventManager<E> {}

impl<E: Send + Sync + 'static> Hash for EventManager<E> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self.0.at() {
            At::Process(server) => server.hash(state),
            At::Name(name) => name.hash(state),
        }
    }
}

impl<E: Send + Sync + 'static> Clone for EventManager<E> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<E: Send + Sync + 'static> fmt::Debug for EventManager<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = sys::Server::address(self);
        write!(f, "EventManager<{}>({address})", type_name::<E>())
    }
}

// A panic leaves a handle unchanged.
impl<E: Send + Sync + 'static> UnwindSafe for EventManager<E> {}
impl<E: Send + Sync + 'static> RefUnwindSafe for EventManager<E> {}
