//! Guards: back-off, a restart limit and a start in the background for one child.
//!
//! A supervisor starts a child again at once, waits for each start, and gives up when its children together have failed
//! too often. That is right where a restart repairs something. It is wrong where the cause is elsewhere: a database
//! that is down makes a child fail four times within a millisecond, and its siblings end with it.
//!
//! [`ChildSpec::guarded`] puts a process between the supervisor and one child, a [`Guard`], which
//!
//! - starts the child in the background: neither the supervisor nor another caller that wants a child started waits;
//! - waits between two starts, by a [`Backoff`];
//! - counts the restarts of this child alone. If there are too many, the guard stops starting the child, or
//!   [fails](OnLimit::Fail), so that the supervisor decides.
//!
//! When a guard is stopped, it stops its child within the child's [time](crate::child_spec::Shutdown). If the child is being started, its
//! start function is dropped, and the processes that it has started, which are those that are linked with the guard,
//! are stopped in the same way: a server that traps exits ends when its `init` returns, and is killed when its time is
//! over. The supervisor waits for the guard without a limit, as for a supervisor. So it also waits for a child that
//! [blocks its thread](crate::blocking) and cannot be ended, as it does for one without a guard.
//!
//! A dynamic supervisor has one guard for each name that callers [want](crate::DynamicSupervisorRef::ensure_started):
//! a caller that finds no server while the guard rests makes it start its child at once.
//!
//! [`SupervisorRef::await_ready`](crate::SupervisorRef::await_ready) waits until the guarded children run, and [`ready`] for one.
//!
//! # Differences from OTP
//!
//! OTP has no such process; there one writes a supervisor of one child, or uses a library. For the supervisor the guard
//! is the child: `which_children` shows its pid, and the strategies stop and start it. The extra value of the start
//! function for the caller of `start_child` is lost.
//!
//! # Examples
//!
//! ```
//! use std::time::Duration;
//!
//! use otp_core::guard::{Backoff, Guard};
//! use otp_core::prelude::*;
//!
//! struct Database;
//!
//! #[gen_server]
//! impl GenServer for Database {
//!     async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
//!         // Connects, or fails.
//!         Ok(Init::state(Self))
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! # Node::new().try_run(async {
//! let backoff = Backoff::exponential(Duration::from_millis(100), Duration::from_secs(30))
//!     .reset_after(Duration::from_secs(60));
//! let database = ChildSpec::worker("database", || Database::start_link(()));
//! let tree = Supervisor::new(Strategy::OneForOne)
//!     .child(database.guarded(Guard::new().backoff(backoff)))
//!     .start_link()
//!     .await?;
//! tree.await_ready().timeout(Duration::from_secs(10)).await?;
//! # Ok(())
//! # }).await.expect("it starts");
//! # }
//! ```

mod backoff;
mod core;
pub(crate) mod keep;
pub(crate) mod ready;
pub(crate) mod wanted;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

pub use self::backoff::Backoff;
pub use self::keep::RestartLimit;
pub use self::ready::{GuardInfo, GuardState, NotReady, ready};
use self::wanted::{Guards, WantedServer, WantedStart};
use crate::child_spec::{Child, ChildSpec, GuardedChild, Restart};
use crate::name::Name;

/// How a child is kept running; for [`ChildSpec::guarded`].
///
/// By default a child is started again without a limit. One that fails again and again waits longer and longer, from 100 ms
/// to 30 s; one that has lived for longer than this delay is started again at once. With a [limit](Self::limit), and
/// without a back-off, each child is started again at once.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use otp_core::Agent;
/// use otp_core::guard::{Backoff, Guard};
/// use otp_core::prelude::*;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let guard = Guard::new()
///     .backoff(Backoff::constant(Duration::from_millis(100)))
///     .limit(10, Duration::from_secs(60));
/// let cache = ChildSpec::worker("cache", || Agent::options().name("cache").start_link(|| 0_u32));
/// let tree = Supervisor::new(Strategy::OneForOne).child(cache.guarded(guard)).start_link().await?;
/// tree.await_ready().await?;
/// assert_eq!(Agent::<u32>::named("cache").get(|n| *n).await?, 0);
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, PartialEq)]
#[must_use = "a guard does nothing until a child is guarded by it"]
pub struct Guard {
    backoff: Option<Backoff>,
    limit: Option<(usize, Duration)>,
    on_limit: Option<OnLimit>,
    waits_from: WaitsFrom,
    must_start: bool,
}

