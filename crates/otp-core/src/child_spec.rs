//! Child specifications: how a supervisor starts, restarts and stops a child.
//!
//! A [`ChildSpec`] is a plain value. The process is started when a supervisor calls the start function.
//!
//! # Examples
//!
//! ```
//! use std::time::Duration;
//!
//! use otp_core::child_spec::{ChildSpec, Restart, Shutdown};
//! use otp_core::{process, Mailbox, Never};
//!
//! let spec = ChildSpec::worker("idler", || async {
//!     process::spawn_link(|_: Mailbox<Never>| std::future::pending::<()>())
//! })
//! .restart(Restart::Transient)
//! .shutdown(Shutdown::Within(Duration::from_secs(1)));
//! assert_eq!(spec.id().to_string(), "idler");
//! ```

mod child;
mod child_id;
mod settings;
mod start;

use std::any::Any;
use std::fmt;
use std::future::Future;
use std::sync::Arc;

pub use child::{Child, StartOutcome};
pub use child_id::ChildId;
pub use settings::{ChildType, Restart, Shutdown, Significance};
pub(crate) use start::Extra;
use start::StartFunction;

use crate::address::error::RegisterError;
use crate::exit::ExitReason;
use crate::gen_server::StartError;
use crate::name::Name;
use crate::pid::Pid;

/// How a supervisor starts, restarts and stops one child.
///
/// The default is a permanent child that is not significant. A worker has 5 s to end when it is
/// stopped, a supervisor as long as it needs.
///
/// # OTP
///
/// `supervisor:child_spec()`.
///
/// # Examples
///
/// ```
/// # use otp_core::prelude::*;
/// # struct Counter(u64);
/// # #[gen_server]
/// # impl GenServer for Counter {
/// #     type Args = u64;
/// #     type Call = ReplyTo<u64>;
/// #     type Cast = u64;
/// #     async fn init(first: u64, _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
/// #         Ok(Init::state(Self(first)))
/// #     }
/// #     async fn handle_call(&mut self, from: ReplyTo<u64>, _: &mut Context<Self>) -> Reply<Self> {
/// #         from.reply(self.0)
/// #     }
/// #     async fn handle_cast(&mut self, n: u64, _: &mut Context<Self>) -> Next<Self> {
/// #         self.0 += n;
/// #         Next::NoReply
/// #     }
/// # }
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let first = 40;
/// let spec = ChildSpec::worker("counter", move || Counter::options().name("counter").start_link(first));
/// Supervisor::new(Strategy::OneForOne).child(spec).start_link().await?;
/// assert_eq!(ServerName::<Counter>::new("counter").call(|from| from).await?, 40);
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Clone)]
#[must_use = "a specification does nothing until a supervisor has it"]
pub struct ChildSpec {
    id: ChildId,
    start: StartFunction,
    restart: Restart,
    shutdown: Shutdown,
    child_type: ChildType,
    significant: bool,
    /// Its start function can be called once.
    once: bool,
    normal_shutdown: bool,
    /// The child and its guard, of a child that is guarded.
    guarded: Option<Arc<dyn GuardedChild>>,
}

/// A child that a guard keeps, as its specification knows it.
pub(crate) trait GuardedChild: Any + Send + Sync {
    /// The child's own specification.
    fn spec(&self) -> &ChildSpec;

    /// The specification `guard` with this child in place of its former one.
    fn replace(&self, guard: ChildSpec, child: ChildSpec) -> ChildSpec;
}

