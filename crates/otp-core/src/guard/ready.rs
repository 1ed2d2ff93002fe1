//! Waiting until guarded children run.

use std::future::{Future, pending};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::future::{Either, select};
use thiserror::Error;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::child_spec::ChildId;
use crate::gen_server::{Begin, CallError, Limited, TimeLimit};
use crate::node::Node;
use crate::pid::Pid;
use crate::process::block::Process;
use crate::process::contents::Exhibit;
use crate::process::current;
use crate::process::process_ref::wait;
use crate::scope;
use crate::stop::reasons;
use crate::supervisor::{ChildStatus, SupervisorRef};
use crate::util::Boxed;

/// The state of a guard's child.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    Starting,
    Running(Pid),
    /// Until it is started again, at this time.
    Waiting(Instant),
    /// Until this process ends, which has the name of the child.
    NameTaken(Pid),
}

/// The value that a guard shows on its control block.
pub(super) struct Shown {
    pub(super) standing: watch::Sender<Standing>,
    pub(super) restarts: AtomicU64,
}

impl Exhibit for Shown {}

/// A guard at one moment: see [`Node::guard_info`].
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use otp_core::Child;
/// use otp_core::guard::{Backoff, Guard, GuardState};
/// use otp_core::prelude::*;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let fails = ChildSpec::worker("fails", async || Err::<Child, _>(ExitReason::Shutdown));
/// let minute = Backoff::constant(Duration::from_secs(60));
/// let tree = Supervisor::new(Strategy::OneForOne).child(fails.guarded(Guard::new().backoff(minute)));
/// let tree = tree.start_link().await?;
/// let guard = tree.which_child("fails").await?.and_then(|child| child.pid()).expect("the guard runs");
/// tokio::time::sleep(Duration::from_secs(20)).await;
/// let info = otp_core::process::node().guard_info(guard).expect("it is a guard");
/// assert!(matches!(info.state, GuardState::Waiting(left) if left <= Duration::from_secs(40)));
/// assert_eq!(info.restarts, 0);
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct GuardInfo {
    /// What it does.
    pub state: GuardState,
    /// How often it has started its child again.
    pub restarts: u64,
}

/// What a guard does: see [`GuardInfo`].
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use otp_core::guard::GuardState;
///
/// fn shown(state: GuardState) -> String {
///     match state {
///         GuardState::Running(pid) => format!("{pid} runs"),
///         GuardState::Waiting(left) => format!("starts in {left:?}"),
///         _ => "starts".to_owned(),
///     }
/// }
/// assert_eq!(shown(GuardState::Waiting(Duration::from_secs(3))), "starts in 3s");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum GuardState {
    /// It starts its child.
    Starting,
    /// Its child runs.
    Running(Pid),
    /// Its child has ended or could not be started. It starts it again after this time.
    Waiting(Duration),
    /// Another process has the name of its child, and it waits for that one's end. So it is at a restart of a child that
    /// [`ensure_started`](crate::DynamicSupervisorRef::ensure_started) has started.
    NameTaken(Pid),
}

impl Node {
    /// What a guard does; `None` if there is no such process, or it is none. The guard is not asked.
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
    /// assert_eq!(process::node().guard_info(process::current()), None);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    #[must_use]
    pub fn guard_info(&self, guard: impl Into<Pid>) -> Option<GuardInfo> {
        let shown = self.find(guard.into())?.head().shown::<Shown>()?;
        let state = match *shown.standing.borrow() {
            Standing::Starting => GuardState::Starting,
            Standing::Running(pid) => GuardState::Running(pid),
            Standing::NameTaken(pid) => GuardState::NameTaken(pid),
            Standing::Waiting(until) => {
                GuardState::Waiting(until.saturating_duration_since(Instant::now()))
            }
        };
        let restarts = shown.restarts.load(Ordering::Relaxed);
        Some(GuardInfo { state, restarts })
    }
}

