//! The decisions of a supervisor: a pure function from state and event to actions.
//!
//! Some actions take time: to start a child, and to stop one. Such an action is the last of its list, and the next
//! event is its outcome. So a sequence of starts and stops is a conversation between core and executor, and no other
//! event comes in between. The action owns the remaining steps of the [sequence](super::plan).

use std::sync::Arc;
use std::time::Duration;

use super::action::{Action, Actions, ChildReport, Retry, ToStart, ToStop};
use super::children::{ChildEntry, ChildState, Children, Position, Span};
use super::error::{
    DeleteChildError, FailedToStartChild, RestartChildError, SpecError, StartChildError,
    TerminateChildError,
};
use super::intensity::Intensity;
use super::plan::{Aim, PlanStep, Starts, Stops, Then};
use super::policy::SupervisorPolicy;
use super::shutdown::Leaving;
use super::ticket::Tickets;
use super::{AutoShutdown, Flags, Strategy, validate};
use crate::child_spec::{Child, ChildId, ChildSpec};
use crate::exit::ExitReason;
use crate::pid::Pid;
use crate::report::supervisor::ErrorContext;

/// A supervisor, without the process.
#[derive(Debug)]
pub(crate) struct SupervisorCore {
    flags: Flags,
    children: Children,
    intensity: Intensity,
    tickets: Tickets,
}

/// A request to start a child, which is new or has ended.
#[derive(Debug)]
pub(crate) struct Requested {
    place: Position,
    is_new: bool,
}

/// A request to stop a child.
#[derive(Debug)]
pub(crate) struct Termination(Position);

/// The requests. Each takes at most one step, whose outcome gives the answer.
impl SupervisorCore {
    /// # Errors
    ///
    /// When flags or specifications contradict themselves.
    pub(crate) fn new(flags: Flags, specs: Vec<ChildSpec>) -> Result<Self, SpecError> {
        validate::all(&flags, &specs)?;
        let mut children = Children::default();
        for spec in specs {
            children.add(Arc::new(spec));
        }
        Ok(Self {
            flags,
            children,
            intensity: Intensity::new(flags.max_restarts, flags.period),
            tickets: Tickets::default(),
        })
    }

    pub(crate) fn flags(&self) -> Flags {
        self.flags
    }

    pub(crate) fn children(&self) -> &Children {
        &self.children
    }

    pub(crate) fn start_child(
        &mut self,
        spec: Arc<ChildSpec>,
    ) -> Result<ToStart<Requested>, StartChildError> {
        validate::one(&spec, self.flags.auto_shutdown).map_err(StartChildError::Spec)?;
        if let Some((_, entry)) = self.children.by_id(spec.id()) {
            return Err(match entry.state {
                ChildState::Running(pid) => StartChildError::AlreadyStarted(pid),
                _ => StartChildError::AlreadyPresent(spec.id().clone()),
            });
        }
        let then = Requested {
            place: self.children.add(spec.clone()),
            is_new: true,
        };
        Ok(ToStart { spec, then })
    }

    pub(crate) fn restart_child(
        &mut self,
        id: ChildId,
    ) -> Result<ToStart<Requested>, RestartChildError> {
        let Some((place, entry)) = self.children.by_id(&id) else {
            return Err(RestartChildError::NotFound(id));
        };
        match entry.state {
            ChildState::Running(pid) => Err(RestartChildError::Running(pid)),
            ChildState::Restarting(_) => Err(RestartChildError::Restarting(id)),
            ChildState::Stopped => Ok(ToStart {
                spec: entry.spec.clone(),
                then: Requested {
                    place,
                    is_new: false,
                },
            }),
        }
    }

    /// A child that was to start on request has started or not. One that was not there before is forgotten if it has not.
    pub(crate) fn requested(
        &mut self,
        start: &ToStart<Requested>,
        outcome: &Result<Child, ExitReason>,
    ) -> Option<ChildReport> {
        let Requested { place, is_new } = start.then;
        match outcome {
            Ok(child) => return self.run(place, start.spec.clone(), child.clone(), None),
            Err(_) if is_new => self.children.remove(place),
            Err(_) => {}
        }
        None
    }

