//! What a manager's users hold.

use std::any::type_name;
use std::fmt;
use std::future::Future;
use std::hash::{Hash, Hasher};
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::Arc;

use super::erased::Boxed;
use super::error::{AddError, DeleteError, HandlerCallError};
use super::handler::{EventHandler, FnArgs, FnHandler, HandleCall, Handled, HandlerExit};
use super::id::{HandlerId, HandlerName};
use super::options::EventManagerOptions;
use super::server::{Asked, EventServer, Request};
use super::work::{self, Fault};
use crate::child_spec::Child;
use crate::exit::ExitReason;
use crate::gen_server::{
    self, Begin, CallError, Limited, ReplyTo, ServerName, ServerRef, StartError, StopError,
};
use crate::name::Name;
use crate::pid::Pid;
use crate::process::Target;
use crate::recipient::Recipient;
use crate::sys;
use crate::time_limit::TimeLimit;

/// A reference to an event manager whose events are `E`s.
///
/// What [`start`](Self::start) and [`start_link`](Self::start_link) return addresses that very process; [`named`](Self::named)
/// addresses the manager that has the name, looked up at each use. Events, calls and changes of handlers by one process are handled
/// in the order sent.
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
pub struct EventManager<E: Send + Sync + 'static>(Arc<dyn Address<E>>);

/// What a reference to a manager addresses.
///
/// As an object, since the compiler cannot see by itself that a reference to a server that is generic over `E` can be sent to another
/// thread if there is a `&'static str` in the `E`.
trait Address<E: Send + Sync + 'static>: Send + Sync {
    fn at(&self) -> &At<E>;
}

