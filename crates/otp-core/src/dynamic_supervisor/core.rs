//! What a dynamic supervisor decides: a pure function from state and event to actions, as the
//! [supervisor's](crate::supervisor) own core, and with the same rule: an action that takes time is the last
//! of its list, and the next event is its outcome.

use std::time::Duration;

use crate::child_spec::{Child, ChildSpec, Shutdown};
use crate::exit::ExitReason;
use crate::pid::Pid;
use crate::report::supervisor::Context;
use crate::supervisor::children::{Children, Entry, Place, State};
use crate::supervisor::event::Report;
use crate::supervisor::intensity::Intensity;
use crate::supervisor::ticket::{Ticket, Tickets};
use crate::supervisor::{SpecError, StartChildError, TerminateChildError};

/// Something happened.
#[derive(Debug)]
pub(crate) enum Event {
    /// The start that was asked for last is over.
    Started(Result<Child, ExitReason>),
    /// The children that were to stop have ended.
    Stopped(Vec<(Place, ExitReason)>),
    /// A process linked with the supervisor has ended.
    Exited(Pid, ExitReason),
    /// It is time for another attempt to start a child.
    Retry(Place, Ticket),
    StartChild(ChildSpec),
    TerminateChild(Pid),
    /// The supervisor ends: its children are to be stopped.
    End,
}

/// Something is to be done.
#[derive(Debug)]
pub(crate) enum Action {
    /// Call the child's start function; the next event is [`Event::Started`].
    Start(ChildSpec),
    /// Stop these children, all at the same time; the next event is [`Event::Stopped`].
    Stop(Vec<(Place, Pid, Shutdown)>),
    /// Come back with [`Event::Retry`] after everything that waits now.
    Retry(Place, Ticket),
    Report(Report),
    Answer(Answer),
    /// The supervisor is to end with `Shutdown`.
    GiveUp,
}

/// What becomes of a request.
#[derive(Debug)]
pub(crate) enum Answer {
    Start(Result<Child, StartChildError>),
    Terminate(Result<(), TerminateChildError>),
}

