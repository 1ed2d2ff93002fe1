//! What a supervisor decides: a pure function from state and event to actions.
//!
//! Some actions take time: starting a child, and stopping one. Such an action is the last of its list,
//! and the next event is its outcome; so a sequence of starts and stops is a conversation, and no other
//! event comes between. The action owns what is left of the [sequence](super::plan).

use std::sync::Arc;
use std::time::Duration;

use super::action::{Action, Actions, Report, Retry, Start, Stop};
use super::children::{Children, Entry, Place, Span, State};
use super::error::{
    DeleteChildError, FailedToStartChild, RestartChildError, SpecError, StartChildError,
    TerminateChildError,
};
use super::intensity::Intensity;
use super::plan::{Aim, Starts, Step, Stops, Then};
use super::policy::Policy;
use super::shutdown::Leaving;
use super::ticket::Tickets;
use super::{AutoShutdown, Flags, Strategy, validate};
use crate::child_spec::{Child, ChildId, ChildSpec};
use crate::exit::ExitReason;
use crate::pid::Pid;
use crate::report::supervisor::Context;

/// A supervisor, without the process.
#[derive(Debug)]
pub(crate) struct SupervisorCore {
    flags: Flags,
    children: Children,
    intensity: Intensity,
    tickets: Tickets,
}

/// A request for a new child, which has this place.
#[derive(Debug)]
pub(crate) struct Addition(Place);

/// A request to start a child that has ended.
#[derive(Debug)]
pub(crate) struct Revival(Place);

