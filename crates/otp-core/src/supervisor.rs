//! Supervisor: a process that starts other processes, monitors them, and restarts them.
//!
//! A supervisor starts its children in order, each after the one before it runs. When a child ends, the
//! child's [`Restart`] type and the supervisor's [`Strategy`] decide which children are restarted. When the supervisor is
//! stopped, it stops its children in the reverse order. If it has to restart too often, it gives up: it stops its
//! children and ends, and the supervisor above it applies its own strategy.
//!
//! # When (not) to use a supervisor
//!
//! Put a process under a supervisor if it must be restarted after a failure. Choose the strategy by the dependencies
//! between the children. Use a [`DynamicSupervisor`](crate::DynamicSupervisor) for many children that are
//! added at run time. A supervisor does nothing else: it has no state and no messages for users.
//!
//! # Differences from OTP
//!
//! - Most errors in a specification are compile errors. The others are a [`SpecError`].
//! - The period of the restart limit is measured exactly, not in whole seconds.
//! - The default limit is Elixir's, 3 restarts in 5 s, in place of Erlang's 1 in 5 s.
//! - A child that has unlinked itself and ended before it is stopped is reported with its real reason, where
//!   OTP says `noproc`.
//! - Children do not name the modules that they are made of, as there is no code change.
//! - A start function that returns the supervisor's own process, or one above it, has failed. OTP takes it for a child, and
//!   the two wait for each other when it is stopped.
//! - Restarts and new attempts come without delay, as there. Only after a thousand of them at one moment, which happens
//!   under the paused clock of a test, the next one waits for 1 ms. Without that the clock would stand still.
//!
//! # Examples
//!
//! ```
//! use std::time::Duration;
//!
//! use otp_core::prelude::*;
//!
//! struct Hero;
//!
//! #[gen_server]
//! impl GenServer for Hero {
//!     type Args = &'static str;
//!
//!     async fn init(_: &'static str, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
//!         Ok(Init::state(Self))
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let node = Node::new();
//! let outcome = node.run(async {
//!     let supervisor = Supervisor::new(Strategy::OneForOne)
//!         .max_restarts(3, Duration::from_secs(5))
//!         .child(ChildSpec::worker("dave", || Hero::start_link("dave")))
//!         .child(ChildSpec::worker("mario", || Hero::start_link("mario")))
//!         .name("super_visor")
//!         .start_link()
//!         .await?;
//!     let children = supervisor.count_children().await?;
//!     assert_eq!((children.specs, children.active), (2, 2));
//!     supervisor.stop().await?;
//!     Ok::<_, ExitReason>(())
//! });
//! assert_eq!(outcome.await, Ok(Ok(())));
//! # }
//! ```

pub(crate) mod action;
pub(crate) mod boundary;
mod builder;
pub(crate) mod cause;
pub(crate) mod children;
mod core;
mod error;
pub(crate) mod executor;
pub(crate) mod handle;
pub(crate) mod hands;
pub(crate) mod intensity;
mod module;
mod plan;
pub(crate) mod policy;
pub(crate) mod shutdown;
mod supervisor_ref;
pub(crate) mod ticket;
pub(crate) mod validate;

use std::time::Duration;

pub use builder::Supervisor;
pub use error::{
    DeleteChildError, FailedToStartChild, OtherName, RestartChildError, SpecError, StartChildError,
    TerminateChildError,
};
pub use module::{SupervisorInit, SupervisorModule};
pub use supervisor_ref::SupervisorRef;

use crate::child_spec::{ChildId, ChildType, Restart};
use crate::pid::Pid;

/// Which children are restarted when one of them ends and must be restarted.
///
/// # OTP
///
/// `strategy`.
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
/// let child = |id: &'static str| ChildSpec::worker(id, move || Counter::options().name(id).start_link(0));
/// Supervisor::new(Strategy::RestForOne).child(child("a")).child(child("b")).start_link().await?;
/// let [a, b] = ["a", "b"].map(|id| otp_core::process::whereis(id).expect("it runs"));
/// otp_core::process::exit(a, ExitReason::Kill);
/// # while ["a", "b"].iter().any(|id| [None, Some(a), Some(b)].contains(&otp_core::process::whereis(*id))) {
/// #     tokio::task::yield_now().await;
/// # }
/// // Now `b`, which was started after `a`, is another process, too.
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Strategy {
    /// That child.
    OneForOne,
    /// All children: the others are stopped first, the last started one first.
    OneForAll,
    /// That child and those that were started after it: these are stopped first, the last started one
    /// first.
    RestForOne,
}

