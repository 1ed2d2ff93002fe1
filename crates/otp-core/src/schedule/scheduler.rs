//! The server that runs a job.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use otp_macros::gen_server;

use super::{JobTime, Overlap, Schedule};
use crate::child_spec::Shutdown;
use crate::exit::{ExitReason, Outcome};
use crate::gen_server::{Context, GenServer, Info, Init, Next};
use crate::guard::keep::Stoppable;
use crate::pid::Pid;
use crate::process::panic::{Alone, Contained};
use crate::supervisor::shutdown::Reaper;
use crate::task;

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

/// A moment has come: of a cron expression, this one.
#[derive(Debug, Clone)]
pub(super) struct JobDue(Option<SystemTime>);

pub(super) struct Scheduler {
    schedule: Schedule,
    job: ScheduledJob,
    running: Vec<Pid>,
    /// The last moment for which it was due.
    last: Option<SystemTime>,
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
        let scheduler = Self {
            schedule,
            job,
            running: Vec::new(),
            last: None,
        };
        scheduler.begin(context);
        Ok(Init::state(scheduler))
    }

    async fn handle_info(&mut self, info: Info<JobDue>, context: &mut Context<Self>) -> Next<Self> {
        match info {
            Info::Message(JobDue(moment)) => {
                if self.is_wanted(moment) {
                    self.running.push((self.job.0)());
                }
                self.last = moment;
                if moment.is_some() {
                    self.begin(context);
                }
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
    fn is_wanted(&self, moment: Option<SystemTime>) -> bool {
        let free = self.running.is_empty() || self.schedule.overlap == Overlap::Start;
        let now = self.schedule.clock.now();
        let late = moment.and_then(|moment| now.duration_since(moment).ok());
        let too_late = match (late, self.schedule.at_most_late) {
            (Some(late), Some(most)) => late > most,
            _ => false,
        };
        free && !too_late
    }

    /// Sets the timers: an interval, or the next moment of a cron expression after the last one and after the time of
    /// the clock.
    fn begin(&self, context: &Context<Self>) {
        match &self.schedule.when {
            JobTime::Every(period, missed) => {
                let period = (*period).max(Duration::from_millis(1));
                let _ = context.send_interval_with(period, *missed, JobDue(None));
            }
            #[cfg(feature = "cron")]
            JobTime::Cron(cron) => {
                let clock = &self.schedule.clock;
                let now = clock.now();
                let from = self.last.map_or(now, |last| last.max(now));
                if let Some(next) = cron.next_after(from) {
                    let _ = clock.send_at(context.me(), next, JobDue(Some(next)));
                }
            }
        }
    }
}