/// What the supervisor waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Waiting {
    /// A new child to start.
    Add(Place),
    /// A child to start again.
    Restart(Place),
    /// A child to stop.
    Terminate,
    /// All children to stop.
    End,
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

    /// What to do about an event that happened at `now`.
    pub(crate) fn handle(&mut self, event: Event, now: Duration) -> Vec<Action> {
        let mut actions = Vec::new();
        match event {
            Event::Started(outcome) => self.started(outcome, &mut actions),
            Event::Stopped(ended) => self.stopped(ended, &mut actions),
            Event::Exited(pid, reason) => self.exited(pid, reason, now, &mut actions),
            Event::Retry(place, ticket) => {
                let waits = |entry: &Entry| entry.state == State::Restarting(ticket);
                if self.children.get(place).is_some_and(waits) {
                    self.restart(place, now, &mut actions);
                }
            }
            Event::StartChild(spec) => self.start_child(spec, &mut actions),
            Event::TerminateChild(pid) => self.terminate_child(pid, &mut actions),
            Event::End => {
                let all = self.children.places();
                self.stop(&all, Waiting::End, &mut actions);
            }
        }
        actions
    }

    fn start_child(&mut self, spec: ChildSpec, actions: &mut Vec<Action>) {
        let refused = if spec.is_significant() {
            StartChildError::Spec(SpecError::SignificantDynamic(spec.id().clone()))
        } else if self.children.len() >= self.max_children {
            StartChildError::MaxChildren(self.max_children)
        } else {
            let place = self.children.add_without_id(spec.clone());
            self.waiting = Some(Waiting::Add(place));
            actions.push(Action::Start(spec));
            return;
        };
        actions.push(Action::Answer(Answer::Start(Err(refused))));
    }

    fn terminate_child(&mut self, pid: Pid, actions: &mut Vec<Action>) {
        // One that is to be started again is still known by the pid that it had.
        let found = self.children.by_former_pid(pid);
        let answer = match found.map(|(place, entry)| (place, entry.state)) {
            Some((place, State::Running(_))) => {
                return self.stop(&[place], Waiting::Terminate, actions);
            }
            Some((place, State::Restarting(_) | State::Stopped)) => {
                self.children.remove(place);
                Ok(())
            }
            None => Err(TerminateChildError::NotAChild(pid)),
        };
        actions.push(Action::Answer(Answer::Terminate(answer)));
    }

    fn stop(&mut self, places: &[Place], waiting: Waiting, actions: &mut Vec<Action>) {
        let running = |place: &Place| match self.children.get(*place)? {
            Entry {
                state: State::Running(pid),
                spec,
                ..
            } => Some((*place, *pid, spec.shutdown_value())),
            _ => None,
        };
        actions.push(Action::Stop(places.iter().filter_map(running).collect()));
        self.waiting = Some(waiting);
    }

    fn stopped(&mut self, ended: Vec<(Place, ExitReason)>, actions: &mut Vec<Action>) {
        for (place, reason) in ended {
            if let Some(entry) = self.children.get(place)
                && !stops_well_with(&entry.spec, &reason)
            {
                let pid = match entry.state {
                    State::Running(pid) => Some(pid),
                    State::Restarting(_) | State::Stopped => None,
                };
                actions.push(trouble(Context::ShutdownError, &entry.spec, pid, reason));
            }
            self.children.remove(place);
        }
        if self.waiting.take() == Some(Waiting::Terminate) {
            actions.push(Action::Answer(Answer::Terminate(Ok(()))));
        }
    }

    fn exited(&mut self, pid: Pid, reason: ExitReason, now: Duration, actions: &mut Vec<Action>) {
        let Some((place, entry)) = self.children.by_pid(pid) else {
            return;
        };
        let spec = entry.spec.clone();
        let restarts = spec.restarts_after(&reason);
        if restarts || reason.is_abnormal() {
            actions.push(trouble(Context::ChildTerminated, &spec, Some(pid), reason));
        }
        if restarts {
            self.restart(place, now, actions);
        } else {
            self.children.remove(place);
        }
    }

    fn restart(&mut self, place: Place, now: Duration, actions: &mut Vec<Action>) {
        let Some(entry) = self.children.get(place) else {
            return;
        };
        if self.intensity.admits(now) {
            actions.push(Action::Start(entry.spec.clone()));
            self.waiting = Some(Waiting::Restart(place));
        } else {
            actions.push(Action::Report(Report::Limit(entry.spec.clone())));
            self.children.remove(place);
            actions.push(Action::GiveUp);
        }
    }

    fn started(&mut self, outcome: Result<Child, ExitReason>, actions: &mut Vec<Action>) {
        let (place, is_new) = match self.waiting.take() {
            Some(Waiting::Add(place)) => (place, true),
            Some(Waiting::Restart(place)) => (place, false),
            _ => return,
        };
        let Some(Entry { spec, .. }) = self.children.get(place) else {
            return;
        };
        match outcome {
            Ok(child) => {
                match child.pid() {
                    Some(pid) => self.children.set(place, State::Running(pid)),
                    None => self.children.remove(place),
                }
                if is_new {
                    actions.push(Action::Answer(Answer::Start(Ok(child))));
                } else {
                    self.children.count_restart(place);
                }
            }
            Err(reason) if is_new => {
                let error = StartChildError::of(spec.id(), reason);
                self.children.remove(place);
                actions.push(Action::Answer(Answer::Start(Err(error))));
            }
            Err(reason) => {
                actions.push(trouble(Context::StartError, spec, None, reason));
                let ticket = self.tickets.issue();
                self.children.set(place, State::Restarting(ticket));
                actions.push(Action::Retry(place, ticket));
            }
        }
    }
}

/// A little more than a supervisor's children may: any orderly reason with a value is good.
fn stops_well_with(spec: &ChildSpec, reason: &ExitReason) -> bool {
    let is_told = spec.shutdown_value() != Shutdown::BrutalKill;
    (is_told && matches!(reason, ExitReason::ShutdownWith(_))) || spec.stops_well_with(reason)
}

fn trouble(context: Context, spec: &ChildSpec, pid: Option<Pid>, reason: ExitReason) -> Action {
    Action::Report(Report::Trouble {
        context,
        child: spec.clone(),
        pid,
        reason,
    })
}

#[cfg(test)]
mod tests;
