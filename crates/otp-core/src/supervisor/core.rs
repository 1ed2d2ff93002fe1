//! The decisions of a supervisor: a pure function from state and event to actions.
//!
//! Some actions take time: to start a child, and to stop one. Such an action is the last of its list, and the next
//! event is its outcome. So a sequence of starts and stops is a conversation between core and boundary, and no other
//! event comes in between. The [`Plan`] holds the remaining steps.

use std::sync::Arc;
use std::time::Duration;

use super::children::{Children, Entry, Place, Span, State};
use super::error::{
    DeleteChildError, FailedToStartChild, RestartChildError, SpecError, StartChildError,
    TerminateChildError,
};
use super::event::{Action, Actions, Answer, Event, Report};
use super::intensity::Intensity;
use super::plan::{Aim, Plan};
use super::ticket::Tickets;
use super::{AutoShutdown, Flags, Strategy, validate};
use crate::child_spec::{Child, ChildId, ChildSpec};
use crate::exit::ExitReason;
use crate::pid::Pid;
use crate::report::supervisor::Context;

/// A supervisor, without the process.
#[derive(Debug)]
pub(crate) struct Core {
    flags: Flags,
    children: Children,
    intensity: Intensity,
    tickets: Tickets,
    /// The sequence of starts and stops in progress.
    plan: Option<Plan>,
}

impl Core {
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
            plan: None,
        })
    }

    pub(crate) fn flags(&self) -> Flags {
        self.flags
    }

    pub(crate) fn children(&self) -> &Children {
        &self.children
    }

    /// Adds the actions for an event.
    pub(crate) fn handle(&mut self, event: Event, actions: &mut Actions) {
        match event {
            Event::Begin => {
                let all = self.children.all();
                self.carry_out(Plan::start(all, Aim::Begin), actions);
            }
            Event::Started(outcome) => self.started(outcome, actions),
            Event::Stopped(reason) => self.stopped(reason, actions),
            Event::Exited(pid, reason, at) => self.exited(pid, reason, at, actions),
            Event::Retry(place, ticket, at) => {
                let waits = |entry: &Entry| entry.state == State::Restarting(ticket);
                if self.children.get(place).is_some_and(waits) {
                    self.restart(place, at, actions);
                }
            }
            Event::StartChild(spec) => self.start_child(spec, actions),
            Event::TerminateChild(id) => self.terminate_child(id, actions),
            Event::RestartChild(id) => self.restart_child(id, actions),
            Event::DeleteChild(id) => {
                actions.push_back(Action::Answer(Answer::Delete(self.delete_child(id))));
            }
            Event::End => {
                let all = self.children.all();
                self.carry_out(Plan::stop(all, Aim::End), actions);
            }
        }
    }

    fn exited(&mut self, pid: Pid, reason: ExitReason, at: Duration, actions: &mut Actions) {
        let Some((place, entry)) = self.children.by_pid(pid) else {
            return;
        };
        let spec = entry.spec.clone();
        let restarts = spec.restarts_after(&reason);
        if restarts || reason.is_abnormal() {
            actions.push_back(trouble(Context::ChildTerminated, &spec, Some(pid), reason));
        }
        self.children.end_by_itself(place, pid);
        if restarts {
            self.restart(place, at, actions);
        } else if spec.is_significant() && self.shuts_down() {
            actions.push_back(Action::GiveUp);
        }
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

    /// Starts a child again, together with the children that the strategy restarts.
    fn restart(&mut self, place: Place, at: Duration, actions: &mut Actions) {
        if !self.intensity.admits(at) {
            if let Some(entry) = self.children.get(place) {
                actions.push_back(Action::Report(Report::Limit(
                    entry.spec.clone(),
                    entry.former,
                )));
            }
            self.children.end(place);
            actions.push_back(Action::GiveUp);
            return;
        }
        let plan = match self.flags.strategy {
            // The child has ended, so no child has to be stopped.
            Strategy::OneForOne => Plan::start(Some(Span::one(place)), Aim::Restart),
            Strategy::OneForAll => Plan::restart(self.children.all()),
            Strategy::RestForOne => Plan::restart(self.children.from(place)),
        };
        self.carry_out(plan, actions);
    }

    fn start_child(&mut self, spec: Arc<ChildSpec>, actions: &mut Actions) {
        let refused = match (
            validate::one(&spec, self.flags.auto_shutdown),
            self.children.by_id(spec.id()),
        ) {
            (Err(fault), _) => StartChildError::Spec(fault),
            (Ok(()), None) => {
                let place = self.children.add(spec);
                return self.carry_out(Plan::start(Some(Span::one(place)), Aim::Add), actions);
            }
            (Ok(()), Some((_, entry))) => match entry.state {
                State::Running(pid) => StartChildError::AlreadyStarted(pid),
                _ => StartChildError::AlreadyPresent(spec.id().clone()),
            },
        };
        actions.push_back(Action::Answer(Answer::Start(Err(refused))));
    }

    fn terminate_child(&mut self, id: ChildId, actions: &mut Actions) {
        match self.children.by_id(&id) {
            Some((place, _)) => {
                self.carry_out(Plan::stop(Some(Span::one(place)), Aim::Terminate), actions);
            }
            None => {
                let unknown = TerminateChildError::NotFound(id);
                actions.push_back(Action::Answer(Answer::Terminate(Err(unknown))));
            }
        }
    }

    fn restart_child(&mut self, id: ChildId, actions: &mut Actions) {
        let refused = match self
            .children
            .by_id(&id)
            .map(|(place, entry)| (place, entry.state))
        {
            None => RestartChildError::NotFound(id),
            Some((_, State::Running(pid))) => RestartChildError::Running(pid),
            Some((_, State::Restarting(_))) => RestartChildError::Restarting(id),
            Some((place, State::Stopped)) => {
                return self.carry_out(Plan::start(Some(Span::one(place)), Aim::Again), actions);
            }
        };
        actions.push_back(Action::Answer(Answer::Restart(Err(refused))));
    }

    fn delete_child(&mut self, id: ChildId) -> Result<(), DeleteChildError> {
        match self
            .children
            .by_id(&id)
            .map(|(place, entry)| (place, entry.state))
        {
            None => Err(DeleteChildError::NotFound(id)),
            Some((_, State::Running(pid))) => Err(DeleteChildError::Running(pid)),
            Some((_, State::Restarting(_))) => Err(DeleteChildError::Restarting(id)),
            Some((place, State::Stopped)) => {
                self.children.remove(place);
                Ok(())
            }
        }
    }
}