/// A request to stop a child.
#[derive(Debug)]
pub(crate) struct Termination(Place);

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
    ) -> Result<Start<Addition>, StartChildError> {
        validate::one(&spec, self.flags.auto_shutdown).map_err(StartChildError::Spec)?;
        if let Some((_, entry)) = self.children.by_id(spec.id()) {
            return Err(match entry.state {
                State::Running(pid) => StartChildError::AlreadyStarted(pid),
                _ => StartChildError::AlreadyPresent(spec.id().clone()),
            });
        }
        let then = Addition(self.children.add(spec.clone()));
        Ok(Start { spec, then })
    }

    pub(crate) fn added(
        &mut self,
        start: Start<Addition>,
        outcome: Result<Child, ExitReason>,
    ) -> (Result<Child, StartChildError>, Option<Report>) {
        let Start { spec, then } = start;
        match outcome {
            Ok(child) => {
                let report = self.run(then.0, spec, &child, true);
                (Ok(child), report)
            }
            Err(reason) => {
                self.children.remove(then.0);
                (Err(StartChildError::of(spec.id(), reason)), None)
            }
        }
    }

    pub(crate) fn restart_child(
        &mut self,
        id: ChildId,
    ) -> Result<Start<Revival>, RestartChildError> {
        let Some((place, entry)) = self.children.by_id(&id) else {
            return Err(RestartChildError::NotFound(id));
        };
        match entry.state {
            State::Running(pid) => Err(RestartChildError::Running(pid)),
            State::Restarting(_) => Err(RestartChildError::Restarting(id)),
            State::Stopped => Ok(Start {
                spec: entry.spec.clone(),
                then: Revival(place),
            }),
        }
    }

    pub(crate) fn revived(
        &mut self,
        start: Start<Revival>,
        outcome: Result<Child, ExitReason>,
    ) -> (Result<Child, RestartChildError>, Option<Report>) {
        let Start { spec, then } = start;
        match outcome {
            Ok(child) => {
                let report = self.run(then.0, spec, &child, true);
                (Ok(child), report)
            }
            Err(reason) => {
                let id = spec.id().clone();
                (Err(RestartChildError::Start { id, reason }), None)
            }
        }
    }

    /// None if there is nothing to stop.
    pub(crate) fn terminate_child(
        &mut self,
        id: ChildId,
    ) -> Result<Option<Stop<Termination>>, TerminateChildError> {
        let Some((place, _)) = self.children.by_id(&id) else {
            return Err(TerminateChildError::NotFound(id));
        };
        let Some(child) = self.children.leave(place) else {
            self.children.end(place);
            return Ok(None);
        };
        let then = Termination(place);
        Ok(Some(Stop { child, then }))
    }

    pub(crate) fn terminated(
        &mut self,
        stop: Stop<Termination>,
        reason: ExitReason,
    ) -> Option<Report> {
        self.end(stop.then.0, stop.child, reason)
    }

    pub(crate) fn delete_child(&mut self, id: ChildId) -> Result<(), DeleteChildError> {
        let Some((place, entry)) = self.children.by_id(&id) else {
            return Err(DeleteChildError::NotFound(id));
        };
        match entry.state {
            State::Running(pid) => Err(DeleteChildError::Running(pid)),
            State::Restarting(_) => Err(DeleteChildError::Restarting(id)),
            State::Stopped => {
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
        if let Some(then) = starts.next(&self.children) {
            let spec = self.children.get(then.place).spec.clone();
            actions.push_back(Action::Start(Start { spec, then }));
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
                return actions.push_back(Action::Stop(Stop { child, then }));
            }
            // What had ended before is not told to; a temporary child is forgotten even so.
            self.children.end(then.place);
            stops = then.rest;
        }
    }

    /// Starts a child again, and with it those that the strategy wants.
    fn restart(&mut self, place: Place, at: Duration, actions: &mut Actions<Self>) {
        if !self.intensity.admits(at) {
            let Entry { spec, former, .. } = self.children.get(place);
            actions.push_back(Action::Report(Report::Limit(spec.clone(), *former)));
            self.children.end(place);
            actions.push_back(Action::End(ExitReason::Shutdown));
            return;
        }
        match self.flags.strategy {
            // It has ended: nobody is to be stopped.
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

    /// A start has succeeded. A child that is not there, as its start function ignores the start, does not run.
    fn run(
        &mut self,
        place: Place,
        spec: Arc<ChildSpec>,
        started: &Child,
        by_hand: bool,
    ) -> Option<Report> {
        let Some(pid) = started.pid() else {
            self.children.end(place);
            return None;
        };
        self.children.run(place, pid, started);
        Some(Report::Progress {
            child: spec,
            pid,
            by_hand,
        })
    }

    /// A child that was to stop has ended.
    fn end(&mut self, place: Place, child: Leaving, reason: ExitReason) -> Option<Report> {
        self.children.end(place);
        let Leaving { pid, spec, .. } = child;
        let stopped_well = spec.stops_well_with(&reason);
        (!stopped_well).then(|| Report::trouble(Context::ShutdownError, spec, Some(pid), reason))
    }

    /// Whether the end of a significant child, which is not started again, ends the supervisor.
    fn shuts_down(&self) -> bool {
        let is_left = |entry: &Entry| entry.spec.is_significant() && entry.state != State::Stopped;
        match self.flags.auto_shutdown {
            AutoShutdown::Never => false,
            AutoShutdown::AnySignificant => true,
            AutoShutdown::AllSignificant => !self.children.iter().any(is_left),
        }
    }
}

impl Policy for SupervisorCore {
    type Key = Place;
    type Start = Step<Starts>;
    type Stop = Step<Stops>;

    const UNLINKS_FIRST: bool = false;

    fn started(
        &mut self,
        start: Start<Step<Starts>>,
        outcome: Result<Child, ExitReason>,
        actions: &mut Actions<Self>,
    ) {
        let Start { spec, then } = start;
        let Step { place, rest } = then;
        match (outcome, rest.aim) {
            (Ok(child), aim) => {
                let report = self.run(place, spec, &child, false);
                if report.is_some() && aim == Aim::Restart {
                    self.children.count_restart(place);
                }
                actions.extend(report.map(Action::Report));
                self.start_next(rest, actions);
            }
            (Err(reason), Aim::Restart) => {
                let former = self.children.get(place).former;
                // The other strategies start all anew, and name no process.
                let former = former.filter(|_| self.flags.strategy == Strategy::OneForOne);
                let trouble = Report::trouble(Context::StartError, spec, former, reason);
                actions.push_back(Action::Report(trouble));
                let ticket = self.tickets.issue();
                self.children.put_off(place, ticket);
                actions.push_back(Action::Retry(Retry(place, ticket)));
            }
            (Err(reason), Aim::Begin) => {
                let id = spec.id().clone();
                let trouble = Report::trouble(Context::StartError, spec, None, reason.clone());
                actions.push_back(Action::Report(trouble));
                let failed = ExitReason::shutdown_with(FailedToStartChild { id, reason });
                let all = self.children.all();
                self.stop_next(Stops::new(all, Then::Abort(failed)), actions);
            }
        }
    }

    fn stopped(
        &mut self,
        stop: Stop<Step<Stops>>,
        reason: ExitReason,
        actions: &mut Actions<Self>,
    ) {
        let Step { place, rest } = stop.then;
        let report = self.end(place, stop.child, reason);
        actions.extend(report.map(Action::Report));
        self.stop_next(rest, actions);
    }

    fn exited(&mut self, pid: Pid, reason: ExitReason, at: Duration, actions: &mut Actions<Self>) {
        let Some((place, entry)) = self.children.by_pid(pid) else {
            return;
        };
        let spec = entry.spec.clone();
        let restarts = spec.restarts_after(&reason);
        if restarts || reason.is_abnormal() {
            let trouble =
                Report::trouble(Context::ChildTerminated, spec.clone(), Some(pid), reason);
            actions.push_back(Action::Report(trouble));
        }
        self.children.end_by_itself(place, pid);
        if restarts {
            self.restart(place, at, actions);
        } else if spec.is_significant() && self.shuts_down() {
            actions.push_back(Action::End(ExitReason::Shutdown));
        }
    }

    fn retry(&mut self, retry: Retry<Place>, at: Duration, actions: &mut Actions<Self>) {
        let Retry(place, ticket) = retry;
        if self.children.waits(place, ticket) {
            self.restart(place, at, actions);
        }
    }

    #[cfg(feature = "metrics")]
    fn restarted(&self) -> u64 {
        self.children.restarted
    }
}

#[cfg(test)]
mod tests;
