//! Supervisor: a process that starts other processes, watches over them, and starts them again.
//!
//! A supervisor starts its children in order, each when the one before is up; when one ends it does what
//! the child's [`Restart`] type and its own [`Strategy`] say; and when it is stopped
//! itself it stops them in the reverse order. If it has to restart too often it gives up: it stops its
//! children and ends, so that its own supervisor can begin again from further up.
//!
//! # When (not) to use a supervisor
//!
//! Put every process under one whose failure should not be the end of the matter, and choose the
//! strategy by who depends on whom. Take a [`DynamicSupervisor`](crate::DynamicSupervisor) for children that
//! come and go in numbers. A supervisor does nothing else: no state, no messages of its own.
//!
//! # Differences from OTP
//!
//! - What is wrong with a specification is mostly a compile error. The rest is a [`SpecError`].
//! - The period of the restart limit is measured exactly, not in whole seconds.
//! - The default limit is Elixir's, 3 restarts in 5 s, in place of Erlang's 1 in 5 s.
//! - A child that has unlinked itself and ended before it is stopped is reported with its real reason, where
//!   OTP says `noproc`.
//! - Children do not name the modules that they are made of, as there is no code change.
//! - A start function that returns the supervisor's own process, or one above it, has failed. OTP takes it for a child, and
//!   the two wait for each other when it is stopped.
//! - Restarts and new attempts come without delay, as there. Only when a thousand have come at one moment, which happens
//!   under the paused clock of a test, the next one waits for 1 ms; without that the clock would stand still.
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

pub(crate) mod boundary;
mod builder;
pub(crate) mod cause;
pub(crate) mod children;
mod core;
mod error;
pub(crate) mod event;
pub(crate) mod handle;
pub(crate) mod hands;
pub(crate) mod intensity;
mod module;
mod plan;
pub(crate) mod shutdown;
mod supervisor_ref;
pub(crate) mod ticket;
pub(crate) mod validate;

use std::time::Duration;

pub use builder::Supervisor;
pub use error::{
    DeleteChildError, FailedToStartChild, RestartChildError, SpecError, StartChildError,
    TerminateChildError,
};
pub use module::{SupervisorInit, SupervisorModule};
pub use supervisor_ref::SupervisorRef;

use crate::child_spec::{ChildId, ChildType, Restart};
use crate::pid::Pid;

/// Which children are restarted when one ends and is to be started again.
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
/// What counts is the end of a child that is not started again; one that a request or a restart of others
/// has stopped does not count.
///
/// # OTP
///
/// `auto_shutdown`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum AutoShutdown {
    /// No; the default.
    #[default]
    Never,
    /// The end of one does.
    AnySignificant,
    /// The end of the last one does.
    AllSignificant,
}

/// How a supervisor behaves.
///
/// # OTP
///
/// `supervisor:sup_flags()`.
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

/// What a supervisor tells of a child.
///
/// # OTP
///
/// An element of what `supervisor:which_children/1` returns.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ChildInfo {
    /// The child's id. Children of a [`DynamicSupervisor`](crate::DynamicSupervisor) have none.
    pub id: Option<ChildId>,
    /// What has become of it.
    pub status: ChildStatus,
    /// Whether it is a supervisor.
    pub child_type: ChildType,
    /// When it is started again.
    pub restart: Restart,
    /// How often its supervisor has started it again, without being asked to.
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

/// What has become of a child.
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
/// What `supervisor:count_children/1` returns.
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
