//! The process that a guard is.

use std::any::type_name;
use std::future::{Future, poll_fn};
use std::mem;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;
use std::time::Duration;

use thiserror::Error;
use tokio::sync::{oneshot, watch};
use tokio::time::{Instant, sleep_until};

use super::core::{Decision, GuardCore};
use super::ready::{Shown, Standing};
use super::wanted::{WaitingCaller, WaitingCallers, WantedGuard, WantedServer};
use super::{Guard, OnLimit};
use crate::child_spec::{AlreadyStarted, Child, ChildId, ChildSpec, ChildType, Extra, Shutdown};
use crate::exit::ExitReason;
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

/// A message to a guard.
pub(crate) enum GuardMessage {
    Exit(Exit),
    /// A caller wants the child to run: it is started at once, unless that is being done.
    Wanted(WaitingCaller),
}

/// Starts a guard that is linked with the current process, a supervisor. The guard calls `tell` each time that the
/// state of its child changes.
pub(crate) fn start_link(
    spec: Arc<ChildSpec>,
    guard: Guard,
    extra: Option<Extra>,
    tell: impl Fn(Standing) + Send + 'static,
    wanted: Option<WantedServer>,
) -> ProcessRef<GuardMessage> {
    let parent = current::process();
    let supervisor = parent.head().pid;
    let shown = Arc::new(Shown {
        standing: watch::channel(Standing::Starting).0,
        restarts: AtomicU64::new(0),
    });
    let birth = Birth::linked(&parent, type_name::<GuardProcess>);
    // Before others know its pid.
    birth.block().head.show(shown.clone());
    let me = ProcessRef::new(birth.block().clone());
    let (place, caller) = wanted.map(|it| it.enter(me)).unzip();
    birth.run(move |mut mailbox: Mailbox<GuardMessage>| {
        mailbox.trap_exit(GuardMessage::Exit);
        let me = current::process();
        process::set_label(format!(
            "guard of {}",
            panic::quietly(|| spec.id().to_string())
        ));
        let wanted = place.as_ref().map(|place| place.guard.clone());
        drop(place.and_then(process::put));
        let keeper = GuardProcess {
            hands: Hands::new(None, me.head().pid, "Guard").extra(extra),
            reaper: Reaper::new(me.head().pid),
            core: GuardCore::new(guard.clone()),
            tell: Box::new(tell),
            must_start: guard.must_start || spec.starts_once(),
            early: None,
            ears: Ears {
                callers: WaitingCallers::from_iter(caller.flatten()),
                supervisor,
                mailbox,
            },
            wanted,
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
    ears: Ears,
    shown: Arc<Shown>,
    tell: Box<dyn Fn(Standing) + Send>,
    /// Itself, for callers that want its server.
    wanted: Option<Arc<WantedGuard>>,
    /// The first start must succeed.
    must_start: bool,
    /// The time of the next start, if a caller has not waited for that.
    early: Option<Instant>,
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

/// It is time for the next start of the child, or the guard ends for this reason.
type GuardTurn = Result<(), ExitReason>;

impl GuardProcess {
    /// Keeps the child running until it is done, has failed too often, or is stopped by the supervisor.
    async fn keep(mut self) -> ExitReason {
        loop {
            self.stand(Standing::Starting);
            let turn = match self.start().await {
                Ok(Ok(child)) => self.has_started(child).await,
                Ok(Err(reason)) => self.has_failed(reason).await,
                Err(end) => {
                    self.end_what_has_begun().await;
                    return end;
                }
            };
            if let Err(end) = turn {
                return end;
            }
        }
    }

    async fn has_started(&mut self, child: Child) -> GuardTurn {
        self.must_start = false;
        self.early = None;
        if let Some(wanted) = &self.wanted {
            wanted.stays();
        }
        // Before its callers have it: they find the guard in this state.
        if let Some(pid) = child.pid() {
            self.stand(Standing::Running(pid));
        }
        self.answer(|| Ok(child.clone()));
        let Some(pid) = child.pid() else {
            // The child has chosen not to run.
            return Err(ExitReason::Normal);
        };
        let since = Instant::now();
        let reason = match child.process() {
            Some(process) => match self.watch(&child, process).await {
                Err(end) => return Err(self.stop(pid, process, end).await),
                Ok(reason) => reason,
            },
            // The child has ended directly after its start.
            None => ExitReason::NoProcess,
        };
        if !self.spec.restarts_after(&reason) {
            // That of a supervisor may be that it has given up.
            if self.spec.child_type() == ChildType::Supervisor {
                let orderly = ChildReport::Orderly(self.spec.clone(), pid, reason.clone());
                self.hands.report(orderly);
                self.hands.report(ChildReport::AutoShutdown);
            }
            return Err(reason);
        }
        let spec = self.spec.clone();
        self.trouble(ErrorContext::ChildTerminated, spec, Some(pid), &reason);
        self.again(reason, Some(since.elapsed())).await
    }

    async fn has_failed(&mut self, reason: ExitReason) -> GuardTurn {
        let ends = self.wanted.as_ref().is_some_and(|it| it.ends());
        if let Some(taken) = self.taken(&reason) {
            self.answer(|| Ok(taken.into()));
            if ends {
                return Err(ExitReason::Normal);
            }
            if self.holds(taken.0) {
                return self.give_way(taken.0).await;
            }
        }
        let spec = self.spec.clone();
        self.trouble(ErrorContext::StartError, spec, None, &reason);
        self.answer(|| Err(reason.clone()));
        if ends {
            // Its caller has the reason, and its supervisor forgets it.
            return Err(ExitReason::Shutdown);
        }
        if mem::take(&mut self.must_start) {
            return Err(reason);
        }
        match self.early.take() {
            // That was for a caller, and is not counted.
            Some(until) => self.rest(until).await,
            None => self.again(reason, None).await,
        }
    }

    /// Tells those who wait for the start.
    fn answer(&mut self, outcome: impl Fn() -> Result<Child, ExitReason>) {
        self.ears.callers.tell(outcome);
    }

    fn stand(&self, standing: Standing) {
        self.shown.standing.send_replace(standing);
        (self.tell)(standing);
    }

    /// Calls the start function. An error is the supervisor's order; then the call is given up.
    async fn start(&mut self) -> Result<Result<Child, ExitReason>, ExitReason> {
        let me = current::process();
        let mut start = Box::pin(self.hands.start(&self.spec, &*me));
        let started = self.ears.unless_told(start.as_mut()).await;
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
            .filter(|it| it.head().pid != self.ears.supervisor);
        let shutdown = self.spec.shutdown_value();
        let begun = begun.map(|process| Stoppable { process, shutdown });
        drop(self.reaper.stop_all(begun.collect()).await);
    }

    /// Waits for the child's end.
    async fn watch(
        &mut self,
        child: &Child,
        process: &Arc<dyn Process>,
    ) -> Result<ExitReason, ExitReason> {
        let mut end = pin!(wait(process.clone()));
        loop {
            if let Some(reason) = self.ears.hear(end.as_mut()).await? {
                return Ok(reason);
            }
            // If its end is decided, its caller waits for the next start.
            if !process.head().is_exiting() {
                self.answer(|| Ok(child.clone()));
            }
        }
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

    /// The process that has the name of the server that callers want, if that is why a start has failed.
    fn taken(&self, reason: &ExitReason) -> Option<AlreadyStarted> {
        AlreadyStarted::of(reason, self.wanted.as_ref()?.name())
    }

    /// Whether this process has the name of the server, or has ended. One that lives may have another name that the start
    /// function needs, and then the start has failed.
    fn holds(&self, holder: Pid) -> bool {
        let Some(wanted) = &self.wanted else {
            return false;
        };
        let me = current::process();
        let node = &me.head().node;
        let mut holds = true;
        // It may ask a registry of the user's.
        panic::run_quietly(|| {
            holds = !node.is_alive(holder) || node.whereis(wanted.name().clone()) == Some(holder);
        });
        holds
    }

    /// Waits for the end of the process that has the child's name, and then until the next start.
    async fn give_way(&mut self, holder: Pid) -> GuardTurn {
        self.early = None;
        self.stand(Standing::NameTaken(holder));
        let since = Instant::now();
        let (tell, told) = oneshot::channel::<Never>();
        let monitor = self.ears.mailbox.monitor(holder, move |down| {
            drop(tell);
            GuardMessage::Exit(Exit {
                from: holder,
                reason: down.reason,
            })
        });
        let over = self.ears.unless_wanted(current::harmless(told)).await?;
        self.ears.mailbox.demonitor(monitor);
        match over {
            Some(_) => {
                let delay = self.core.delay(Some(since.elapsed()));
                let until = after(Instant::now(), delay.max(LEAST));
                self.pause(until).await
            }
            None => Ok(()),
        }
    }

    /// Waits until the next start of the child, which has ended or was not started, if there is one.
    async fn again(&mut self, reason: ExitReason, ran: Option<Duration>) -> GuardTurn {
        // Before each restart: a loop of them must not stop a paused clock.
        let now = self.ears.unless_told(self.hands.now()).await?;
        match self.core.again(ran, now) {
            Decision::StartAfter(delay) => self.rest(after(Instant::now(), delay)).await,
            Decision::GiveUp => {
                let limit = ChildReport::Limit(self.spec.clone(), None);
                self.hands.report(limit);
                Err(match self.guard.on_limit.unwrap_or_default() {
                    OnLimit::Rest => ExitReason::Shutdown,
                    OnLimit::Fail if reason.is_abnormal() => reason,
                    OnLimit::Fail => self.limit(),
                })
            }
        }
    }

    /// Waits until the time of the next start, and counts that.
    async fn rest(&mut self, until: Instant) -> GuardTurn {
        self.pause(until).await?;
        let restarts = self.shown.restarts.fetch_add(1, Ordering::Relaxed) + 1;
        self.hands.count(restarts, &current::process().head().node);
        Ok(())
    }

    /// Waits until the time of the next start, or until a caller wants the child.
    async fn pause(&mut self, until: Instant) -> GuardTurn {
        self.stand(Standing::Waiting(until));
        let pause = async {
            match until <= Instant::now() {
                // Yields: restarts of a child that fails at once would block the thread.
                true => tokio::task::yield_now().await,
                false => sleep_until(until).await,
            }
        };
        let over = self.ears.unless_wanted(pause).await?;
        self.early = over.is_none().then_some(until);
        Ok(())
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

/// What a guard hears while it waits.
struct Ears {
    mailbox: Mailbox<GuardMessage>,
    supervisor: Pid,
    callers: WaitingCallers,
}

impl Ears {
    /// Waits for an event, or for the supervisor's exit, whose reason is the error.
    async fn unless_told<T>(&mut self, work: impl Future<Output = T>) -> Result<T, ExitReason> {
        let mut work = pin!(work);
        loop {
            if let Some(done) = self.hear(work.as_mut()).await? {
                return Ok(done);
            }
        }
    }

    /// The same, or `None` as soon as a caller wants the child.
    async fn unless_wanted<T>(
        &mut self,
        work: impl Future<Output = T>,
    ) -> Result<Option<T>, ExitReason> {
        if !self.callers.is_empty() {
            return Ok(None);
        }
        self.hear(pin!(work)).await
    }

    /// Waits for an event, for the supervisor's exit, or for one more caller. Other exits are ignored: the end of the child
    /// is awaited separately.
    async fn hear<T>(
        &mut self,
        mut work: Pin<&mut impl Future<Output = T>>,
    ) -> Result<Option<T>, ExitReason> {
        loop {
            let mut message = self.mailbox.receive();
            let came = poll_fn(|cx| {
                if let Poll::Ready(message) = Pin::new(&mut message).poll(cx) {
                    return Poll::Ready(Err(message));
                }
                work.as_mut().poll(cx).map(Ok)
            });
            match came.await {
                Ok(done) => return Ok(Some(done)),
                Err(GuardMessage::Exit(exit)) if exit.from == self.supervisor => {
                    return Err(exit.reason);
                }
                Err(GuardMessage::Exit(_)) => {}
                Err(GuardMessage::Wanted(caller)) => {
                    self.callers.add(caller);
                    return Ok(None);
                }
            }
        }
    }
}
