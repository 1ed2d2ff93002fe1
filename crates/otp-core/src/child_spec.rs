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
mod start;

use std::fmt;
use std::future::Future;
use std::time::Duration;

pub use child::{Child, StartOutcome};
pub use child_id::ChildId;
pub(crate) use start::Extra;
use start::StartFunction;

use crate::exit::ExitReason;
use crate::gen_server::StartError;

/// When a child that has ended is started again.
///
/// # OTP
///
/// `restart`.
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
/// let spec = ChildSpec::worker("counter", || Counter::start_link(0)).restart(Restart::Transient);
/// let supervisor = Supervisor::new(Strategy::OneForOne).child(spec).start_link().await?;
/// let pid = supervisor.which_child("counter").await?.and_then(|child| child.pid());
/// otp_core::process::exit(pid.expect("it runs"), ExitReason::Shutdown);
/// # while supervisor.count_children().await?.active == 1 { tokio::task::yield_now().await; }
/// assert_eq!(supervisor.count_children().await?.active, 0, "an orderly end is no reason to start it again");
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Restart {
    /// Always; the default.
    #[default]
    Permanent,
    /// After an abnormal end only: any reason but `Normal`, `Shutdown` and `ShutdownWith`. Being killed
    /// is abnormal.
    Transient,
    /// Never. Its specification is forgotten when it ends.
    Temporary,
}

/// How a supervisor stops a child.
///
/// A child that gets an exit signal from its supervisor should end with `Shutdown`. Another reason is reported as an
/// error, `shutdown_error`. For a permanent child this includes `Normal`, as in OTP. So a permanent child whose future
/// returns normally when it is stopped causes a report at each deployment. There are two ways to avoid it: let the body
/// of the process return [`ExitReason::Shutdown`], or set [`ChildSpec::allow_normal_shutdown`].
///
/// # OTP
///
/// `shutdown`.
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
/// use std::time::Duration;
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let spec = ChildSpec::worker("counter", || Counter::start_link(0))
///     .shutdown(Shutdown::Within(Duration::from_secs(30)));
/// let supervisor = Supervisor::new(Strategy::OneForOne).child(spec).start_link().await?;
/// supervisor.stop().await?;
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shutdown {
    /// By a kill, at once; OTP's `brutal_kill`.
    BrutalKill,
    /// By an exit signal `Shutdown`, and by a kill if it has not ended within this time. With a time of zero the kill
    /// follows the signal at once.
    Within(Duration),
    /// By an exit signal `Shutdown`. The supervisor then waits without a limit.
    Infinity,
}

impl Shutdown {
    /// The default for a worker: 5 s.
    pub const DEFAULT: Self = Self::Within(Duration::from_secs(5));
}

/// Whether a child is a supervisor itself. The supervisor does not check it; only counts show it.
///
/// # OTP
///
/// `type`.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::child_spec::ChildType;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let worker = ChildSpec::worker(1, || otp_core::Agent::start_link(|| ()));
/// let supervisor = ChildSpec::supervisor(2, || Supervisor::new(Strategy::OneForOne).start_link());
/// assert_eq!(worker.child_type(), ChildType::Worker);
/// assert_eq!(supervisor.child_type(), ChildType::Supervisor);
/// let tree = Supervisor::new(Strategy::OneForOne).children([worker, supervisor]).start_link().await?;
/// assert_eq!(tree.count_children().await?.supervisors, 1);
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChildType {
    /// Anything that does the work.
    Worker,
    /// A supervisor.
    Supervisor,
}

/// Whether the end of a child may end its supervisor: see [`ChildSpec::significant`].
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::child_spec::Significance;
/// use otp_core::supervisor::AutoShutdown;
/// use otp_core::process;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// // A job, and what it needs: when the job is done the supervisor stops the rest.
/// let job = ChildSpec::worker("job", || async { process::spawn_link(|_: Mailbox<()>| async {}) })
///     .restart(Restart::Transient)
///     .significant(Significance::Significant);
/// let cache = ChildSpec::worker("cache", || otp_core::Agent::start_link(Vec::<u8>::new));
/// let tree = Supervisor::new(Strategy::RestForOne)
///     .auto_shutdown(AutoShutdown::AnySignificant)
///     .children([cache, job])
///     .start()
///     .await?;
/// assert_eq!(tree.wait().await, ExitReason::Shutdown);
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Significance {
    /// It may, as the supervisor's [`AutoShutdown`](crate::supervisor::AutoShutdown) says.
    Significant,
    /// It may not.
    #[default]
    Ordinary,
}

/// The value of OTP's key `significant`.
impl From<bool> for Significance {
    fn from(significant: bool) -> Self {
        match significant {
            true => Self::Significant,
            false => Self::Ordinary,
        }
    }
}

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
    normal_shutdown: bool,
}

impl ChildSpec {
    /// Specifies a worker.
    ///
    /// `start` is called in the supervisor's process, at each start and restart, and the supervisor waits for it. It
    /// must start a process that is linked with the supervisor, as every `start_link` and
    /// [`spawn_link`](crate::process::spawn_link) does: by the link the supervisor learns of its end. [`StartOutcome`]
    /// lists the values that it may return. A panic in it is a failed start.
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
    pub fn worker<F, O>(id: impl Into<ChildId>, start: F) -> Self
    where
        F: Fn() -> O + Send + Sync + 'static,
        O: Future<Output: StartOutcome> + Send + 'static,
    {
        Self::new(id.into(), StartFunction::new(start), ChildType::Worker)
    }

