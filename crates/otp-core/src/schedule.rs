//! Schedules: jobs that are done again and again, as children of a supervisor.
//!
//! A [`Schedule`] says when a job is done: [every](Schedule::every) so often, or, with the feature `cron`, at the moments of a
//! cron expression. [`child_spec`](Schedule::child_spec) makes a child of it, a server that starts the job in a process of its own each
//! time. A job that fails is reported as any process is, and the schedule goes on.
//!
//! When a schedule ends, it asks its running jobs to end, and waits for them within its time to [shut
//! down](crate::Shutdown).
//!
//! By default a job that is still under way when it is due again is not started a second time; [`Overlap`] says otherwise.
//!
//! # Time
//!
//! `every` counts on the monotonic clock, as [`timer::send_interval`](crate::timer::send_interval) does, and has its
//! policy for missed ticks. Cron expressions use the [wall clock](crate::timer::WallClock), and follow it when it jumps
//! or when the machine has slept. A job that was due during that time runs once, within a second; with
//! [`at_most_late`](Schedule::at_most_late) it runs only if it is not too late. When the clock is set back, a job does
//! not run a second time for the same moment.
//!
//! # Differences from OTP
//!
//! OTP has `timer:apply_interval/4`. Programs there use libraries for the rest, such as Quantum.
//!
//! # Examples
//!
//! ```
//! use std::time::Duration;
//!
//! use otp_core::prelude::*;
//! use otp_core::schedule::Schedule;
//!
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() {
//! # Node::new().run_with(|mut mailbox: Mailbox<&'static str>| async move {
//! let me = mailbox.me();
//! let sweep = Schedule::every(Duration::from_secs(60)).child_spec("sweep", move || {
//!     let me = me.clone();
//!     async move { me.send("swept") }
//! });
//! Supervisor::new(Strategy::OneForOne).child(sweep).start_link().await?;
//! assert_eq!(mailbox.receive().await, "swept");
//! # Ok::<_, Stop>(())
//! # }).await.expect("the example does not crash").expect("it starts");
//! # }
//! ```

#[cfg(feature = "cron")]
mod cron;
#[cfg(feature = "cron")]
mod moments;
mod scheduler;

use std::time::Duration;

#[cfg(feature = "cron")]
pub use self::cron::{Cron, InvalidCron, Zone};
use self::scheduler::{ScheduledJob, Scheduler};
use crate::child_spec::{ChildId, ChildSpec};
use crate::exit::Outcome;
use crate::gen_server::GenServer;
use crate::timer::{MissedTicks, WallClock};

/// The times at which a job runs.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use otp_core::prelude::*;
/// use otp_core::schedule::{Overlap, Schedule};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().run_with(|mut mailbox: Mailbox<&'static str>| async move {
/// let me = mailbox.me();
/// let backup = Schedule::every(Duration::from_secs(3600)).overlap(Overlap::Skip);
/// let backup = backup.child_spec("backup", move || {
///     let me = me.clone();
///     async move { me.send("saved") }
/// });
/// Supervisor::new(Strategy::OneForOne).child(backup).start_link().await?;
/// let start = tokio::time::Instant::now();
/// assert_eq!(mailbox.receive().await, "saved");
/// assert_eq!(start.elapsed().as_secs(), 3600);
/// # Ok::<_, Stop>(())
/// # }).await?.map_err(Stop::into_reason)
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use = "a schedule does nothing until it is a child"]
pub struct Schedule {
    when: JobTime,
    overlap: Overlap,
    #[cfg_attr(
        not(feature = "cron"),
        expect(dead_code, reason = "only cron expressions have a clock")
    )]
    clock: WallClock,
    #[cfg_attr(
        not(feature = "cron"),
        expect(dead_code, reason = "only cron expressions have it")
    )]
    at_most_late: Option<Duration>,
}

#[derive(Debug, Clone)]
enum JobTime {
    Every(Duration, MissedTicks),
    #[cfg(feature = "cron")]
    Cron(Box<Cron>),
}