/// Whether the end of significant children ends the supervisor.
///
/// Only the end of a child that is not restarted counts. A child that was stopped by a request, or for the restart of
/// other children, does not count.
///
/// # OTP
///
/// `auto_shutdown`.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::process;
/// use otp_core::supervisor::AutoShutdown;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let page = |id: usize| ChildSpec::worker(id, || async { process::spawn_link(|_: Mailbox<()>| async {}) })
///     .restart(Restart::Temporary)
///     .significant(true);
/// // It ends with the last of its pages.
/// let book = Supervisor::new(Strategy::OneForOne)
///     .auto_shutdown(AutoShutdown::AllSignificant)
///     .children((0..3).map(page));
/// assert_eq!(book.start().await?.wait().await, ExitReason::Shutdown);
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum AutoShutdown {
    /// No; the default.
    #[default]
    Never,
    /// The end of any significant child does.
    AnySignificant,
    /// The end of the last significant child does.
    AllSignificant,
}

/// How a supervisor behaves.
///
/// # OTP
///
/// `supervisor:sup_flags()`.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let tree = Supervisor::new(Strategy::OneForAll).start_link().await?;
/// let flags = tree.flags().await?;
/// assert_eq!(flags.strategy, Strategy::OneForAll);
/// assert_eq!((flags.max_restarts, flags.period.as_secs()), (3, 5));
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Flags {
    /// Which children are restarted.
    pub strategy: Strategy,
    /// How many restarts there may be within the period.
    pub max_restarts: usize,
    /// The period.
    pub period: Duration,
    /// Whether significant children end it.
    pub auto_shutdown: AutoShutdown,
}

/// A supervisor's information on a child.
///
/// # OTP
///
/// An element of the list that `supervisor:which_children/1` returns.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::Agent;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let log = ChildSpec::worker("log", || Agent::start_link(|| 0)).restart(Restart::Transient);
/// let tree = Supervisor::new(Strategy::OneForOne).child(log).start_link().await?;
/// let children = tree.which_children().await?;
/// assert_eq!(children[0].id, Some("log".into()));
/// assert_eq!((children[0].restart, children[0].restarts), (Restart::Transient, 0));
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ChildInfo {
    /// The child's id. Children of a [`DynamicSupervisor`](crate::DynamicSupervisor) have none.
    pub id: Option<ChildId>,
    /// Whether it runs.
    pub status: ChildStatus,
    /// Whether it is a supervisor.
    pub child_type: ChildType,
    /// When it is restarted.
    pub restart: Restart,
    /// How often its supervisor has restarted it, without a request.
    pub restarts: u64,
}

impl ChildInfo {
    /// The child's pid; `None` if it does not run.
    #[must_use]
    pub fn pid(&self) -> Option<Pid> {
        match self.status {
            ChildStatus::Running(pid) => Some(pid),
            ChildStatus::Restarting | ChildStatus::Stopped => None,
        }
    }
}

/// Whether a child runs.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::Agent;
/// use otp_core::supervisor::ChildStatus;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let log = ChildSpec::worker("log", || Agent::start_link(|| 0));
/// let tree = Supervisor::new(Strategy::OneForOne).child(log).start_link().await?;
/// tree.terminate_child("log").await.map_err(ExitReason::error)?;
/// let log = tree.which_child("log").await?.expect("it is specified");
/// assert_eq!(log.status, ChildStatus::Stopped);
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChildStatus {
    /// It runs as this process; OTP's pid.
    Running(Pid),
    /// It has ended, its last start has failed, and there will be another attempt; OTP's `restarting`.
    Restarting,
    /// It does not run; OTP's `undefined`.
    Stopped,
}

/// How many children a supervisor has.
///
/// # OTP
///
/// The result of `supervisor:count_children/1`.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::Agent;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let worker = |id: usize| ChildSpec::worker(id, || Agent::start_link(|| 0));
/// let tree = Supervisor::new(Strategy::OneForOne).children((0..3).map(worker)).start_link().await?;
/// tree.terminate_child(1_usize).await.map_err(ExitReason::error)?;
/// let counts = tree.count_children().await?;
/// assert_eq!((counts.specs, counts.active, counts.workers), (3, 2, 3));
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChildCounts {
    /// All children, running or not.
    pub specs: usize,
    /// Those that run.
    pub active: usize,
    /// Those specified as supervisors, running or not.
    pub supervisors: usize,
    /// Those specified as workers, running or not.
    pub workers: usize,
}

impl ChildCounts {
    pub(crate) fn add(&mut self, child_type: ChildType, is_active: bool) {
        self.specs += 1;
        self.active += usize::from(is_active);
        match child_type {
            ChildType::Supervisor => self.supervisors += 1,
            ChildType::Worker => self.workers += 1,
        }
    }
}