    /// Specifies a temporary worker that is started once, by a `FnOnce`. So its start function can move values that
    /// cannot be cloned, such as a socket or the end of a channel. A second start fails: a requested restart, or a
    /// start of a copy of this specification.
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
        Self::new(id.into(), StartFunction::once(start), ChildType::Worker)
            .restart(Restart::Temporary)
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
    pub fn supervisor<F, O>(id: impl Into<ChildId>, start: F) -> Self
    where
        F: Fn() -> O + Send + Sync + 'static,
        O: Future<Output: StartOutcome> + Send + 'static,
    {
        Self::new(id.into(), StartFunction::new(start), ChildType::Supervisor)
            .shutdown(Shutdown::Infinity)
    }

    /// A worker whose start function gets the shutdown value, for a child that keeps its time itself.
    pub(crate) fn worker_told<F, O>(id: ChildId, start: F) -> Self
    where
        F: Fn(Shutdown) -> O + Send + Sync + 'static,
        O: Future<Output: StartOutcome> + Send + 'static,
    {
        Self::new(id, StartFunction::told(start), ChildType::Worker)
    }

    fn new(id: ChildId, start: StartFunction, child_type: ChildType) -> Self {
        Self {
            id,
            start,
            restart: Restart::default(),
            shutdown: Shutdown::DEFAULT,
            child_type,
            significant: false,
            normal_shutdown: false,
        }
    }

    /// Gives it another id.
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

    /// When it is started again; [`Restart::Permanent`] by default.
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

    /// How it is stopped; by default within 5 s for a worker, [`Shutdown::Infinity`] for a supervisor.
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
        Self { shutdown, ..self }
    }

    /// Whether its end may end the supervisor ([`Significance::Significant`], or `true`), if that has an
    /// [`AutoShutdown`](crate::supervisor::AutoShutdown); not by default. A permanent child cannot be
    /// significant.
    pub fn significant(self, significance: impl Into<Significance>) -> Self {
        Self {
            significant: significance.into() == Significance::Significant,
            ..self
        }
    }

    /// Whether an end with `Normal` counts as one with `Shutdown` when the supervisor stops the child; off by default.
    /// It matters for permanent children: an end with `Normal` is reported otherwise, see [`Shutdown`]. It has no
    /// effect on restarts.
    ///
    /// # Differences from OTP
    ///
    /// OTP has no such key.
    ///
    /// # Examples
    ///
    /// An HTTP server of axum's with a graceful shutdown ends so.
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

    /// How it is stopped.
    #[must_use]
    pub fn shutdown_value(&self) -> Shutdown {
        self.shutdown
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
        self.normal_shutdown
    }

    /// The place of the start function in the sources: its name or, for a closure, the name of the function
    /// around it.
    #[must_use]
    pub fn start_call(&self) -> &'static str {
        self.start.name().trim_end_matches("::{{closure}}")
    }

    /// Calls `look` with the result of each start.
    pub(crate) fn after_start(self, look: impl Fn(&Child) + Send + Sync + 'static) -> Self {
        Self {
            start: self
                .start
                .map(move |started| started.inspect(|child| look(child))),
            ..self
        }
    }

    /// The same child; that its name is taken is no failure of its start.
    pub(crate) fn unless_started(self) -> Self {
        Self {
            start: self.start.map(|started| match started {
                Err(reason) if is_already_started(&reason) => {
                    Ok(Child::ignore().with_extra(AlreadyStarted))
                }
                started => started,
            }),
            ..self
        }
    }

    /// Runs the start function.
    pub(crate) async fn start(&self, extra: Option<&Extra>) -> Result<Child, ExitReason> {
        self.start.call(extra, self.shutdown).await
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

/// The mark of an ignored child whose name was taken.
pub(crate) struct AlreadyStarted;

fn is_already_started(reason: &ExitReason) -> bool {
    let error = reason.downcast_error::<StartError>();
    matches!(error, Some(StartError::AlreadyStarted(_)))
}

impl fmt::Debug for ChildSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChildSpec")
            .field("id", &self.id)
            .field("start", &self.start_call())
            .field("restart", &self.restart)
            .field("shutdown", &self.shutdown)
            .field("type", &self.child_type)
            .field("significant", &self.significant)
            .field("allow_normal_shutdown", &self.normal_shutdown)
            .finish()
    }
}

impl fmt::Display for Restart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Permanent => "permanent",
            Self::Transient => "transient",
            Self::Temporary => "temporary",
        })
    }
}

impl fmt::Display for Shutdown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BrutalKill => f.write_str("brutal_kill"),
            Self::Within(limit) => write!(f, "{limit:?}"),
            Self::Infinity => f.write_str("infinity"),
        }
    }
}

impl fmt::Display for ChildType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Worker => "worker",
            Self::Supervisor => "supervisor",
        })
    }
}
