//! The server that runs a job.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
#[cfg(feature = "cron")]
use std::time::SystemTime;

use otp_macros::gen_server;

#[cfg(feature = "cron")]
use super::moments::Moments;
use super::{JobTime, Overlap, Schedule};
use crate::child_spec::Shutdown;
use crate::exit::{ExitReason, Outcome};
use crate::gen_server::{Context, GenServer, Info, Init, Next};
use crate::guard::keep::Stoppable;
use crate::pid::Pid;
use crate::process::panic::{Alone, Contained};
use crate::supervisor::shutdown::Reaper;
use crate::task;
#[cfg(feature = "cron")]
use crate::timer::TimerRef;

/// How often the clock of a cron expression is read, beside the next moment: it may have been set.
#[cfg(feature = "cron")]
const LOOK: Duration = Duration::from_secs(1);

/// The job: starts a process and returns its reference.
#[derive(Clone)]
pub(super) struct ScheduledJob(Arc<dyn Fn() -> Pid + Send + Sync>);

impl ScheduledJob {
    pub(super) fn new<F, W>(job: F) -> Self
    where
        F: Fn() -> W + Send + Sync + 'static,
        W: Future<Output: Outcome> + Send + 'static,
    {
        let job = Arc::new(Contained::new(job));
        Self(Arc::new(move || {
            let job = job.clone();
            // The function itself runs there, too, as it may panic.
            task::start_link(async move { Alone::new(job.get()()).await }).pid()
        }))
    }
}

#[derive(Debug, Clone)]
pub(super) enum JobDue {
    /// A tick of the interval.
    Tick,
    /// A moment of the cron expression.
    #[cfg(feature = "cron")]
    Moment(SystemTime),
    /// The time to read the clock again.
    #[cfg(feature = "cron")]
    Look,
}

pub(super) struct Scheduler {
    schedule: Schedule,
    job: ScheduledJob,
    running: Vec<Pid>,
    #[cfg(feature = "cron")]
    moments: Moments,
    /// The next moment, and its timer.
    #[cfg(feature = "cron")]
    next: Option<(SystemTime, TimerRef)>,
}

#[gen_server]
impl GenServer for Scheduler {
    type Args = (Schedule, ScheduledJob);
    type Info = JobDue;

    async fn init(
        (schedule, job): Self::Args,
        context: &mut Context<Self>,
    ) -> Result<Init<Self>, ExitReason> {
        // A job is linked, so that it ends with the schedule; its failure is not the schedule's.
        context.trap_exit(true);
        let mut scheduler = Self {
            schedule,
            job,
            running: Vec::new(),
            #[cfg(feature = "cron")]
            moments: Moments::default(),
            #[cfg(feature = "cron")]
            next: None,
        };
        scheduler.begin(context);
        Ok(Init::state(scheduler))
    }

    async fn handle_info(&mut self, info: Info<JobDue>, context: &mut Context<Self>) -> Next<Self> {
        #[cfg(not(feature = "cron"))]
        let _ = context;
        match info {
            Info::Message(JobDue::Tick) => self.run(),
            #[cfg(feature = "cron")]
            Info::Message(JobDue::Moment(moment)) => {
                // A timer that was cancelled may have fired before.
                if self.next.take_if(|(next, _)| *next == moment).is_some() {
                    if !self.is_too_late(moment) {
                        self.run();
                    }
                    if let JobTime::Cron(cron) = &self.schedule.when {
                        self.moments.note(cron, moment);
                    }
                    self.aim(context);
                }
            }
            #[cfg(feature = "cron")]
            Info::Message(JobDue::Look) => {
                self.aim(context);
                context.send_after(LOOK, JobDue::Look);
            }
            Info::Exit(exit) => self.running.retain(|pid| *pid != exit.from),
            Info::Down(_) | Info::Timeout => {}
        }
        Next::NoReply
    }

    async fn terminate(&mut self, _: &ExitReason, context: &mut Context<Self>) {
        let jobs = self
            .running
            .iter()
            .filter_map(|pid| context.node().find(*pid));
        let jobs = jobs.map(|process| Stoppable {
            process,
            // Its supervisor limits the time for all of them.
            shutdown: Shutdown::Infinity,
        });
        drop(Reaper::new(context.pid()).stop_all(jobs.collect()).await);
    }
}

impl Scheduler {
    /// Runs the job, unless it is still running and may not overlap.
    fn run(&mut self) {
        if self.running.is_empty() || self.schedule.overlap == Overlap::Start {
            self.running.push((self.job.0)());
        }
    }

    #[cfg(feature = "cron")]
    fn is_too_late(&self, moment: SystemTime) -> bool {
        let late = self.schedule.clock.now().duration_since(moment);
        let most = self.schedule.at_most_late;
        late.is_ok_and(|late| most.is_some_and(|most| late > most.max(LOOK)))
    }

    /// Sets the first timers.
    fn begin(&mut self, context: &Context<Self>) {
        match &self.schedule.when {
            JobTime::Every(period, missed) => {
                let period = (*period).max(Duration::from_millis(1));
                let _ = context.send_interval_with(period, *missed, JobDue::Tick);
            }
            #[cfg(feature = "cron")]
            JobTime::Cron(_) => {
                self.aim(context);
                context.send_after(LOOK, JobDue::Look);
            }
        }
    }

    /// Sets the timer of the next moment of a cron expression, if it is not set. A moment that has come stays the next one.
    #[cfg(feature = "cron")]
    fn aim(&mut self, context: &Context<Self>) {
        let JobTime::Cron(cron) = &self.schedule.when else {
            return;
        };
        let clock = &self.schedule.clock;
        let now = clock.now();
        let set = self.next.as_ref().map(|(next, _)| *next);
        if set.is_some_and(|set| set <= now) {
            return;
        }
        let next = self.moments.next(cron, now);
        if next == set {
            return;
        }
        if let Some((_, timer)) = self.next.take() {
            timer.cancel();
        }
        self.next = next.map(|next| {
            let timer = clock.send_at(context.me(), next, JobDue::Moment(next));
            (next, timer)
        });
    }
}
