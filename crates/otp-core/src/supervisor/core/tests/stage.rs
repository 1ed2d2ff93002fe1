//! A boundary without processes.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use super::super::{Child, Core, Entry, ExitReason, Pid, Place, State};
use super::model::{Outcome, Script, Step};
use crate::pid::NodeId;
use crate::supervisor::error::{
    DeleteChildError, RestartChildError, StartChildError, TerminateChildError,
};
use crate::supervisor::event::{Action, Actions, Answer, Event, Report};
use crate::supervisor::ticket::Ticket;

/// Does what a boundary does, with a script in place of processes, and writes down each step.
pub(super) struct Stage {
    pub(super) core: Core,
    script: Script,
    pub(super) now: Duration,
    pub(super) tickets: VecDeque<(Place, Ticket)>,
    /// The processes that run, and whose they are.
    pub(super) alive: BTreeMap<u64, String>,
    pub(super) steps: Vec<Step>,
    pub(super) is_over: bool,
}

impl Stage {
    pub(super) fn new(core: Core, script: Script) -> Self {
        Self {
            core,
            script,
            now: Duration::ZERO,
            tickets: VecDeque::new(),
            alive: BTreeMap::new(),
            steps: Vec::new(),
            is_over: false,
        }
    }

    pub(super) fn perform(&mut self, event: Event) {
        let mut actions = Actions::new();
        self.core.handle(event, &mut actions);
        while let Some(action) = actions.pop_front() {
            let takes_time = matches!(action, Action::Start(_) | Action::Stop(..));
            assert!(
                !takes_time || actions.is_empty(),
                "{actions:?} do not wait for {action:?}"
            );
            if let Some(event) = self.act(action) {
                self.core.handle(event, &mut actions);
            }
        }
    }

    fn act(&mut self, action: Action) -> Option<Event> {
        match action {
            Action::Start(place) => {
                let id = self.id(place);
                let (outcome, new) = self.script.start();
                self.steps.push(Step::Start(id.clone(), outcome));
                return Some(Event::Started(match outcome {
                    Outcome::Runs => {
                        self.alive.insert(new, id);
                        Ok(Child::new(pid(new)))
                    }
                    Outcome::Fails => Err(ExitReason::other("bad")),
                    Outcome::Ignores => Ok(Child::ignore()),
                }));
            }
            Action::Stop(place) => {
                let id = self.id(place);
                let state = self.core.children.get(place).map(|entry| entry.state);
                let Some(State::Running(pid)) = state else {
                    panic!("{id} is to be stopped, and is {state:?}");
                };
                let was = self.alive.remove(&number(pid));
                assert_eq!(was.as_ref(), Some(&id), "it runs, and only once");
                self.steps.push(Step::Stop(id));
                return Some(Event::Stopped(self.script.end().reason()));
            }
            Action::Retry(place, ticket) => self.tickets.push_back((place, ticket)),
            Action::Report(report) => self.steps.push(match report {
                Report::Trouble { context, child, .. } => {
                    Step::Report(format!("{context:?}"), child.id().to_string())
                }
                Report::Limit(child, _) => Step::Report("Limit".to_owned(), child.id().to_string()),
                Report::Progress { .. } => return None,
            }),
            Action::Answer(answer) => self.steps.push(Step::Answer(in_short(&answer))),
            Action::Abort(_) | Action::GiveUp => self.is_over = true,
        }
        None
    }

    fn id(&self, place: Place) -> String {
        let entry = self.core.children.get(place);
        let entry = entry.expect("whom something is done to is kept");
        entry.spec.id().to_string()
    }

    /// What runs and what does not, in order.
    pub(super) fn children(&self) -> Vec<(String, String)> {
        let state = |entry: &Entry| match entry.state {
            State::Running(pid) => format!("{}", number(pid)),
            State::Restarting(_) => "restarting".to_owned(),
            State::Stopped => "stopped".to_owned(),
        };
        let children = self.core.children.iter();
        children
            .map(|entry| (entry.spec.id().to_string(), state(entry)))
            .collect()
    }
}

fn in_short(answer: &Answer) -> String {
    let started = |child: &Child| format!("{:?}", child.pid().map(number));
    match answer {
        Answer::Start(Ok(child)) | Answer::Restart(Ok(child)) => started(child),
        Answer::Terminate(Ok(())) | Answer::Delete(Ok(())) => "ok".to_owned(),
        Answer::Start(Err(StartChildError::AlreadyStarted(pid))) => {
            format!("already started {}", number(*pid))
        }
        Answer::Start(Err(StartChildError::AlreadyPresent(_))) => "already present".to_owned(),
        Answer::Start(Err(StartChildError::Spec(_))) => "bad spec".to_owned(),
        Answer::Start(Err(_)) | Answer::Restart(Err(RestartChildError::Start { .. })) => {
            "failed".to_owned()
        }
        Answer::Restart(Err(RestartChildError::Running(_)))
        | Answer::Delete(Err(DeleteChildError::Running(_))) => "running".to_owned(),
        Answer::Restart(Err(RestartChildError::Restarting(_)))
        | Answer::Delete(Err(DeleteChildError::Restarting(_))) => "restarting".to_owned(),
        Answer::Terminate(Err(TerminateChildError::NotFound(_)))
        | Answer::Restart(Err(_))
        | Answer::Delete(Err(_)) => "not found".to_owned(),
        Answer::Terminate(Err(other)) => format!("{other:?}"),
    }
}

/// The process with this number.
pub(super) fn pid(number: u64) -> Pid {
    let number = number.try_into().expect("the script counts from 1");
    Pid::new(NodeId(0), number)
}

fn number(pid: Pid) -> u64 {
    pid.id()
}
