//! Schedules: jobs that are done again and again, as children of a supervisor.
//!
//! A [`Schedule`] says when a job is done: [every](Schedule::every) so often, or, with the feature `cron`, at the moments of a
//! cron expression. [`child_spec`](Schedule::child_spec) makes a child of it, a server that starts the job in a process of its own each
//! time. A job that fails is reported as any process is, and the schedule goes on.
//!
//! A schedule that ends tells the jobs that are under way to end, and waits for them, within its time to [shut down](crate::Shutdown).
//!
//! By default a job that is still under way when it is due again is not started a second time; [`Overlap`] says otherwise.
//!
//! # Time
//!
//! `every` counts on the monotonic clock, as [`timer::send_interval`](crate::timer::send_interval) does, and takes its policy for ticks that
//! are missed. Cron expressions are about the [wall clock](crate::timer::WallClock), and follow it when it jumps or when the machine has
//! slept: what was due meanwhile is done once, within a second; with [`at_most_late`](Schedule::at_most_late) only if it is not too late
//! for it. A clock that is set back does not have a job done twice for one moment.
//!
//! # Differences from OTP
//!
//! OTP has `timer:apply_interval/4`; for the rest one takes libraries there, such as Quantum.
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
mod scheduler;

use std::time::Duration;

#[cfg(feature = "cron")]
pub use self::cron::{Cron, InvalidCron, Zone};
use self::scheduler::{ScheduledJob, Scheduler};
use crate::child_spec::{ChildId, ChildSpec};
use crate::exit::Outcome;
use crate::gen_server::GenServer;
use crate::timer::{MissedTicks, WallClock};

/// When a job is done.
#[derive(Debug, Clone)]
#[must_use = "a schedule does nothing until it is a child"]
pub struct Schedule {
    when: JobTime,
    overlap: Overlap,
    clock: WallClock,
    at_most_late: Option<Duration>,
}

#[derive(Debug, Clone)]
enum JobTime {
    Every(Duration, MissedTicks),
    #[cfg(feature = "cron")]
    Cron(Box<Cron>),
}

/// What becomes of a job that is due while it is still under way.
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

    /// What becomes of the job if it is still under way.
    pub fn overlap(self, overlap: Overlap) -> Self {
        Self { overlap, ..self }
    }

    /// What becomes of ticks of [`every`](Self::every) that are missed.
    pub fn missed_ticks(mut self, missed: MissedTicks) -> Self {
        match &mut self.when {
            JobTime::Every(_, policy) => *policy = missed,
            #[cfg(feature = "cron")]
            JobTime::Cron(_) => {}
        }
        self
    }

    /// Of a cron expression: what is later than this, as the machine slept or the clock was set, is not done. By default it is, however late.
    pub fn at_most_late(self, late: Duration) -> Self {
        Self {
            at_most_late: Some(late),
            ..self
        }
    }

    /// By which clock a cron expression goes: for tests.
    pub fn clock(self, clock: WallClock) -> Self {
        Self { clock, ..self }
    }

    /// The specification of a child that has the job done by this schedule.
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