/// Carrying out a plan, step by step.
impl Core {
    fn carry_out(&mut self, plan: Plan, actions: &mut Actions) {
        self.plan = Some(plan);
        self.advance(actions);
    }

    /// Takes the next step that takes time, or finishes.
    fn advance(&mut self, actions: &mut Actions) {
        let Some(plan) = &mut self.plan else { return };
        while let Some(place) = plan.next_stop(&self.children) {
            match self.children.get(place).map(|entry| entry.state) {
                Some(State::Running(_)) => {
                    actions.push_back(Action::Stop(place));
                    return;
                }
                // A child that had ended before gets no exit signal. A temporary one is forgotten in this case, too.
                _ => self.children.end(place),
            }
        }
        if let Some(place) = plan.next_start(&self.children) {
            actions.push_back(Action::Start(place));
            return;
        }
        match self.plan.take().map(|plan| plan.aim) {
            Some(Aim::Terminate) => {
                actions.push_back(Action::Answer(Answer::Terminate(Ok(()))));
            }
            Some(Aim::Abort(reason)) => actions.push_back(Action::Abort(reason)),
            _ => {}
        }
    }

    fn stopped(&mut self, reason: ExitReason, actions: &mut Actions) {
        let Some(place) = self.plan.as_ref().and_then(Plan::current) else {
            return;
        };
        if let Some(Entry {
            spec,
            state: State::Running(pid),
            ..
        }) = self.children.get(place)
            && !spec.stops_well_with(&reason)
        {
            actions.push_back(trouble(Context::ShutdownError, spec, Some(*pid), reason));
        }
        self.children.end(place);
        self.advance(actions);
    }

    fn started(&mut self, outcome: Result<Child, ExitReason>, actions: &mut Actions) {
        let Some(plan) = &self.plan else { return };
        let Some((place, entry)) = plan
            .current()
            .and_then(|place| Some((place, self.children.get(place)?)))
        else {
            return;
        };
        let spec = entry.spec.clone();
        let aim = plan.aim.clone();
        match outcome {
            Ok(child) => {
                self.has_started(place, spec, &child, &aim, actions);
                match aim {
                    Aim::Add => actions.push_back(Action::Answer(Answer::Start(Ok(child)))),
                    Aim::Again => actions.push_back(Action::Answer(Answer::Restart(Ok(child)))),
                    _ => {}
                }
                self.advance(actions);
            }
            Err(reason) => {
                self.plan = None;
                self.has_not_started(place, &spec, reason, &aim, actions);
            }
        }
    }

    fn has_started(
        &mut self,
        place: Place,
        child: Arc<ChildSpec>,
        started: &Child,
        aim: &Aim,
        actions: &mut Actions,
    ) {
        let Some(pid) = started.pid() else {
            return self.children.end(place);
        };
        self.children.run(place, pid, started);
        if *aim == Aim::Restart {
            self.children.count_restart(place);
        }
        let by_hand = matches!(aim, Aim::Add | Aim::Again);
        actions.push_back(Action::Report(Report::Progress {
            child,
            pid,
            by_hand,
        }));
    }

    fn has_not_started(
        &mut self,
        place: Place,
        spec: &Arc<ChildSpec>,
        reason: ExitReason,
        aim: &Aim,
        actions: &mut Actions,
    ) {
        match aim {
            Aim::Add => {
                self.children.remove(place);
                let error = StartChildError::of(spec.id(), reason);
                actions.push_back(Action::Answer(Answer::Start(Err(error))));
            }
            Aim::Again => {
                let id = spec.id().clone();
                let error = RestartChildError::Start { id, reason };
                actions.push_back(Action::Answer(Answer::Restart(Err(error))));
            }
            Aim::Restart => {
                let former = self.children.get(place).and_then(|entry| entry.former);
                // The other strategies start all of them again, and name no process.
                let former = former.filter(|_| self.flags.strategy == Strategy::OneForOne);
                actions.push_back(trouble(Context::StartError, spec, former, reason));
                let ticket = self.tickets.issue();
                self.children.put_off(place, ticket);
                actions.push_back(Action::Retry(place, ticket));
            }
            _ => {
                actions.push_back(trouble(Context::StartError, spec, None, reason.clone()));
                let id = spec.id().clone();
                let failed = ExitReason::shutdown_with(FailedToStartChild { id, reason });
                let all = self.children.all();
                self.carry_out(Plan::stop(all, Aim::Abort(failed)), actions);
            }
        }
    }
}

fn trouble(
    context: Context,
    spec: &Arc<ChildSpec>,
    pid: Option<Pid>,
    reason: ExitReason,
) -> Action {
    Action::Report(Report::Trouble {
        context,
        child: spec.clone(),
        pid,
        reason,
    })
}

#[cfg(test)]
mod tests;
