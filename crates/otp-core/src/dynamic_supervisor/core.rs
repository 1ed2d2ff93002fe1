//! The decisions of a dynamic supervisor: a pure function from state and event to actions, as the
//! [supervisor's](crate::supervisor) core. It has the same rule: an action that takes time is the last of its list, and
//! the next event is its outcome.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use super::children::{Children, Leaving};
use crate::child_spec::{Child, ChildSpec, Shutdown};
use crate::exit::ExitReason;
use crate::pid::Pid;
use crate::report::supervisor::Context;
use crate::supervisor::event::Report;
use crate::supervisor::intensity::Intensity;
use crate::supervisor::ticket::{Ticket, Tickets};
use crate::supervisor::{SpecError, StartChildError, TerminateChildError};

/// Something happened; if the time matters, at that time.
#[derive(Debug)]
pub(crate) enum Event {
    /// The start that was asked for last is over.
    Started(Result<Child, ExitReason>),
    /// The child that was to stop has ended.
    Stopped(Leaving, ExitReason),
    /// The children that were to stop have all ended.
    AllStopped(Vec<(Leaving, ExitReason)>),
    /// A process linked with the supervisor has ended.
    Exited(Pid, ExitReason, Duration),
    /// It is time for another attempt to start the child that had this pid.
    Retry(Pid, Ticket, Duration),
    StartChild(Arc<ChildSpec>),
    TerminateChild(Pid),
    /// The supervisor ends: it must stop its children.
    End,
}

/// An action for the boundary to carry out.
#[derive(Debug)]
pub(crate) enum Action {
    /// Call the child's start function; the next event is [`Event::Started`].
    Start(Arc<ChildSpec>),
    /// Stop this child; the next event is [`Event::Stopped`].
    Stop(Leaving),
    /// Stop these children, all at the same time; the next event is [`Event::AllStopped`].
    StopAll(Vec<Leaving>),
    /// Come back with [`Event::Retry`] after everything that waits now.
    Retry(Pid, Ticket),
    Report(Report),
    Answer(Answer),
    /// The supervisor is to end with `Shutdown`.
    GiveUp,
}

/// The actions to perform, in this order. The caller owns the queue, so that it is not allocated for each event.
pub(crate) type Actions = VecDeque<Action>;

/// The result of a request.
#[derive(Debug)]
pub(crate) enum Answer {
    Start(Result<Child, StartChildError>),
    Terminate(Result<(), TerminateChildError>),
}

/// The event for which the supervisor waits.
#[derive(Debug)]
enum Waiting {
    /// A new child to start.
    Add(Arc<ChildSpec>),
    /// A child to start again that ran as this process.
    Restart(Pid),
}

/// A dynamic supervisor, without the process.
#[derive(Debug)]
pub(crate) struct Core {
    max_children: usize,
    children: Children,
    intensity: Intensity,
    tickets: Tickets,
    waiting: Option<Waiting>,
}

impl Core {
    pub(crate) fn new(max_children: usize, intensity: Intensity) -> Self {
        Self {
            max_children,
            children: Children::default(),
            intensity,
            tickets: Tickets::default(),
            waiting: None,
        }
    }

    pub(crate) fn children(&self) -> &Children {
        &self.children
    }

    /// Adds the actions for an event.
    pub(crate) fn handle(&mut self, event: Event, actions: &mut Actions) {
        match event {
            Event::Started(outcome) => self.started(outcome, actions),
            Event::Stopped(child, reason) => {
                actions.extend(trouble_of(child, reason));
                actions.push_back(Action::Answer(Answer::Terminate(Ok(()))));
            }
            Event::AllStopped(ended) => {
                let troubles = ended.into_iter().filter_map(|it| trouble_of(it.0, it.1));
                actions.extend(troubles);
            }
            Event::Exited(pid, reason, at) => self.exited(pid, reason, at, actions),
            Event::Retry(former, ticket, at) => {
                let entry = self.children.get(former);
                if entry.is_some_and(|entry| entry.waits_for(ticket)) {
                    self.restart(former, at, actions);
                }
            }
            Event::StartChild(spec) => self.start_child(spec, actions),
            Event::TerminateChild(pid) => self.terminate_child(pid, actions),
            Event::End => actions.push_back(Action::StopAll(self.children.leave())),
        }
    }

