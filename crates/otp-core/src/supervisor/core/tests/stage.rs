//! A boundary without processes.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use super::super::{Child, ChildEntry, ChildState, ExitReason, Pid, Position, SupervisorCore};
use super::model::{Outcome, Script, Step};
use crate::child_spec::{ChildId, ChildSpec};
use crate::pid::NodeId;
use crate::supervisor::action::{Action, Actions, ChildReport, Retry};
use crate::supervisor::error::{
    DeleteChildError, RestartChildError, StartChildError, TerminateChildError,
};
use crate::supervisor::policy::SupervisorPolicy as _;
use crate::supervisor::shutdown::Leaving;

/// Does what a boundary does, with a script in place of processes, and writes down each step.
pub(super) struct Stage {
    pub(super) core: SupervisorCore,
    script: Script,
    pub(super) now: Duration,
    pub(super) retries: VecDeque<Retry<Position>>,
    /// The processes that run, and whose they are.
    pub(super) alive: BTreeMap<u64, String>,
    pub(super) steps: Vec<Step>,
    pub(super) is_over: bool,
}

impl Stage {
    pub(super) fn new(core: SupervisorCore, script: Script) -> Self {
        Self {
            core,
            script,
            now: Duration::ZERO,
            retries: VecDeque::new(),
            alive: BTreeMap::new(),
            steps: Vec::new(),
            is_over: false,
        }
    }

    pub(super) fn perform(
        &mut self,
        decide: impl FnOnce(&mut SupervisorCore, &mut Actions<SupervisorCore>),
    ) {
        let mut actions = Actions::new();
        decide(&mut self.core, &mut actions);
        while let Some(action) = actions.pop_front() {
            let takes_time = matches!(action, Action::Start(_) | Action::Stop(_));
            let left = actions.len();
            assert!(!takes_time || left == 0, "{left} do not wait for it");
            match action {
                Action::Start(start) => {
                    let outcome = self.start(&start.spec);
                    self.core.started(start, outcome, &mut actions);
                }
                Action::Stop(stop) => {
                    let reason = self.stop(&stop.child);
                    self.core.stopped(*stop, reason, &mut actions);
                }
                Action::Retry(retry) => self.retries.push_back(retry),
                Action::Report(report) => self.report(Some(report)),
                Action::End(_) => self.is_over = true,
            }
        }
    }

    pub(super) fn start_child(&mut self, spec: ChildSpec) {
        let answer = self.core.start_child(spec.into()).and_then(|start| {
            let outcome = self.start(&start.spec);
            let report = self.core.requested(&start, &outcome);
            self.report(report);
            outcome.map_err(|reason| StartChildError::of(start.spec.id(), reason))
        });
        self.answer(match answer {
            Ok(child) => started(&child),
            Err(StartChildError::AlreadyStarted(pid)) => format!("already started {}", pid.id()),
            Err(StartChildError::AlreadyPresent(_)) => "already present".to_owned(),
            Err(StartChildError::Spec(_)) => "bad spec".to_owned(),
            Err(_) => "failed".to_owned(),
        });
    }

    pub(super) fn restart_child(&mut self, id: ChildId) {
        let answer = self.core.restart_child(id.clone()).and_then(|start| {
            let outcome = self.start(&start.spec);
            let report = self.core.requested(&start, &outcome);
            self.report(report);
            outcome.map_err(|reason| RestartChildError::Start { id, reason })
        });
        self.answer(match answer {
            Ok(child) => started(&child),
            Err(RestartChildError::Start { .. }) => "failed".to_owned(),
            Err(RestartChildError::Running(_)) => "running".to_owned(),
            Err(RestartChildError::Restarting(_)) => "restarting".to_owned(),
            Err(_) => "not found".to_owned(),
        });
    }

    pub(super) fn terminate_child(&mut self, id: ChildId) {
        let answer = self.core.terminate_child(id).map(|stop| {
            if let Some(stop) = stop {
                let reason = self.stop(&stop.child);
                let report = self.core.terminated(stop, reason);
                self.report(report);
            }
        });
        self.answer(match answer {
            Ok(()) => "ok".to_owned(),
            Err(TerminateChildError::NotFound(_)) => "not found".to_owned(),
            Err(other) => format!("{other:?}"),
        });
    }

    pub(super) fn delete_child(&mut self, id: ChildId) {
        let answer = self.core.delete_child(id);
        self.answer(match answer {
            Ok(()) => "ok".to_owned(),
            Err(DeleteChildError::Running(_)) => "running".to_owned(),
            Err(DeleteChildError::Restarting(_)) => "restarting".to_owned(),
            Err(_) => "not found".to_owned(),
        });
    }

    fn start(&mut self, spec: &ChildSpec) -> Result<Child, ExitReason> {
        let id = spec.id().to_string();
        let (outcome, new) = self.script.start();
        self.steps.push(Step::Start(id.clone(), outcome));
        match outcome {
            Outcome::Runs => {
                self.alive.insert(new, id);
                Ok(Child::new(pid(new)))
            }
            Outcome::Fails => Err(ExitReason::other("bad")),
            Outcome::Ignores => Ok(Child::ignore()),
        }
    }

    fn stop(&mut self, child: &Leaving) -> ExitReason {
        let id = child.spec.id().to_string();
        let was = self.alive.remove(&child.pid.id());
        assert_eq!(was.as_ref(), Some(&id), "it runs, and only once");
        self.steps.push(Step::Stop(id));
        self.script.end().reason()
    }

    fn report(&mut self, report: Option<ChildReport>) {
        let step = match report {
            Some(ChildReport::Trouble { context, child, .. }) => {
                Step::Report(format!("{context:?}"), child.id().to_string())
            }
            Some(ChildReport::Limit(child, _)) => {
                Step::Report("Limit".to_owned(), child.id().to_string())
            }
            // They are no reports to others.
            Some(
                ChildReport::Progress { .. } | ChildReport::Orderly(..) | ChildReport::AutoShutdown,
            )
            | None => return,
        };
        self.steps.push(step);
    }

    fn answer(&mut self, in_short: String) {
        self.steps.push(Step::Answer(in_short));
    }

    /// What runs and what does not, in order.
    pub(super) fn children(&self) -> Vec<(String, String)> {
        let state = |entry: &ChildEntry| match entry.state {
            ChildState::Running(pid) => pid.id().to_string(),
            ChildState::Restarting(_) => "restarting".to_owned(),
            ChildState::Stopped => "stopped".to_owned(),
        };
        let children = self.core.children.iter();
        children
            .map(|entry| (entry.spec.id().to_string(), state(entry)))
            .collect()
    }
}

fn started(child: &Child) -> String {
    format!("{:?}", child.pid().map(Pid::id))
}

/// The process with this number.
pub(super) fn pid(number: u64) -> Pid {
    let number = number.try_into().expect("the script counts from 1");
    Pid::new(NodeId(0), number)
}