    /// None if there is nothing to stop.
    pub(crate) fn terminate_child(
        &mut self,
        id: ChildId,
    ) -> Result<Option<ToStop<Termination>>, TerminateChildError> {
        let Some((place, _)) = self.children.by_id(&id) else {
            return Err(TerminateChildError::NotFound(id));
        };
        let Some(child) = self.children.leave(place) else {
            self.children.end(place);
            return Ok(None);
        };
        let then = Termination(place);
        Ok(Some(ToStop { child, then }))
    }

    pub(crate) fn terminated(
        &mut self,
        stop: ToStop<Termination>,
        reason: ExitReason,
    ) -> Option<ChildReport> {
        self.end(stop.then.0, stop.child, reason)
    }

    pub(crate) fn delete_child(&mut self, id: ChildId) -> Result<(), DeleteChildError> {
        let Some((place, entry)) = self.children.by_id(&id) else {
            return Err(DeleteChildError::NotFound(id));
        };
        match entry.state {
            ChildState::Running(pid) => Err(DeleteChildError::Running(pid)),
            ChildState::Restarting(_) => Err(DeleteChildError::Restarting(id)),
            ChildState::Stopped => {
                self.children.remove(place);
                Ok(())
            }
        }
    }
}

/// What a supervisor does of its own accord: sequences of starts and stops.
impl SupervisorCore {
    /// Starts all children.
    pub(crate) fn begin(&mut self, actions: &mut Actions<Self>) {
        let all = self.children.all();
        self.start_next(Starts::new(all, Aim::Begin), actions);
    }

    /// Stops all children.
    pub(crate) fn end_all(&mut self, actions: &mut Actions<Self>) {
        let all = self.children.all();
        self.stop_next(Stops::new(all, Then::End), actions);
    }

    fn start_next(&mut self, starts: Starts, actions: &mut Actions<Self>) {
        if let Some((spec, then)) = starts.next(&self.children) {
            actions.push_back(Action::Start(ToStart { spec, then }));
        }
    }

    fn stop_next(&mut self, mut stops: Stops, actions: &mut Actions<Self>) {
        loop {
            let then = match stops.next(&self.children) {
                Ok(step) => step,
                Err(Then::Start(starts)) => return self.start_next(starts, actions),
                Err(Then::Abort(reason)) => return actions.push_back(Action::End(reason)),
                Err(Then::End) => return,
            };
            if let Some(child) = self.children.leave(then.place) {
                let stop = ToStop { child, then };
                return actions.push_back(Action::Stop(Box::new(stop)));
            }
            // A child that had ended before gets no exit signal. A temporary one is forgotten in this case, too.
            self.children.end(then.place);
            stops = then.rest;
        }
    }

    /// Starts a child again, together with the children that the strategy restarts.
    fn restart(&mut self, place: Position, at: Duration, actions: &mut Actions<Self>) {
        if !self.intensity.admits(at) {
            let ChildEntry { spec, former, .. } = self.children.get(place);
            actions.push_back(Action::Report(ChildReport::Limit(spec.clone(), *former)));
            self.children.end(place);
            actions.push_back(Action::End(ExitReason::Shutdown));
            return;
        }
        match self.flags.strategy {
            // The child has ended, so no child has to be stopped.
            Strategy::OneForOne => {
                self.start_next(Starts::new(Some(Span::one(place)), Aim::Restart), actions);
            }
            Strategy::OneForAll => {
                self.stop_next(Stops::before_restart(self.children.all()), actions);
            }
            Strategy::RestForOne => {
                self.stop_next(Stops::before_restart(self.children.from(place)), actions);
            }
        }
    }

    /// A start has succeeded, with the aim of its sequence or by a request. A child that is not there, as its start
    /// function ignores the start, does not run.
    fn run(
        &mut self,
        place: Position,
        spec: Arc<ChildSpec>,
        started: Child,
        aim: Option<Aim>,
    ) -> Option<ChildReport> {
        let Some(pid) = started.pid() else {
            self.children.end(place);
            return None;
        };
        let process = started.into_process();
        match aim {
            Some(Aim::Restart) => self.children.run_again(place, pid, process),
            Some(Aim::Begin) | None => {
                self.children.run(place, pid, process);
            }
        }
        Some(ChildReport::Progress {
            child: spec,
            pid,
            by_hand: aim.is_none(),
        })
    }

