//! How a supervisor stops processes.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::child_spec::{ChildSpec, Shutdown};
use crate::exit::ExitReason;
use crate::pid::Pid;
use crate::process::block::Process;
use crate::process::process_ref::wait;
use crate::process::signal::{self, ExitOrigin};
use crate::time_limit::TimeLimit;

/// A child, for the one that stops it.
pub(crate) trait Mortal {
    /// None if it had ended, and was not linked, when its start function returned.
    fn process(&self) -> Option<&Arc<dyn Process>>;
    fn shutdown(&self) -> Shutdown;

    /// Whether its end is decided.
    fn is_ending(&self) -> bool {
        let process = self.process();
        process.is_some_and(|process| process.head().is_exiting())
    }

    /// How long it has.
    fn limit(&self) -> Option<Duration> {
        match self.shutdown() {
            Shutdown::Within(limit) => Some(limit),
            Shutdown::BrutalKill | Shutdown::Infinity => None,
        }
    }
}

/// A child that its supervisor stops.
#[derive(Debug)]
pub(crate) struct Leaving {
    pub(crate) pid: Pid,
    pub(crate) spec: Arc<ChildSpec>,
    pub(crate) process: Option<Arc<dyn Process>>,
}

impl Mortal for Leaving {
    fn process(&self) -> Option<&Arc<dyn Process>> {
        self.process.as_ref()
    }

    fn shutdown(&self) -> Shutdown {
        self.spec.own_shutdown()
    }
}

/// Stops children: sends the exit signals, waits until the children are dead, and returns their exit reasons.
///
/// It waits for the end itself and not for the EXIT, so that a child that has unlinked itself cannot
/// make its supervisor hang. The limits hang on the alarm of the supervisor's process, which mostly is set already.
pub(crate) struct Reaper {
    supervisor: Pid,
}

impl Reaper {
    pub(crate) fn new(supervisor: Pid) -> Self {
        Self { supervisor }
    }

    /// Stops one child.
    pub(crate) async fn stop(&self, child: &impl Mortal) -> ExitReason {
        self.tell(child);
        // If its end is decided already, to kill it changes nothing: then no limit is needed, nor the clock.
        if let Some(limit) = child.limit()
            && !child.is_ending()
        {
            if let Some(reason) = wait_within(child, limit).await {
                return reason;
            }
            self.kill(child);
        }
        wait_for(child).await
    }

    /// Stops children at the same time: each gets its exit signal before the first wait, and each has its own limit.
    pub(crate) async fn stop_all<C: Mortal>(&self, mut children: Vec<C>) -> Vec<(C, ExitReason)> {
        for child in &children {
            self.tell(child);
        }
        let told = Instant::now();
        // The child with the least time is waited for first: then no other limit has passed before.
        children.sort_by_key(|child| child.limit().unwrap_or(Duration::MAX));
        let mut ended = Vec::with_capacity(children.len());
        let mut left = Vec::new();
        for child in children {
            let in_time = match child.limit() {
                Some(limit) => {
                    let reason = wait_within(&child, limit.saturating_sub(told.elapsed())).await;
                    if reason.is_none() {
                        self.kill(&child);
                    }
                    reason
                }
                None => None,
            };
            match in_time {
                Some(reason) => ended.push((child, reason)),
                None => left.push(child),
            }
        }
        for child in left {
            let reason = wait_for(&child).await;
            ended.push((child, reason));
        }
        ended
    }

    fn tell(&self, child: &impl Mortal) {
        match child.shutdown() {
            Shutdown::BrutalKill => self.kill(child),
            Shutdown::Within(_) | Shutdown::Infinity => self.send(child, ExitReason::Shutdown),
        }
    }

    fn kill(&self, child: &impl Mortal) {
        self.send(child, ExitReason::Kill);
    }

    fn send(&self, child: &impl Mortal, reason: ExitReason) {
        if let Some(process) = child.process() {
            signal::exit(process, self.supervisor, reason, ExitOrigin::Hand);
        }
    }
}

/// The exit reason of the child; `None` if it has not ended in time.
async fn wait_within(child: &impl Mortal, limit: Duration) -> Option<ExitReason> {
    TimeLimit::After(limit).on(wait_for(child)).await
}

async fn wait_for(child: &impl Mortal) -> ExitReason {
    match child.process() {
        Some(process) => wait(&**process).await,
        None => ExitReason::NoProcess,
    }
}
