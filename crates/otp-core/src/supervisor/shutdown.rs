//! How a supervisor stops processes.

use std::future::{Future as _, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

use crate::child_spec::{ChildSpec, Shutdown};
use crate::exit::ExitReason;
use crate::pid::Pid;
use crate::process::block::Process;
use crate::process::process_ref::wait;
use crate::process::signal::{self, ExitOrigin};
use crate::timer::after;

/// A child, for the one that stops it.
pub(crate) trait Mortal {
    /// None if it had ended, and was not linked, when its start function returned.
    fn process(&self) -> Option<&Arc<dyn Process>>;
    fn shutdown(&self) -> Shutdown;

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
        self.spec.shutdown_value()
    }
}

/// Stops children: sends the exit signals, waits until the children are dead, and returns their exit reasons.
///
/// It waits for the end itself and not for the EXIT, so that a child that has unlinked itself cannot
/// make its supervisor hang.
pub(crate) struct Reaper {
    supervisor: Pid,
    /// Kept from one child to the next: to put a timer off is much cheaper than to make one.
    timer: Option<Pin<Box<Sleep>>>,
}

impl Reaper {
    pub(crate) fn new(supervisor: Pid) -> Self {
        Self {
            supervisor,
            timer: None,
        }
    }

    /// Stops one child.
    pub(crate) async fn stop(&mut self, child: &impl Mortal) -> ExitReason {
        self.tell(child);
        if let Some(limit) = child.limit() {
            let deadline = after(Instant::now(), limit);
            if let Some(reason) = self.wait_until(child, deadline).await {
                return reason;
            }
            self.kill(child);
        }
        wait_for(child).await
    }

    /// Stops children at the same time: each gets its exit signal before the first wait, and each has its own limit.
    pub(crate) async fn stop_all<C: Mortal>(
        &mut self,
        mut children: Vec<C>,
    ) -> Vec<(C, ExitReason)> {
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
                    let reason = self.wait_until(&child, after(told, limit)).await;
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

    /// The exit reason of the child; `None` if it has not ended in time.
    async fn wait_until(&mut self, child: &impl Mortal, deadline: Instant) -> Option<ExitReason> {
        let mut ended = pin!(wait_for(child));
        poll_fn(|cx| {
            if let Poll::Ready(reason) = ended.as_mut().poll(cx) {
                return Poll::Ready(Some(reason));
            }
            // A timer that is due at once would fire with the next tick only.
            if Instant::now() >= deadline {
                return Poll::Ready(None);
            }
            let timer = &mut self.timer;
            let timer = timer.get_or_insert_with(|| Box::pin(sleep_until(deadline)));
            if timer.deadline() != deadline {
                timer.as_mut().reset(deadline);
            }
            timer.as_mut().poll(cx).map(|()| None)
        })
        .await
    }
}

async fn wait_for(child: &impl Mortal) -> ExitReason {
    match child.process() {
        Some(process) => wait(process.clone()).await,
        None => ExitReason::NoProcess,
    }
}