/// The moment from which the delay of a restart counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WaitsFrom {
    /// The end of the child.
    End,
    /// The start of the child: the time that it has lived counts. A child that has lived longer than the delay is
    /// started again at once.
    Start,
}

/// The end of a guard whose child has been restarted too often.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use otp_core::Child;
/// use otp_core::guard::{Guard, NotReady, OnLimit};
/// use otp_core::prelude::*;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let broken = ChildSpec::worker("broken", || async { Err::<Child, _>("no cable") });
/// let guard = Guard::new().limit(3, Duration::from_secs(60)).on_limit(OnLimit::Rest);
/// let tree = Supervisor::new(Strategy::OneForOne).child(broken.guarded(guard)).start_link().await?;
/// let failed = tree.await_ready().await;
/// assert!(matches!(failed, Err(NotReady::Ended { .. } | NotReady::Stopped(_))));
/// assert!(tree.is_alive(), "the child rests, and the supervisor goes on");
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnLimit {
    /// It ends with `Shutdown`, which is reported and has no effect on others: the supervisor keeps the child as a
    /// stopped one, and `restart_child` begins again. A dynamic supervisor forgets it.
    #[default]
    Rest,
    /// It ends with the reason of the child's last end, and the supervisor treats it as a child that fails: it starts
    /// the guard again, and counts a restart.
    Fail,
}

impl Guard {
    /// The default options.
    pub fn new() -> Self {
        Self {
            backoff: None,
            limit: None,
            on_limit: None,
            waits_from: WaitsFrom::End,
            must_start: false,
        }
    }

    /// Sets the delays before restarts of the child.
    pub fn backoff(self, backoff: Backoff) -> Self {
        Self {
            backoff: Some(backoff),
            ..self
        }
    }

    /// Limits the restarts to so many within this period.
    pub fn limit(self, max_restarts: usize, period: Duration) -> Self {
        Self {
            limit: Some((max_restarts, period)),
            ..self
        }
    }

    /// Sets the end of the guard after too many restarts.
    pub fn on_limit(self, on_limit: OnLimit) -> Self {
        Self {
            on_limit: Some(on_limit),
            ..self
        }
    }

    /// These settings, and those of `inner` for what is not set here.
    fn over(self, inner: &Self) -> Self {
        Self {
            backoff: self.backoff.or_else(|| inner.backoff.clone()),
            limit: self.limit.or(inner.limit),
            on_limit: self.on_limit.or(inner.on_limit),
            ..self
        }
    }

    pub(crate) fn waits_from(self, waits_from: WaitsFrom) -> Self {
        Self { waits_from, ..self }
    }

    /// A first start that fails is the guard's end.
    pub(crate) fn must_start(self) -> Self {
        Self {
            must_start: true,
            ..self
        }
    }
}

impl Default for Guard {
    fn default() -> Self {
        Self::new()
    }
}

/// A child and its guard.
struct Guarded {
    spec: Arc<ChildSpec>,
    guard: Guard,
}

impl Guarded {
    /// The start for a caller that waits until the server of this name runs: its [`WantedStart`] is the extra value. If the
    /// supervisor has a guard for this name, that one makes the attempt, and the supervisor has no new child.
    fn ensured(&self, name: &Name) -> ChildSpec {
        let (spec, guard, name) = (self.spec.clone(), self.guard.clone(), name.clone());
        let is_first = AtomicBool::new(true);
        ChildSpec::supervisor_around(spec.id().clone(), move |extra| {
            let (spec, guard, name) = (spec.clone(), guard.clone(), name.clone());
            // The supervisor starts a guard that has failed again, and then no caller waits.
            let is_first = is_first.swap(false, Ordering::Relaxed);
            async move {
                let guards = Guards::of_current();
                if let Some(other) = guards.find(&name) {
                    if is_first {
                        return Child::ignore().with_extra(WantedStart::next(&other));
                    }
                    if other.must_stay() {
                        return Child::ignore();
                    }
                }
                let start = |caller| {
                    let wanted = WantedServer {
                        name,
                        guards,
                        caller,
                    };
                    keep::start_link(spec, guard, extra, |_| {}, Some(wanted))
                };
                if !is_first {
                    return start(None).into();
                }
                let attempt = WantedStart::first(|caller| start(Some(caller)));
                Child::from(attempt.guard()).with_extra(attempt)
            }
        })
    }

