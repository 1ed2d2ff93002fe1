//! The process that a guard is.

use std::any::type_name;
use std::future::{Future, pending, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;
use std::time::Duration;

use futures_util::future::{Either, select};
use thiserror::Error;
use tokio::sync::{oneshot, watch};
use tokio::time::{Instant, sleep_until};

use super::core::{Decision, GuardCore};
use super::ready::{Duty, Shown, Standing};
use super::{Guard, OnLimit};
use crate::child_spec::{AlreadyStarted, Child, ChildId, ChildSpec, Extra, Shutdown};
use crate::exit::ExitReason;
use crate::name::Name;
use crate::never::Never;
use crate::pid::Pid;
use crate::process::block::Process;
use crate::process::process_ref::wait;
use crate::process::{self, Birth, Exit, Mailbox, ProcessRef, current, panic};
use crate::report::supervisor::ErrorContext;
use crate::supervisor::action::ChildReport;
use crate::supervisor::hands::Hands;
use crate::supervisor::shutdown::{Mortal, Reaper};
use crate::timer::after;

/// A child has ended again after as many restarts as its guard allows.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use otp_core::guard::RestartLimit;
///
/// let limit = RestartLimit { id: "mail".into(), max_restarts: 3, period: Duration::from_secs(60) };
/// let text = "child mail was started again too often: more than 3 times within 60s";
/// assert_eq!(limit.to_string(), text);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("child {id} was started again too often: more than {max_restarts} times within {period:?}")]
pub struct RestartLimit {
    /// The child.
    pub id: ChildId,
    /// How many restarts are allowed.
    pub max_restarts: usize,
    /// The period in which they are counted.
    pub period: Duration,
}

/// The shortest wait for the next start when the name of the child was taken: the start function may name a process that
/// has ended each time.
const LEAST: Duration = Duration::from_millis(10);

/// For the result of the first start of a guarded child.
type FirstResult = watch::Sender<Option<Result<Child, ExitReason>>>;

/// The server that a caller wants to run.
pub(crate) struct WantedServer {
    pub(super) name: Name,
    /// The first start must succeed, and the caller gets its result.
    pub(super) first: Option<FirstResult>,
}

/// Starts a guard that is linked with the current process, a supervisor. The guard calls `tell` each time that the
/// state of its child changes.
pub(crate) fn start_link(
    spec: Arc<ChildSpec>,
    guard: Guard,
    extra: Option<Extra>,
    tell: impl Fn(Standing) + Send + 'static,
    wanted: Option<WantedServer>,
) -> ProcessRef<Exit> {
    let parent = current::process();
    let supervisor = parent.head().pid;
    let (name, first) = wanted.map(|it| (it.name, it.first)).unzip();
    let shown = Arc::new(Shown {
        standing: watch::channel(Standing::Starting).0,
        duty: name.map(|name| Duty {
            name,
            supervisor,
            restart: spec.restart_type(),
        }),
        restarts: AtomicU64::new(0),
    });
    let birth = Birth::linked(&parent, type_name::<GuardProcess>);
    // Before others know its pid.
    birth.block().head.show(shown.clone());
    birth.run(move |mut mailbox: Mailbox<Exit>| {
        mailbox.trap_exit(|exit| exit);
        let me = current::process();
        process::set_label(format!(
            "guard of {}",
            panic::quietly(|| spec.id().to_string())
        ));
        let keeper = GuardProcess {
            hands: Hands::new(None, me.head().pid, "Guard").extra(extra),
            reaper: Reaper::new(me.head().pid),
            core: GuardCore::new(guard.clone()),
            tell: Box::new(tell),
            first: first.flatten(),
            supervisor,
            mailbox,
            spec,
            guard,
            shown,
        };
        keeper.keep()
    })
}

struct GuardProcess {
    spec: Arc<ChildSpec>,
    guard: Guard,
    core: GuardCore,
    hands: Hands,
    reaper: Reaper,
    supervisor: Pid,
    mailbox: Mailbox<Exit>,
    shown: Arc<Shown>,
    tell: Box<dyn Fn(Standing) + Send>,
    first: Option<FirstResult>,
}

/// A process that is to stop.
pub(crate) struct Stoppable {
    pub(crate) process: Arc<dyn Process>,
    pub(crate) shutdown: Shutdown,
}

impl Mortal for Stoppable {
    fn process(&self) -> Option<&Arc<dyn Process>> {
        Some(&self.process)
    }

    fn shutdown(&self) -> Shutdown {
        self.shutdown
    }
}

impl GuardProcess {
    /// Keeps the child running until it is done, has failed too often, or is stopped by the supervisor.
    async fn keep(mut self) -> ExitReason {
        let mut must_start = self.guard.must_start;
        loop {
            self.stand(Standing::Starting);
            let first = self.first.take();
            let (reason, ran) = match self.start().await {
                Err(end) => {
                    self.end_what_has_begun().await;
                    return end;
                }
                Ok(Err(reason)) => {
                    if let Some(duty) = &self.shown.duty
                        && let Some(taken) = AlreadyStarted::of(&reason, &duty.name)
                    {
                        if let Some(first) = first {
                            first.send_replace(Some(Ok(taken.into())));
                            return ExitReason::Normal;
                        }
                        if self.holds(taken.0, &duty.name) {
                            if let Some(end) = self.give_way(taken.0).await {
                                return end;
                            }
                            continue;
                        }
                    }
                    let child = self.spec.clone();
                    self.trouble(ErrorContext::StartError, child, None, &reason);
                    if let Some(first) = first {
                        first.send_replace(Some(Err(reason)));
                        // Its caller has the reason, and its supervisor forgets it.
                        return ExitReason::Shutdown;
                    }
                    if must_start {
                        return reason;
                    }
                    (reason, None)
                }
                Ok(Ok(child)) => {
                    if let Some(first) = first {
                        first.send_replace(Some(Ok(child.clone())));
                    }
                    let Some(pid) = child.pid() else {
                        // The child has chosen not to run.
                        return ExitReason::Normal;
                    };
                    self.stand(Standing::Running(pid));
                    let since = Instant::now();
                    let reason = match child.process() {
                        Some(process) => match self.watch(process).await {
                            Err(end) => return self.stop(pid, process, end).await,
                            Ok(reason) => reason,
                        },
                        // The child has ended directly after its start.
                        None => ExitReason::NoProcess,
                    };
                    if !self.spec.restarts_after(&reason) {
                        return reason;
                    }
                    let child = self.spec.clone();
                    self.trouble(ErrorContext::ChildTerminated, child, Some(pid), &reason);
                    (reason, Some(since.elapsed()))
                }
            };
            must_start = false;
            if let Some(end) = self.again(reason, ran).await {
                return end;
            }
        }
    }

    fn stand(&self, standing: Standing) {
        self.shown.standing.send_replace(standing);
        (self.tell)(standing);
    }

    /// Calls the start function. An error is the supervisor's order; then the call is given up.
    async fn start(&mut self) -> Result<Result<Child, ExitReason>, ExitReason> {
        let me = current::process();
        let mut start = Box::pin(self.hands.start(&self.spec, &*me));
        let started = unless_told(&mut self.mailbox, self.supervisor, start.as_mut()).await;
        // It may hold values of the user's, and the guard has to continue.
        panic::run_quietly(|| drop(start));
        started
    }

    /// Stops the processes that an abandoned start function has started: those that are linked with the guard, except
    /// the supervisor.
    async fn end_what_has_begun(&mut self) {
        let me = current::process();
        let begun = me.head().all_linked();
        let begun = begun
            .into_iter()
            .filter(|it| it.head().pid != self.supervisor);
        let shutdown = self.spec.shutdown_value();
        let begun = begun.map(|process| Stoppable { process, shutdown });
        drop(self.reaper.stop_all(begun.collect()).await);
    }

    /// Waits for the child's end.
    async fn watch(&mut self, child: &Arc<dyn Process>) -> Result<ExitReason, ExitReason> {
        unless_told(&mut self.mailbox, self.supervisor, wait(child.clone())).await
    }

    /// Stops the child as the supervisor asks. Returns the guard's exit reason.
    async fn stop(&mut self, pid: Pid, process: &Arc<dyn Process>, end: ExitReason) -> ExitReason {
        let shutdown = self.spec.shutdown_value();
        let process = process.clone();
        let reason = self.reaper.stop(&Stoppable { process, shutdown }).await;
        if !self.spec.stops_well_with(&reason) {
            let child = self.spec.clone();
            self.trouble(ErrorContext::ShutdownError, child, Some(pid), &reason);
        }
        end
    }

    /// Whether this process has the name, or has ended. One that lives may have another name that the start function
    /// needs, and then the start has failed.
    fn holds(&self, holder: Pid, name: &Name) -> bool {
        let me = current::process();
        let node = &me.head().node;
        let mut holds = true;
        // It may ask a registry of the user's.
        panic::run_quietly(|| {
            holds = !node.is_alive(holder) || node.whereis(name.clone()) == Some(holder);
        });
        holds
    }

    /// Waits for the end of the process that has the child's name, and then until the next start. Returns the guard's
    /// exit reason if there is no next start: another guard of the same supervisor keeps the server running, or waits
    /// for that process already.
    async fn give_way(&mut self, holder: Pid) -> Option<ExitReason> {
        self.stand(Standing::NameTaken(holder));
        let since = Instant::now();
        let (tell, told) = oneshot::channel::<Never>();
        let monitor = self.mailbox.monitor(holder, move |down| {
            drop(tell);
            Exit {
                from: holder,
                reason: down.reason,
            }
        });
        let me = current::process();
        let node = &me.head().node;
        if self.shown.is_late(node, holder, monitor) {
            return Some(ExitReason::Normal);
        }
        let other = self.shown.other_guard(node, holder);
        let runs = async {
            match other {
                Some(other) => other.runs(holder).await,
                None => pending().await,
            }
        };
        let runs = pin!(runs);
        let over = current::harmless(select(runs, told));
        match unless_told(&mut self.mailbox, self.supervisor, over).await {
            Ok(Either::Left(_)) => Some(ExitReason::Normal),
            Ok(Either::Right(_)) => {
                let delay = self.core.delay(Some(since.elapsed()));
                self.pause(delay.max(LEAST)).await.err()
            }
            Err(end) => Some(end),
        }
    }

    /// Waits until the next start of the child. Returns the guard's exit reason if there is no next start.
    async fn again(&mut self, reason: ExitReason, ran: Option<Duration>) -> Option<ExitReason> {
        // Before each restart: a loop of them must not stop a paused clock.
        let now = unless_told(&mut self.mailbox, self.supervisor, self.hands.now()).await;
        let now = match now {
            Ok(now) => now,
            Err(end) => return Some(end),
        };
        match self.core.again(ran, now) {
            Decision::StartAfter(delay) => {
                let end = self.pause(delay).await;
                if end.is_ok() {
                    let restarts = self.shown.restarts.fetch_add(1, Ordering::Relaxed) + 1;
                    self.hands.count(restarts, &current::process().head().node);
                }
                end.err()
            }
            Decision::GiveUp => {
                let limit = ChildReport::Limit(self.spec.clone(), None);
                self.hands.report(limit);
                Some(match self.guard.on_limit.unwrap_or_default() {
                    OnLimit::Rest => ExitReason::Shutdown,
                    OnLimit::Fail if reason.is_abnormal() => reason,
                    OnLimit::Fail => self.limit(),
                })
            }
        }
    }

    /// Waits until the next start.
    async fn pause(&mut self, delay: Duration) -> Result<(), ExitReason> {
        let until = after(Instant::now(), delay);
        self.stand(Standing::Waiting(until));
        let pause = async {
            match delay.is_zero() {
                // Yields: restarts of a child that fails at once would block the thread.
                true => tokio::task::yield_now().await,
                false => sleep_until(until).await,
            }
        };
        unless_told(&mut self.mailbox, self.supervisor, pause).await
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
        &mut self,
        context: ErrorContext,
        child: Arc<ChildSpec>,
        pid: Option<Pid>,
        reason: &ExitReason,
    ) {
        self.hands.report(ChildReport::Trouble {
            context,
            child,
            pid,
            reason: reason.clone(),
        });
    }
}

/// Waits for an event, or for the supervisor's exit, whose reason is the error. Other exits are ignored: the end of the child is
/// awaited separately.
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