impl<E: Send + Sync + 'static> Address<E> for At<E> {
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
    /// # Errors
    ///
    /// [`StartError`].
    ///
    /// # Panics
    ///
    /// The future panics outside of a process.
    pub fn start() -> impl Future<Output = Result<Self, StartError>> + Send {
        Self::options().start()
    }

    /// Starts a manager that is linked with the current process, which is its parent. It has no handlers.
    ///
    /// # OTP
    ///
    /// `gen_event:start_link/0`.
    ///
    /// # Errors
    ///
    /// [`StartError`].
    ///
    /// # Panics
    ///
    /// The future panics outside of a process.
    pub fn start_link() -> impl Future<Output = Result<Self, StartError>> + Send {
        Self::options().start_link()
    }

    /// Options for a start: a name, a node, a limited mailbox.
    pub fn options() -> EventManagerOptions<E> {
        EventManagerOptions::new()
    }

    /// Addresses the manager that has this name, on the current node of the caller.
    pub fn named(name: impl Into<Name>) -> Self {
        Self(Arc::new(At::Name(ServerName::new(name))))
    }

    /// The manager's process, if there is one.
    ///
    /// # Panics
    ///
    /// Panics outside of a process if the manager is addressed by name, as everything here.
    #[must_use]
    pub fn pid(&self) -> Option<Pid> {
        match self.0.at() {
            At::Process(server) => Some(server.pid()),
            At::Name(name) => name.whereis().map(|server| server.pid()),
        }
    }

    /// Whether the manager lives. One whose end is decided does not.
    ///
    /// # Panics
    ///
    /// As for [`pid`](Self::pid).
    #[must_use]
    pub fn is_alive(&self) -> bool {
        match self.0.at() {
            At::Process(server) => server.is_alive(),
            At::Name(name) => name.whereis().is_some(),
        }
    }

    /// Tells of an event, and does not wait. It never fails: if there is no manager, the event is lost.
    ///
    /// # OTP
    ///
    /// `gen_event:notify/2`.
    pub fn notify(&self, event: E) {
        match self.0.at() {
            At::Process(server) => server.cast(event),
            At::Name(name) => name.cast(event),
        }
    }

    /// Tells of an event, and waits until every handler has seen it: for as long as that takes, unless
    /// [`timeout`](Limited::timeout) sets a limit. That a handler fails over the event is no error.
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
    pub fn sync_notify(&self, event: E) -> Limited<impl Begin<Output = Result<(), CallError>>> {
        Limited::new(TimeLimit::Infinity, move |limit| {
            self.ask(limit, |from| Asked::Notify(event, from))
        })
    }

    /// Adds a handler, which sees each event before those that are there already. Its [`init`](EventHandler::init) runs in the
    /// manager and gets `args`.
    ///
    /// # OTP
    ///
    /// `gen_event:add_handler/3`.
    ///
    /// # Cancel safety
    ///
    /// Dropped after its first poll it no longer waits; the handler may be added nevertheless.
    ///
    /// # Errors
    ///
    /// [`AddError`].
    pub fn add_handler<H: EventHandler<E>>(
        &self,
        id: impl Into<HandlerId<H>>,
        args: H::Args,
    ) -> Limited<impl Begin<Output = Result<(), AddError>>> {
        self.change(work::add(id.into(), None, args))
    }

    /// Adds a function as a handler. It returns the handler's id.
    ///
    /// # Cancel safety
    ///
    /// As for [`add_handler`](Self::add_handler).
    ///
    /// # Errors
    ///
    /// [`AddError`].
    pub fn add_fn(
        &self,
        text: impl Into<std::borrow::Cow<'static, str>>,
        function: impl FnMut(&E) -> Handled<E> + Send + 'static,
    ) -> Limited<impl Begin<Output = Result<HandlerId<FnHandler<E>>, AddError>>> {
        let id = HandlerId::<FnHandler<E>>::named(text);
        let added = self.add_handler(id.clone(), FnArgs(Box::new(function)));
        Limited::new(TimeLimit::Infinity, |limit| async move {
            added.timeout(limit).await.map(|()| id)
        })
    }

    /// Adds a handler for a process, its owner, and links the two. When the owner ends, for whatever reason, the handler is
    /// removed. When the handler goes in another way, the owner is told, by a message that [`Recipient::map`] makes one of its own, by the
    /// [rule for such functions](Recipient::map#functions-that-make-messages).
    ///
    /// # OTP
    ///
    /// `gen_event:add_sup_handler/3`.
    ///
    /// # Cancel safety
    ///
    /// As for [`add_handler`](Self::add_handler).
    ///
    /// # Errors
    ///
    /// [`AddError`].
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::event_manager::{EventHandler, EventManager, Handled, HandlerExit, HandlerGone, HandlerId, ManagerContext};
    /// use otp_core::Recipient;
    /// use otp_core::prelude::*;
    ///
    /// struct Once;
    ///
    /// impl EventHandler<u32> for Once {
    ///     type Args = ();
    ///
    ///     async fn init((): (), _: &mut ManagerContext<u32>) -> Result<Self, Stop> {
    ///         Ok(Self)
    ///     }
    ///
    ///     async fn handle_event(&mut self, _: &u32, _: &mut ManagerContext<u32>) -> Handled<u32> {
    ///         Handled::Remove
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// # Node::new().run_with(|mut mailbox: Mailbox<HandlerExit>| async move {
    /// let manager = EventManager::<u32>::start_link().await?;
    /// let me = Recipient::from(&mailbox.me());
    /// manager.add_sup_handler(HandlerId::<Once>::new(), me, ()).await?;
    /// manager.notify(1);
    /// let exit = mailbox.receive().await;
    /// assert_eq!(exit.why, HandlerGone::Ended(ExitReason::Normal));
    /// # Ok::<_, Stop>(())
    /// # }).await.expect("the example does not crash").expect("the manager lives");
    /// # }
    /// ```
    pub fn add_sup_handler<H: EventHandler<E>>(
        &self,
        id: impl Into<HandlerId<H>>,
        owner: impl Into<Recipient<HandlerExit>>,
        args: H::Args,
    ) -> Limited<impl Begin<Output = Result<(), AddError>>> {
        self.change(work::add(id.into(), Some(owner.into()), args))
    }

    /// Deletes a handler, whose [`terminate`](EventHandler::terminate) runs, and returns it.
    ///
    /// # OTP
    ///
    /// `gen_event:delete_handler/3`.
    ///
    /// # Cancel safety
    ///
    /// Dropped after its first poll it no longer waits; the handler goes nevertheless.
    ///
    /// # Errors
    ///
    /// [`DeleteError`].
    pub fn delete_handler<H: EventHandler<E>>(
        &self,
        id: impl Into<HandlerId<H>>,
    ) -> Limited<impl Begin<Output = Result<H, DeleteError>>> {
        self.change(work::delete(id.into()))
    }

    /// Puts a handler in the place of another one, with no event in between: the old one's [`terminate`](EventHandler::terminate)
    /// runs, `args` makes the arguments of the new one of it, and the new one's [`init`](EventHandler::init) runs. If the old one is
    /// not there, `args` gets `None`. An owner of the old one is the owner of the new one.
    ///
    /// # OTP
    ///
    /// `gen_event:swap_handler/3`.
    ///
    /// # Cancel safety
    ///
    /// Dropped after its first poll it no longer waits; the swap takes place nevertheless.
    ///
    /// # Errors
    ///
    /// [`AddError`]; if the new one cannot be added, as `args` or its `init` fail, the old one is gone.
    pub fn swap_handler<Old: EventHandler<E>, New: EventHandler<E>>(
        &self,
        old: impl Into<HandlerId<Old>>,
        new: impl Into<HandlerId<New>>,
        args: impl FnOnce(Option<Old>) -> New::Args + Send + 'static,
    ) -> Limited<impl Begin<Output = Result<(), AddError>>> {
        self.change(work::swap((old.into(), new.into()), None, args))
    }

    /// As [`swap_handler`](Self::swap_handler), for a new owner of the new handler.
    ///
    /// # OTP
    ///
    /// `gen_event:swap_sup_handler/3`.
    ///
    /// # Cancel safety
    ///
    /// As for [`swap_handler`](Self::swap_handler).
    ///
    /// # Errors
    ///
    /// As for [`swap_handler`](Self::swap_handler).
    pub fn swap_sup_handler<Old: EventHandler<E>, New: EventHandler<E>>(
        &self,
        old: impl Into<HandlerId<Old>>,
        new: impl Into<HandlerId<New>>,
        owner: impl Into<Recipient<HandlerExit>>,
        args: impl FnOnce(Option<Old>) -> New::Args + Send + 'static,
    ) -> Limited<impl Begin<Output = Result<(), AddError>>> {
        self.change(work::swap(
            (old.into(), new.into()),
            Some(owner.into()),
            args,
        ))
    }

    /// Calls one handler, and returns its answer. It waits for at most 5 s, or for as long as [`timeout`](Limited::timeout) says.
    ///
    /// # OTP
    ///
    /// `gen_event:call/3,4`.
    ///
    /// # Cancel safety
    ///
    /// As for [`ServerRef::call`].
    ///
    /// # Errors
    ///
    /// [`HandlerCallError`]. If the handler fails over the call, the manager goes on without it.
    pub fn call<H: HandleCall<E>, T: Send + 'static>(
        &self,
        id: impl Into<HandlerId<H>>,
        request: impl FnOnce(ReplyTo<T>) -> H::Call + Send,
    ) -> Limited<impl Begin<Output = Result<T, HandlerCallError>>> {
        let id = id.into();
        Limited::new(TimeLimit::DEFAULT, move |limit| async move {
            let fault = Fault::default();
            let answer = self.ask(limit, |from| {
                Asked::Do(work::call(id, request(from), fault.clone()))
            });
            let answer = answer.await;
            answer.map_err(|error| fault.take().unwrap_or(error.into()))
        })
    }

    /// Sends a call to one handler without waiting for the answer. That there is no such handler, or that it fails, shows as
    /// [`CallError::ReplyDropped`] when the answer is waited for.
    ///
    /// # OTP
    ///
    /// `gen_event:send_request/3`.
    pub fn send_request<H: HandleCall<E>, T: Send + 'static>(
        &self,
        id: impl Into<HandlerId<H>>,
        request: impl FnOnce(ReplyTo<T>) -> H::Call,
    ) -> gen_server::Request<EventServer<E>, T> {
        let id = id.into();
        let request = |from| {
            let work = work::call(id, request(from), Fault::default());
            Request(Asked::Do(work))
        };
        match self.0.at() {
            At::Process(server) => server.send_request(request),
            At::Name(name) => name.send_request(request),
        }
    }

    /// The ids of the handlers, in the order in which they see events. It waits for at most 5 s, or for as long as
    /// [`timeout`](Limited::timeout) says.
    ///
    /// # OTP
    ///
    /// `gen_event:which_handlers/1`.
    ///
    /// # Cancel safety
    ///
    /// As for [`ServerRef::call`].
    ///
    /// # Errors
    ///
    /// [`CallError`].
    pub fn which_handlers(
        &self,
    ) -> Limited<impl Begin<Output = Result<Vec<HandlerName>, CallError>>> {
        Limited::new(TimeLimit::DEFAULT, |limit| self.ask(limit, Asked::Which))
    }

    /// Stops the manager with `Normal` and waits until it is dead. What was sent before is handled first.
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

    /// A change of the handlers, of which the manager tells when it is done. OTP waits for it without a limit.
    fn change<T: Send + 'static, R: From<CallError> + Send + 'static>(
        &self,
        work: impl FnOnce(ReplyTo<Result<T, R>>) -> Asked<E> + Send,
    ) -> Limited<impl Begin<Output = Result<T, R>>> {
        Limited::new(TimeLimit::Infinity, move |limit| async move {
            self.ask(limit, work).await?
        })
    }

    /// In a box, for the same reason.
    fn ask<'a, T: Send + 'static>(
        &'a self,
        limit: TimeLimit,
        asked: impl FnOnce(ReplyTo<T>) -> Asked<E> + Send + 'a,
    ) -> Boxed<'a, Result<T, CallError>> {
        let request = |from| Request(asked(from));
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
        match manager.0.at() {
            At::Process(server) => server.clone().into(),
            At::Name(name) => name.whereis().map_or_else(Self::ignore, Into::into),
        }
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

/// Equal are those that address the same process, or the same name on the same node.
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

// A panic leaves it as it was, as it does every handle.
impl<E: Send + Sync + 'static> UnwindSafe for EventManager<E> {}
impl<E: Send + Sync + 'static> RefUnwindSafe for EventManager<E> {}