/// Children that do not run.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use otp_core::Child;
/// use otp_core::guard::{Guard, NotReady};
/// use otp_core::prelude::*;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let slow = ChildSpec::worker("slow", || std::future::pending::<Result<Child, ExitReason>>());
/// let tree = Supervisor::new(Strategy::OneForOne).child(slow.guarded(Guard::new())).start_link().await?;
/// let limit = Duration::from_secs(3);
/// assert_eq!(tree.await_ready().timeout(limit).await, Err(NotReady::Timeout { limit }));
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum NotReady {
    /// The children did not run in time.
    #[error("not ready within {limit:?}")]
    Timeout {
        /// The time.
        limit: Duration,
    },
    /// The guard has ended: its child is done, or has failed too often.
    #[error("guard {guard} has ended, and its child does not run")]
    Ended {
        /// The guard.
        guard: Pid,
    },
    /// The child is not there, or has stopped.
    #[error("child {0} does not run")]
    Stopped(ChildId),
    /// The supervisor did not answer.
    #[error(transparent)]
    Supervisor(#[from] CallError),
}

reasons!(NotReady);

/// Waits until the child of this guard runs, and returns the child's pid. A process that is no guard runs. It waits for as long as it takes,
/// or for as long as [`timeout`](Limited::timeout) says. A start function that waits here for its own child waits until the limit, or for
/// ever.
///
/// # Cancel safety
///
/// May be dropped and called again.
///
/// # Errors
///
/// [`NotReady`].
pub fn ready(guard: impl Into<Pid>) -> Limited<impl Begin<Output = Result<Pid, NotReady>>> {
    let guard = guard.into();
    Limited::new(TimeLimit::Infinity, move |limit| within(limit, runs(guard)))
}

impl SupervisorRef {
    /// Waits until each child that the supervisor has now runs, and each child of the supervisors below it, except those of
    /// dynamic supervisors: those that are [guarded](crate::guard) start in the background. It waits for as long as it
    /// takes, or for as long as [`timeout`](Limited::timeout) says.
    ///
    /// # Cancel safety
    ///
    /// May be dropped and called again.
    ///
    /// # Errors
    ///
    /// [`NotReady`]: a child has stopped, or did not run in time.
    pub fn await_ready(&self) -> Limited<impl Begin<Output = Result<(), NotReady>>> {
        Limited::new(TimeLimit::Infinity, move |limit| {
            within(limit, self.children_run())
        })
    }

    fn children_run(&self) -> Boxed<'_, Result<(), NotReady>> {
        Box::pin(async move {
            // They come in the reverse of their order.
            for child in self.which_children().await?.into_iter().rev() {
                match child.status {
                    ChildStatus::Running(pid) => {
                        let pid = runs(pid).await?;
                        let node = scope::node_of(pid);
                        if let Some(below) = node.and_then(|node| Self::find(&node, pid)) {
                            below.children_run().await?;
                        }
                    }
                    ChildStatus::Stopped | ChildStatus::Restarting => {
                        let id = child.id.expect("a supervisor's child has an id");
                        return Err(NotReady::Stopped(id));
                    }
                }
            }
            Ok(())
        })
    }
}

async fn within<T>(
    limit: TimeLimit,
    work: impl Future<Output = Result<T, NotReady>>,
) -> Result<T, NotReady> {
    match limit {
        TimeLimit::Infinity => work.await,
        TimeLimit::After(time) => match limit.on(work).await {
            Some(done) => done,
            None => Err(NotReady::Timeout { limit: time }),
        },
    }
}

async fn runs(guard: Pid) -> Result<Pid, NotReady> {
    let ended = || NotReady::Ended { guard };
    let process = scope::node_of(guard).and_then(|node| node.find(guard));
    let process = process.ok_or_else(ended)?;
    let Some(shown) = process.head().shown::<Shown>() else {
        // One that has ended shows nothing.
        let is_alive = process.head().node.is_alive(guard);
        return is_alive.then_some(guard).ok_or_else(ended);
    };
    match stands(process, &shown, |it| matches!(it, Standing::Running(_))).await {
        Some(Standing::Running(pid)) => Ok(pid),
        _ => Err(ended()),
    }
}

/// Waits until this holds of a guard's child. `None` if the guard has ended.
async fn stands(
    guard: Arc<dyn Process>,
    shown: &Shown,
    holds: impl FnMut(&Standing) -> bool,
) -> Option<Standing> {
    let mut standing = shown.standing.subscribe();
    let stands = async {
        match standing.wait_for(holds).await.map(|standing| *standing) {
            Ok(standing) => standing,
            // The guard shows no state any more, and ends.
            Err(_) => pending().await,
        }
    };
    let (stands, end) = (pin!(current::harmless(stands)), pin!(wait(guard)));
    match select(stands, end).await {
        Either::Left((standing, _)) => Some(standing),
        Either::Right(_) => None,
    }
}