    fn start_child(&mut self, spec: Arc<ChildSpec>, actions: &mut Actions) {
        let refused = if spec.is_significant() {
            StartChildError::Spec(SpecError::SignificantDynamic(spec.id().clone()))
        } else if self.children.len() >= self.max_children {
            StartChildError::MaxChildren(self.max_children)
        } else {
            self.waiting = Some(Waiting::Add(spec.clone()));
            actions.push_back(Action::Start(spec));
            return;
        };
        actions.push_back(Action::Answer(Answer::Start(Err(refused))));
    }

    fn terminate_child(&mut self, pid: Pid, actions: &mut Actions) {
        // A child that is going to be started again still has its former pid here.
        let answer = match self.children.remove(pid) {
            Some(entry) if entry.is_running() => {
                actions.push_back(Action::Stop(Leaving::new(pid, entry)));
                return;
            }
            Some(_) => Ok(()),
            None => Err(TerminateChildError::NotAChild(pid)),
        };
        actions.push_back(Action::Answer(Answer::Terminate(answer)));
    }

    fn exited(&mut self, pid: Pid, reason: ExitReason, at: Duration, actions: &mut Actions) {
        let running = self.children.get(pid).filter(|entry| entry.is_running());
        let Some(entry) = running else { return };
        let restarts = entry.spec.restarts_after(&reason);
        if restarts || reason.is_abnormal() {
            actions.push_back(trouble(
                Context::ChildTerminated,
                &entry.spec,
                Some(pid),
                reason,
            ));
        }
        if restarts {
            self.restart(pid, at, actions);
        } else {
            self.children.remove(pid);
        }
    }

    fn restart(&mut self, former: Pid, at: Duration, actions: &mut Actions) {
        let Some(entry) = self.children.get(former) else {
            return;
        };
        let spec = entry.spec.clone();
        if self.intensity.admits(at) {
            actions.push_back(Action::Start(spec));
            self.waiting = Some(Waiting::Restart(former));
        } else {
            actions.push_back(Action::Report(Report::Limit(spec, Some(former))));
            self.children.remove(former);
            actions.push_back(Action::GiveUp);
        }
    }

    fn started(&mut self, outcome: Result<Child, ExitReason>, actions: &mut Actions) {
        match (self.waiting.take(), outcome) {
            (Some(Waiting::Add(spec)), Ok(child)) => {
                if let Some(pid) = child.pid() {
                    self.children.add(pid, spec, &child);
                }
                actions.push_back(Action::Answer(Answer::Start(Ok(child))));
            }
            (Some(Waiting::Add(spec)), Err(reason)) => {
                let error = StartChildError::of(spec.id(), reason);
                actions.push_back(Action::Answer(Answer::Start(Err(error))));
            }
            (Some(Waiting::Restart(former)), Ok(child)) => match child.pid() {
                Some(pid) => self.children.renew(former, pid, &child),
                None => drop(self.children.remove(former)),
            },
            (Some(Waiting::Restart(former)), Err(reason)) => {
                if let Some(entry) = self.children.get(former) {
                    let spec = &entry.spec;
                    actions.push_back(trouble(Context::StartError, spec, Some(former), reason));
                }
                let ticket = self.tickets.issue();
                self.children.put_off(former, ticket);
                actions.push_back(Action::Retry(former, ticket));
            }
            (None, _) => {}
        }
    }
}

/// The report for a child that was stopped and has ended for another reason.
fn trouble_of(child: Leaving, reason: ExitReason) -> Option<Action> {
    let Leaving { pid, spec, .. } = child;
    let stopped_well = stops_well_with(&spec, &reason);
    (!stopped_well).then(|| trouble(Context::ShutdownError, &spec, Some(pid), reason))
}

/// A little more than a supervisor's children may: any orderly reason with a value is good.
fn stops_well_with(spec: &ChildSpec, reason: &ExitReason) -> bool {
    let is_told = spec.shutdown_value() != Shutdown::BrutalKill;
    (is_told && matches!(reason, ExitReason::ShutdownWith(_))) || spec.stops_well_with(reason)
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
