//! The process that a guard is.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;

use thiserror::Error;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use super::core::{Core, Decision};
use super::ready::{Shown, Standing};
use super::{Guard, OnLimit};
use crate::child_spec::{Child, ChildId, ChildSpec, Shutdown};
use crate::exit::ExitReason;
use crate::pid::Pid;
use crate::process::block::Process;
use crate::process::process_ref::wait;
use crate::process::{self, Exit, Mailbox, ProcessRef, current};
use crate::report::supervisor::Context;
use crate::supervisor::event::Report;
use crate::supervisor::hands::Hands;
use crate::supervisor::shutdown::{Mortal, Reaper};
use crate::timer::after;

/// A child has been started again as often as its guard allows, and is to run still.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("child {id} was started again too often: more than {max_restarts} times within {period:?}")]
pub struct RestartLimit {
    /// The child.
    pub id: ChildId,
    /// How many restarts are allowed.
    pub max_restarts: usize,
    /// Within what time.
    pub period: std::time::Duration,
}

/// Starts a guard, linked with the supervisor that runs this.
pub(super) fn start_link(spec: Arc<ChildSpec>, guard: Guard) -> ProcessRef<Exit> {
    let supervisor = current::process().head().pid;
    process::spawn_link(move |mut mailbox: Mailbox<Exit>| {
        mailbox.trap_exit(|exit| exit);
        let (shown, _) = watch::channel(Standing::Starting);
        let me = current::process();
        me.head().show(Arc::new(Shown(shown.clone())));
        process::set_label(format!(
            "guard of {}",
            process::panic::quietly(|| spec.id().to_string())
        ));
        let keeper = Keeper {
            hands: Hands::new(None, me.head().pid, "Guard"),
            reaper: Reaper::new(me.head().pid),
            core: Core::new(guard.clone()),
            began: Instant::now(),
            supervisor,
            mailbox,
            spec,
            guard,
            shown,
        };
        keeper.keep()
    })
}

struct Keeper {
    spec: Arc<ChildSpec>,
    guard: Guard,
    core: Core,
    hands: Hands,
    reaper: Reaper,
    began: Instant,
    supervisor: Pid,
    mailbox: Mailbox<Exit>,
    shown: watch::Sender<Standing>,
}

/// The child that a guard stops.
struct Running<'a> {
    process: &'a Arc<dyn Process>,
    shutdown: Shutdown,
}

impl Mortal for Running<'_> {
    fn process(&self) -> Option<&Arc<dyn Process>> {
        Some(self.process)
    }

    fn shutdown(&self) -> Shutdown {
        self.shutdown
    }
}

impl Keeper {
    /// Keeps the child running until it is done, or has failed too often, or the supervisor says stop.
    async fn keep(mut self) -> ExitReason {
        loop {
            self.shown.send_replace(Standing::Starting);
            let (reason, ran) = match self.start().await {
                Err(end) => return end,
                Ok(Err(reason)) => {
                    let child = self.spec.clone();
                    self.trouble(Context::StartError, child, None, &reason);
                    (reason, None)
                }
                Ok(Ok(child)) => {
                    let (Some(pid), Some(process)) = (child.pid(), child.process()) else {
                        match child.pid() {
                            // It has ended as soon as it was there.
                            Some(_) => match self.again(ExitReason::NoProcess, None).await {
                                Some(end) => return end,
                                None => continue,
                            },
                            // It chose not to run.
                            None => return ExitReason::Normal,
                        }
                    };
                    self.shown.send_replace(Standing::Running(pid));
                    let since = Instant::now();
                    let reason = match self.watch(process).await {
                        Err(end) => return self.stop(pid, process, end).await,
                        Ok(reason) => reason,
                    };
                    if !self.spec.restarts_after(&reason) {
                        return reason;
                    }
                    let child = self.spec.clone();
                    self.trouble(Context::ChildTerminated, child, Some(pid), &reason);
                    (reason, Some(since.elapsed()))
                }
            };
            if let Some(end) = self.again(reason, ran).await {
                return end;
            }
        }
    }

    /// Calls the start function. An error is the supervisor's order: then a child that has not come as far as being started ends by its link.
    async fn start(&mut self) -> Result<Result<Child, ExitReason>, ExitReason> {
        let me = current::process();
        let Self {
            spec,
            hands,
            mailbox,
            supervisor,
            ..
        } = self;
        unless_told(mailbox, *supervisor, hands.start(spec, &*me)).await
    }

    /// Waits for the child's end.
    async fn watch(&mut self, child: &Arc<dyn Process>) -> Result<ExitReason, ExitReason> {
        unless_told(&mut self.mailbox, self.supervisor, wait(child.clone())).await
    }

    /// Stops the child, as the supervisor wants it. Returns with what reason the guard ends.
    async fn stop(&mut self, pid: Pid, process: &Arc<dyn Process>, end: ExitReason) -> ExitReason {
        let shutdown = self.spec.shutdown_value();
        let reason = self.reaper.stop(&Running { process, shutdown }).await;
        if !self.spec.stops_well_with(&reason) {
            let child = self.spec.clone();
            self.trouble(Context::ShutdownError, child, Some(pid), &reason);
        }
        end
    }

    /// Waits until the child is to be started again. Returns the guard's end, if it is not.
    async fn again(
        &mut self,
        reason: ExitReason,
        ran: Option<std::time::Duration>,
    ) -> Option<ExitReason> {
        match self.core.again(ran, self.began.elapsed()) {
            Decision::StartAfter(delay) => {
                self.shown.send_replace(Standing::Waiting);
                let pause = async {
                    match delay.is_zero() {
                        // Others have their turn: a child that fails at once would leave them none.
                        true => tokio::task::yield_now().await,
                        false => sleep_until(after(Instant::now(), delay)).await,
                    }
                };
                unless_told(&mut self.mailbox, self.supervisor, pause)
                    .await
                    .err()
            }
            Decision::GiveUp => {
                let limit = Report::Limit(self.spec.clone(), None);
                self.hands.report(&limit);
                Some(match self.guard.on_limit {
                    OnLimit::Rest => ExitReason::Shutdown,
                    OnLimit::Fail if reason.is_abnormal() => reason,
                    OnLimit::Fail => self.limit(),
                })
            }
        }
    }

    /// Why a guard fails whose child has ended in order, too often.
    fn limit(&self) -> ExitReason {
        let (max_restarts, period) = self.guard.limit.unwrap_or_default();
        ExitReason::error(RestartLimit {
            id: self.spec.id().clone(),
            max_restarts,
            period,
        })
    }

    fn trouble(
        &self,
        context: Context,
        child: Arc<ChildSpec>,
        pid: Option<Pid>,
        reason: &ExitReason,
    ) {
        self.hands.report(&Report::Trouble {
            context,
            child,
            pid,
            reason: reason.clone(),
        });
    }
}

/// Waits for something, or for the supervisor's exit, whose reason is the error. Other exits mean nothing: the child's end is waited
/// for by itself.
async fn unless_told<T>(
    mailbox: &mut Mailbox<Exit>,
    supervisor: Pid,
    work: impl Future<Output = T>,
) -> Result<T, ExitReason> {
    let mut work = pin!(work);
    loop {
        let mut exit = mailbox.receive();
        let came = poll_fn(|cx| {
            if let Poll::Ready(exit) = Pin::new(&mut exit).poll(cx) {
                return Poll::Ready(Err(exit));
            }
            work.as_mut().poll(cx).map(Ok)
        });
        match came.await {
            Ok(done) => return Ok(done),
            Err(exit) if exit.from == supervisor => return Err(exit.reason),
            Err(_) => {}
        }
    }
}