    /// A child that was to stop has ended.
    fn end(&mut self, place: Position, child: Leaving, reason: ExitReason) -> Option<ChildReport> {
        self.children.end(place);
        let Leaving { pid, spec, .. } = child;
        let stopped_well = spec.stops_well_with(&reason);
        (!stopped_well)
            .then(|| ChildReport::trouble(ErrorContext::ShutdownError, spec, Some(pid), reason))
    }

    /// Whether the end of a significant child, which is not started again, ends the supervisor.
    fn shuts_down(&self) -> bool {
        let is_left =
            |entry: &ChildEntry| entry.spec.is_significant() && entry.state != ChildState::Stopped;
        match self.flags.auto_shutdown {
            AutoShutdown::Never => false,
            AutoShutdown::AnySignificant => true,
            AutoShutdown::AllSignificant => !self.children.iter().any(is_left),
        }
    }
}

impl SupervisorPolicy for SupervisorCore {
    type Key = Position;
    type Start = PlanStep<Starts>;
    type Stop = PlanStep<Stops>;

    const UNLINKS_FIRST: bool = false;

    fn started(
        &mut self,
        start: ToStart<PlanStep<Starts>>,
        outcome: Result<Child, ExitReason>,
        actions: &mut Actions<Self>,
    ) {
        let ToStart { spec, then } = start;
        let PlanStep { place, rest } = then;
        match (outcome, rest.aim) {
            (Ok(child), aim) => {
                push_report(actions, self.run(place, spec, child, Some(aim)));
                self.start_next(rest, actions);
            }
            (Err(reason), Aim::Restart) => {
                let former = self.children.get(place).former;
                // The other strategies start all of them again, and name no process.
                let former = former.filter(|_| self.flags.strategy == Strategy::OneForOne);
                let trouble = ChildReport::trouble(ErrorContext::StartError, spec, former, reason);
                actions.push_back(Action::Report(trouble));
                let ticket = self.tickets.issue();
                self.children.put_off(place, ticket);
                actions.push_back(Action::Retry(Retry(place, ticket)));
            }
            (Err(reason), Aim::Begin) => {
                let id = spec.id().clone();
                let trouble =
                    ChildReport::trouble(ErrorContext::StartError, spec, None, reason.clone());
                actions.push_back(Action::Report(trouble));
                let failed = ExitReason::shutdown_with(FailedToStartChild { id, reason });
                let all = self.children.all();
                self.stop_next(Stops::new(all, Then::Abort(failed)), actions);
            }
        }
    }

    fn stopped(
        &mut self,
        stop: ToStop<PlanStep<Stops>>,
        reason: ExitReason,
        actions: &mut Actions<Self>,
    ) {
        let PlanStep { place, rest } = stop.then;
        let report = self.end(place, stop.child, reason);
        push_report(actions, report);
        self.stop_next(rest, actions);
    }

    fn exited(&mut self, pid: Pid, reason: ExitReason, at: Duration, actions: &mut Actions<Self>) {
        let Some((place, entry)) = self.children.by_pid(pid) else {
            return;
        };
        let spec = entry.spec.clone();
        let (restarts, is_significant) = (spec.restarts_after(&reason), spec.is_significant());
        if restarts || reason.is_abnormal() {
            let context = ErrorContext::ChildTerminated;
            let trouble = ChildReport::trouble(context, spec, Some(pid), reason);
            actions.push_back(Action::Report(trouble));
        } else if is_significant {
            let orderly = ChildReport::Orderly(spec, pid, reason);
            actions.push_back(Action::Report(orderly));
        }
        if restarts {
            self.children.end_by_itself(place, pid);
            return self.restart(place, at, actions);
        }
        self.children.end(place);
        if is_significant && self.shuts_down() {
            actions.push_back(Action::Report(ChildReport::AutoShutdown));
            actions.push_back(Action::End(ExitReason::Shutdown));
        }
    }

    fn retry(&mut self, retry: Retry<Position>, at: Duration, actions: &mut Actions<Self>) {
        let Retry(place, ticket) = retry;
        if self.children.waits(place, ticket) {
            self.restart(place, at, actions);
        }
    }

    fn restarted(&self) -> u64 {
        self.children.restarted
    }
}

fn push_report(actions: &mut Actions<SupervisorCore>, report: Option<ChildReport>) {
    if let Some(report) = report {
        actions.push_back(Action::Report(report));
    }
}

#[cfg(test)]
mod tests;