/// The policy for a job that is due while it still runs.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use otp_core::prelude::*;
/// use otp_core::schedule::{Overlap, Schedule};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().run_with(|mut mailbox: Mailbox<&'static str>| async move {
/// let me = mailbox.me();
/// // A job of 15 seconds, every 10 seconds: by default the second one would be left out.
/// let job = Schedule::every(Duration::from_secs(10)).overlap(Overlap::Start);
/// let job = job.child_spec("job", move || {
///     let me = me.clone();
///     async move {
///         me.send("begins");
///         tokio::time::sleep(Duration::from_secs(15)).await;
///         me.send("is done");
///     }
/// });
/// Supervisor::new(Strategy::OneForOne).child(job).start_link().await?;
/// let mut seen = Vec::new();
/// while seen.len() < 3 {
///     seen.push(mailbox.receive().await);
/// }
/// assert_eq!(seen, ["begins", "begins", "is done"]);
/// # Ok::<_, Stop>(())
/// # }).await?.map_err(Stop::into_reason)
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Overlap {
    /// It is not done this time.
    #[default]
    Skip,
    /// It is started beside the one that is under way.
    Start,
}

impl Schedule {
    /// Each period, the first time after one period. A period of zero is taken for one millisecond.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use otp_core::prelude::*;
    /// use otp_core::schedule::Schedule;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().run_with(|mut mailbox: Mailbox<()>| async move {
    /// let me = mailbox.me();
    /// let beat = Schedule::every(Duration::from_secs(10)).child_spec("beat", move || {
    ///     let me = me.clone();
    ///     async move { me.send(()) }
    /// });
    /// Supervisor::new(Strategy::OneForOne).child(beat).start_link().await?;
    /// mailbox.receive().await;
    /// mailbox.receive().await;
    /// # Ok::<_, Stop>(())
    /// # }).await?.map_err(Stop::into_reason)
    /// # }
    /// ```
    pub fn every(period: Duration) -> Self {
        Self::new(JobTime::Every(period, MissedTicks::DEFAULT))
    }

    /// At the moments of a cron expression.
    #[cfg(feature = "cron")]
    pub fn cron(cron: Cron) -> Self {
        Self::new(JobTime::Cron(Box::new(cron)))
    }

    fn new(when: JobTime) -> Self {
        Self {
            when,
            overlap: Overlap::default(),
            clock: WallClock::system(),
            at_most_late: None,
        }
    }

    /// Sets the policy for a job that is due while it still runs.
    pub fn overlap(self, overlap: Overlap) -> Self {
        Self { overlap, ..self }
    }

    /// Sets the policy for missed ticks of [`every`](Self::every).
    ///
    /// Ticks that are caught up are due at the same moment. With [`Overlap::Skip`], the default, the job runs once for all
    /// of them: it is still running when the next one is due.
    pub fn missed_ticks(mut self, missed: MissedTicks) -> Self {
        match &mut self.when {
            JobTime::Every(_, policy) => *policy = missed,
            #[cfg(feature = "cron")]
            JobTime::Cron(_) => {}
        }
        self
    }

    /// For a cron expression: a job that is later than this does not run. A job is late if the machine slept or the
    /// clock was set. By default it runs, however late. Less than a second is taken for a second: timers have a grain, and a jump of the
    /// clock is seen within a second.
    pub fn at_most_late(self, late: Duration) -> Self {
        Self {
            at_most_late: Some(late),
            ..self
        }
    }

    /// Sets the clock of a cron expression: for tests.
    pub fn clock(self, clock: WallClock) -> Self {
        Self { clock, ..self }
    }

    /// The specification of a child that runs the job by this schedule.
    pub fn child_spec<F, W>(self, id: impl Into<ChildId>, job: F) -> ChildSpec
    where
        F: Fn() -> W + Send + Sync + 'static,
        W: Future<Output: Outcome> + Send + 'static,
    {
        let job = ScheduledJob::new(job);
        ChildSpec::worker(id, move || {
            Scheduler::start_link((self.clone(), job.clone()))
        })
    }
}