impl ChildSpec {
    /// Specifies a worker.
    ///
    /// `start` is called in the supervisor's process, at each start and restart, and the supervisor waits for it. It
    /// must start a process that is linked with the supervisor, as every `start_link` and
    /// [`spawn_link`](crate::process::spawn_link) does: by the link the supervisor learns of its end. [`StartOutcome`]
    /// lists the values that it may return. A panic in it is a failed start.
    ///
    /// Each start needs values of its own, so `start` clones what it has captured:
    /// `move || Dave::start_link(text.clone())`. For a value that can be given only once, see [`once`](Self::once).
    ///
    /// # Examples
    ///
    /// ```
    /// # use otp_core::prelude::*;
    /// # struct Dave;
    /// # #[gen_server]
    /// # impl GenServer for Dave {
    /// #     type Args = &'static str;
    /// #     async fn init(_: &'static str, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
    /// #         Ok(Init::state(Self))
    /// #     }
    /// # }
    /// use otp_core::child_spec::ChildSpec;
    ///
    /// let spec = ChildSpec::worker("dave", || Dave::start_link("Mind the gap."));
    /// # drop(spec);
    /// ```
    #[expect(
        clippy::multiple_bound_locations,
        reason = "a bound on the first line is all that the compiler shows of the function"
    )]
    pub fn worker<F: Fn() -> O + Send + Sync + 'static, O: Future<Output: StartOutcome>>(
        id: impl Into<ChildId>,
        start: F,
    ) -> Self
    where
        O: Send + 'static,
    {
        Self::new(id.into(), StartFunction::new(start), ChildType::Worker)
    }

    /// Specifies a temporary worker that is started once, by a `FnOnce`. So its start function can move values that
    /// cannot be cloned, such as a socket or the end of a channel. A second start fails: a requested restart, or a
    /// start of a copy of this specification. So it must stay temporary: a supervisor refuses another
    /// [`restart`](Self::restart) with [`SpecError::OnceRestarted`](crate::supervisor::SpecError::OnceRestarted). A
    /// [guard](crate::guard) does not start it again either, if its start has failed.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    /// use otp_core::process;
    /// use tokio::sync::oneshot;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// # Node::new().try_run(async {
    /// let connections = DynamicSupervisor::new().start_link().await?;
    /// let (socket, peer) = oneshot::channel();
    /// let connection = ChildSpec::once("connection", move || async move {
    ///     process::spawn_link(move |_: Mailbox<Never>| async move {
    ///         socket.send("hello").expect("the peer listens");
    ///     })
    /// });
    /// connections.start_child(connection).await?;
    /// assert_eq!(peer.await, Ok("hello"));
    /// # Ok(())
    /// # }).await.expect("nothing fails");
    /// # }
    /// ```
    pub fn once<F, O>(id: impl Into<ChildId>, start: F) -> Self
    where
        F: FnOnce() -> O + Send + 'static,
        O: Future<Output: StartOutcome> + Send + 'static,
    {
        Self {
            once: true,
            restart: Restart::Temporary,
            ..Self::new(id.into(), StartFunction::once(start), ChildType::Worker)
        }
    }

    /// Specifies a worker whose start function also gets the extra arguments that its
    /// [`DynamicSupervisor`](crate::DynamicSupervisor) was given for all of its children. Under a
    /// supervisor without extra arguments of this type the start fails.
    pub fn worker_with<E, F, O>(id: impl Into<ChildId>, start: F) -> Self
    where
        E: Clone + Send + Sync + 'static,
        F: Fn(E) -> O + Send + Sync + 'static,
        O: Future<Output: StartOutcome> + Send + 'static,
    {
        Self::new(id.into(), StartFunction::with(start), ChildType::Worker)
    }

    /// Specifies a child that is a supervisor; see [`worker`](Self::worker) for `start`.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::child_spec::ChildType;
    /// use otp_core::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let inner = ChildSpec::supervisor("inner", || Supervisor::new(Strategy::OneForOne).start_link());
    /// // By default a supervisor has any time to stop its children.
    /// assert_eq!((inner.child_type(), inner.shutdown_value()), (ChildType::Supervisor, Shutdown::Infinity));
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    #[expect(
        clippy::multiple_bound_locations,
        reason = "a bound on the first line is all that the compiler shows of the function"
    )]
    pub fn supervisor<F: Fn() -> O + Send + Sync + 'static, O: Future<Output: StartOutcome>>(
        id: impl Into<ChildId>,
        start: F,
    ) -> Self
    where
        O: Send + 'static,
    {
        Self::new(id.into(), StartFunction::new(start), ChildType::Supervisor)
            .shutdown(Shutdown::Infinity)
    }

    /// A worker whose start function gets the shutdown value, for a child that keeps its time limit itself.
    pub(crate) fn worker_told<F, O>(id: ChildId, start: F) -> Self
    where
        F: Fn(Shutdown) -> O + Send + Sync + 'static,
        O: Future<Output: StartOutcome> + Send + 'static,
    {
        Self::new(id, StartFunction::told(start), ChildType::Worker)
    }

    /// A supervisor whose start function gets what its own supervisor has as extra arguments, to pass it on.
    pub(crate) fn supervisor_around<F, O>(id: ChildId, start: F) -> Self
    where
        F: Fn(Option<Extra>) -> O + Send + Sync + 'static,
        O: Future<Output: StartOutcome> + Send + 'static,
    {
        Self::new(id, StartFunction::around(start), ChildType::Supervisor)
    }

    fn new(id: ChildId, start: StartFunction, child_type: ChildType) -> Self {
        Self {
            id,
            start,
            restart: Restart::default(),
            shutdown: Shutdown::DEFAULT,
            child_type,
            significant: false,
            once: false,
            normal_shutdown: false,
            guarded: None,
        }
    }

    /// Sets another id.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::Agent;
    /// use otp_core::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let shelf = ChildSpec::worker("shelf", || Agent::start_link(|| 0));
    /// let shelves = [shelf.clone().with_id("left"), shelf.with_id("right")];
    /// let tree = Supervisor::new(Strategy::OneForOne).children(shelves).start_link().await?;
    /// assert_eq!(tree.count_children().await?.active, 2);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn with_id(self, id: impl Into<ChildId>) -> Self {
        Self {
            id: id.into(),
            ..self
        }
    }

    /// Sets when the child is started again: [`Restart::Permanent`] by default.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    /// use otp_core::process;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let once = || async { process::spawn_link(|_: Mailbox<Never>| async {}) };
    /// let once = ChildSpec::worker("once", once).restart(Restart::Temporary);
    /// let tree = Supervisor::new(Strategy::OneForOne).child(once).start_link().await?;
    /// tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    /// assert_eq!(tree.count_children().await?.specs, 0, "it has ended, and is forgotten");
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn restart(self, restart: Restart) -> Self {
        Self { restart, ..self }
    }

    /// Sets how the child is stopped: by default within 5 s for a worker, [`Shutdown::Infinity`] for a supervisor. The
    /// [guard](crate::guard) of a child keeps this limit, and the supervisor waits for the guard.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use otp_core::Agent;
    /// use otp_core::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let log = ChildSpec::worker("log", || Agent::start_link(|| 0)).shutdown(Shutdown::Within(Duration::from_secs(30)));
    /// assert_eq!(log.shutdown_value(), Shutdown::Within(Duration::from_secs(30)));
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn shutdown(self, shutdown: Shutdown) -> Self {
        if let Some(kept) = self.guarded.clone() {
            let child = kept.spec().clone().shutdown(shutdown);
            return kept.replace(self, child);
        }
        Self { shutdown, ..self }
    }

    /// Sets whether the child's end may end the supervisor: [`Significance::Significant`], or `true`. This needs a
    /// supervisor with an [`AutoShutdown`](crate::supervisor::AutoShutdown). By default the end has no such effect. A
    /// permanent child cannot be significant.
    pub fn significant(self, significance: impl Into<Significance>) -> Self {
        Self {
            significant: significance.into() == Significance::Significant,
            ..self
        }
    }

    /// Lets an end with `Normal` count as one with `Shutdown` when the supervisor stops the child; off by default. It
    /// matters for permanent children: an end with `Normal` is reported otherwise, see [`Shutdown`]. It has no effect
    /// on restarts.
    ///
    /// # Differences from OTP
    ///
    /// OTP has no such key.
    ///
    /// # Examples
    ///
    /// A web server of axum with a graceful shutdown ends with `Normal`.
    ///
    /// ```
    /// use otp_core::child_spec::ChildSpec;
    /// use otp_core::{Mailbox, process};
    ///
    /// async fn serve(shutdown: impl Future<Output = ()>) {
    ///     // axum::serve(listener, router).with_graceful_shutdown(shutdown).await
    ///     shutdown.await
    /// }
    ///
    /// let http = ChildSpec::worker("http", || async {
    ///     process::spawn_link(|mut mailbox: Mailbox<()>| async move {
    ///         mailbox.trap_exit(|_| ());
    ///         serve(async move { mailbox.receive().await }).await
    ///     })
    /// })
    /// .allow_normal_shutdown(true);
    /// # drop(http);
    /// ```
    pub fn allow_normal_shutdown(self, allow: bool) -> Self {
        if let Some(kept) = self.guarded.clone() {
            let child = kept.spec().clone().allow_normal_shutdown(allow);
            return kept.replace(self, child);
        }
        Self {
            normal_shutdown: allow,
            ..self
        }
    }

    /// The child's id.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::Agent;
    /// use otp_core::prelude::*;
    ///
    /// let log = ChildSpec::worker("log", || Agent::start_link(|| 0));
    /// assert_eq!(*log.id(), "log".into());
    /// ```
    #[must_use]
    pub fn id(&self) -> &ChildId {
        &self.id
    }

    /// When it is started again.
    #[must_use]
    pub fn restart_type(&self) -> Restart {
        self.restart
    }

    /// How it is stopped; if it is guarded, by its guard.
    #[must_use]
    pub fn shutdown_value(&self) -> Shutdown {
        self.child().shutdown
    }

    /// Whether it is specified as a supervisor.
    #[must_use]
    pub fn child_type(&self) -> ChildType {
        self.child_type
    }

    /// Whether its end may end the supervisor.
    #[must_use]
    pub fn is_significant(&self) -> bool {
        self.significant
    }

    /// Whether an end with `Normal` counts as one with `Shutdown` when the supervisor stops the child.
    #[must_use]
    pub fn allows_normal_shutdown(&self) -> bool {
        self.child().normal_shutdown
    }

    /// The child itself, without a guard.
    fn child(&self) -> &Self {
        self.guarded.as_ref().map_or(self, |kept| kept.spec())
    }

    /// How the supervisor stops its process, which may be a guard.
    pub(crate) fn own_shutdown(&self) -> Shutdown {
        self.shutdown
    }

    /// Whether its start function can be called once.
    pub(crate) fn starts_once(&self) -> bool {
        self.once
    }

    /// Whether it is neither significant nor started once: then its supervisor has nothing to check.
    pub(crate) fn is_plain(&self) -> bool {
        !(self.significant | self.once)
    }

    /// The place of the start function in the sources: its name or, for a closure, the name of the function
    /// around it.
    #[must_use]
    pub fn start_call(&self) -> &'static str {
        self.start.name().trim_end_matches("::{{closure}}")
    }

    /// Calls `look` with the result of each start: that of the guard, if there is one.
    pub(crate) fn after_own_start(self, look: impl Fn(&Child) + Send + Sync + 'static) -> Self {
        Self {
            start: self
                .start
                .map(move |started| started.inspect(|child| look(child))),
            ..self
        }
    }

    /// The same child, with the start function of the other one.
    pub(crate) fn started_as(self, other: Self) -> Self {
        Self {
            start: other.start,
            ..self
        }
    }

    /// The specification of a guard of this child, whose end the supervisor awaits without a limit: the guard keeps the
    /// child's limit, and a child that blocks its thread must have ended before the supervisor continues.
    pub(crate) fn guarding(self, kept: impl GuardedChild) -> Self {
        let child = kept.spec();
        Self {
            shutdown: Shutdown::Infinity,
            once: child.once,
            normal_shutdown: true,
            guarded: Some(Arc::new(kept)),
            ..self
        }
    }

    pub(crate) fn guarded_with<T: GuardedChild>(&self) -> Option<Arc<T>> {
        let kept: Arc<dyn Any + Send + Sync> = self.guarded.clone()?;
        kept.downcast().ok()
    }

    /// The same child, without a guard. If this name of it is taken, its start has not failed.
    pub(crate) fn unless_started(self, name: &Name) -> Self {
        let name = name.clone();
        let start = self.start.map(move |started| match started {
            Err(reason) => {
                let taken = AlreadyStarted::of(&reason, &name);
                taken.map(Child::from).ok_or(reason)
            }
            started => started,
        });
        Self { start, ..self }
    }

    /// Runs the start function. `check` may change what it returns.
    pub(crate) fn start(
        &self,
        extra: Option<&Extra>,
        check: impl FnOnce(Child) -> Result<Child, ExitReason> + Send,
    ) -> impl Future<Output = Result<Child, ExitReason>> + Send {
        self.start.call(extra, self.shutdown, check)
    }

    pub(crate) fn is_temporary(&self) -> bool {
        self.restart == Restart::Temporary
    }

    /// Whether a child that ended for this reason must be restarted.
    pub(crate) fn restarts_after(&self, reason: &ExitReason) -> bool {
        match self.restart {
            Restart::Permanent => true,
            Restart::Transient => reason.is_abnormal(),
            Restart::Temporary => false,
        }
    }

    /// Whether this reason is a regular end for a child that was stopped.
    pub(crate) fn stops_well_with(&self, reason: &ExitReason) -> bool {
        let permanent = self.restart == Restart::Permanent;
        match (self.shutdown, reason) {
            (Shutdown::BrutalKill, ExitReason::Killed) => true,
            (Shutdown::Within(_) | Shutdown::Infinity, ExitReason::Shutdown) => true,
            (_, ExitReason::Normal) if self.normal_shutdown => true,
            _ => !permanent && !reason.is_abnormal(),
        }
    }
}

/// The mark of an ignored child whose name was taken, by this process.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AlreadyStarted(pub(crate) Pid);

impl AlreadyStarted {
    /// If that is why the start of a child with this name has failed.
    pub(crate) fn of(reason: &ExitReason, name: &Name) -> Option<Self> {
        if let Some(StartError::AlreadyStarted(pid)) = reason.downcast_error() {
            return Some(Self(*pid));
        }
        match reason.downcast_error() {
            // A server that takes its name itself.
            Some(RegisterError::NameTaken { name: taken, pid }) if taken == name => {
                Some(Self(*pid))
            }
            _ => None,
        }
    }
}

impl From<AlreadyStarted> for Child {
    fn from(mark: AlreadyStarted) -> Self {
        Self::ignore().with_extra(mark)
    }
}

impl fmt::Debug for ChildSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChildSpec")
            .field("id", &self.id)
            .field("start", &self.start_call())
            .field("restart", &self.restart)
            .field("shutdown", &self.shutdown_value())
            .field("type", &self.child_type)
            .field("significant", &self.significant)
            .field("allow_normal_shutdown", &self.allows_normal_shutdown())
            .finish()
    }
}