    /// The start for a supervisor.
    fn start(&self) -> ChildSpec {
        let (spec, guard) = (self.spec.clone(), self.guard.clone());
        ChildSpec::supervisor_around(spec.id().clone(), move |extra| {
            let (spec, guard) = (spec.clone(), guard.clone());
            async move { keep::start_link(spec, guard, extra, |_| {}, None) }
        })
    }
}

impl GuardedChild for Guarded {
    fn spec(&self) -> &ChildSpec {
        &self.spec
    }

    fn replace(&self, guard: ChildSpec, child: ChildSpec) -> ChildSpec {
        let (spec, settings) = (Arc::new(child), self.guard.clone());
        guard.guarded_by(Self {
            spec,
            guard: settings,
        })
    }
}

impl ChildSpec {
    /// The same child under a [`Guard`], which the supervisor starts and stops in its place. The restart type applies
    /// to the guard: a transient child that ends normally is done.
    ///
    /// A child that is guarded already keeps its one guard. What the new guard sets replaces the former setting, and
    /// the other settings stay.
    ///
    /// [`ensure_started`](crate::DynamicSupervisorRef::ensure_started) waits until the child runs. If its first start
    /// fails, that is the error, and the guard ends.
    ///
    /// The guard of a child of [`ChildSpec::once`] ends when the start of that has failed.
    pub fn guarded(self, guard: Guard) -> Self {
        if let Some(inner) = self.guarded_with::<Guarded>() {
            let (spec, guard) = (inner.spec.clone(), guard.over(&inner.guard));
            return self.guarded_by(Guarded { spec, guard });
        }
        let significant = self.is_significant();
        let restart = match self.restart_type() {
            Restart::Temporary => Restart::Temporary,
            Restart::Permanent | Restart::Transient => Restart::Transient,
        };
        let spec = Arc::new(self);
        let guarded = Guarded { spec, guard };
        let start = guarded.start().restart(restart);
        start.significant(significant).guarding(guarded)
    }

    fn guarded_by(self, guarded: Guarded) -> Self {
        self.started_as(guarded.start()).guarding(guarded)
    }

    /// Calls `look` with the result of each start of the child, not of its guard.
    pub(crate) fn after_start(self, look: impl Fn(&Child) + Send + Sync + 'static) -> Self {
        let Some(guarded) = self.guarded_with::<Guarded>() else {
            return self.after_own_start(look);
        };
        let child = guarded.spec().clone().after_own_start(look);
        guarded.replace(self, child)
    }

    /// The same child, for a caller that wants the server of this name to run. If the name is taken at the first start,
    /// that has not failed.
    pub(crate) fn ensures(self, name: &Name) -> Self {
        let Some(guarded) = self.guarded_with::<Guarded>() else {
            return self.unless_started(name);
        };
        match self.restart_type() {
            // A guard that is not needed ends, and must not be started again. Its child is.
            Restart::Permanent => {
                let spec = ChildSpec::clone(&guarded.spec).restart(Restart::Permanent);
                let (spec, guard) = (Arc::new(spec), guarded.guard.clone());
                let guarded = Guarded { spec, guard };
                let permanent = self.started_as(guarded.ensured(name));
                permanent.restart(Restart::Transient)
            }
            Restart::Transient | Restart::Temporary => self.started_as(guarded.ensured(name)),
        }
    }

    /// The same child under a guard with this back-off: [`guarded`](Self::guarded) in short.
    pub fn backoff(self, backoff: Backoff) -> Self {
        self.guarded(Guard::new().backoff(backoff))
    }
}
