//! The decisions of a dynamic supervisor: a pure function from state and event to actions, as the
//! [supervisor's](crate::supervisor) core.

use std::sync::Arc;
use std::time::Duration;

use super::children::DynamicChildren;
use crate::child_spec::{Child, ChildSpec, Shutdown};
use crate::exit::ExitReason;
use crate::never::Never;
use crate::pid::Pid;
use crate::report::supervisor::ErrorContext;
use crate::supervisor::action::{Action, Actions, ChildReport, Retry, ToStart, ToStop};
use crate::supervisor::intensity::Intensity;
use crate::supervisor::policy::SupervisorPolicy;
use crate::supervisor::shutdown::Leaving;
use crate::supervisor::ticket::Tickets;
use crate::supervisor::{StartChildError, TerminateChildError, validate};

/// A dynamic supervisor, without the process.
#[derive(Debug)]
pub(crate) struct DynamicCore {
    max_children: usize,
    children: DynamicChildren,
    intensity: Intensity,
    tickets: Tickets,
}

/// A child to start again that ran as this process.
#[derive(Debug)]
pub(crate) struct Former(Pid);

/// The requests.
impl DynamicCore {
    pub(crate) fn new(max_children: usize, intensity: Intensity) -> Self {
        Self {
            max_children,
            children: DynamicChildren::default(),
            intensity,
            tickets: Tickets::default(),
        }
    }

    pub(crate) fn children(&self) -> &DynamicChildren {
        &self.children
    }

    /// Whether a new child may start.
    pub(crate) fn admit(&self, spec: &ChildSpec) -> Result<(), StartChildError> {
        if !spec.is_plain() {
            validate::dynamic(spec).map_err(StartChildError::Spec)?;
        }
        match self.children.len() < self.max_children {
            true => Ok(()),
            false => Err(StartChildError::MaxChildren(self.max_children)),
        }
    }

    /// The start of a new child is over.
    pub(crate) fn added(
        &mut self,
        spec: Arc<ChildSpec>,
        outcome: Result<Child, ExitReason>,
    ) -> Result<Child, StartChildError> {
        let child = outcome.map_err(|reason| StartChildError::of(spec.id(), reason))?;
        if let Some(pid) = child.pid() {
            self.children.add(pid, spec, &child);
        }
        Ok(child)
    }

    /// Forgets a child. If it runs, the caller must stop it.
    pub(crate) fn terminate_child(
        &mut self,
        pid: Pid,
    ) -> Result<Option<Leaving>, TerminateChildError> {
        // A child that is going to be started again still has its former pid here.
        match self.children.remove(pid) {
            Some(entry) => Ok(entry.is_running().then(|| entry.leave(pid))),
            None => Err(TerminateChildError::NotAChild(pid)),
        }
    }

    /// Forgets all children. The caller must stop those that run, at the same time.
    pub(crate) fn leave(&mut self) -> Vec<Leaving> {
        self.children.leave()
    }

    fn restart(
        &mut self,
        former: Pid,
        spec: Arc<ChildSpec>,
        at: Duration,
        actions: &mut Actions<Self>,
    ) {
        if self.intensity.admits(at) {
            let then = Former(former);
            actions.push_back(Action::Start(ToStart { spec, then }));
        } else {
            self.children.remove(former);
            actions.push_back(Action::Report(ChildReport::Limit(spec, Some(former))));
            actions.push_back(Action::End(ExitReason::Shutdown));
        }
    }
}

impl SupervisorPolicy for DynamicCore {
    type Key = Pid;
    type Start = Former;
    /// Only requests stop children, and the end of the supervisor.
    type Stop = Never;

    const UNLINKS_FIRST: bool = true;

    fn started(
        &mut self,
        start: ToStart<Former>,
        outcome: Result<Child, ExitReason>,
        actions: &mut Actions<Self>,
    ) {
        let former = start.then.0;
        match outcome {
            Ok(child) => match child.pid() {
                Some(pid) => self.children.renew(former, pid, &child),
                None => drop(self.children.remove(former)),
            },
            Err(reason) => {
                let ticket = self.tickets.issue();
                self.children.put_off(former, ticket);
                let trouble = ChildReport::trouble(
                    ErrorContext::StartError,
                    start.spec,
                    Some(former),
                    reason,
                );
                actions.push_back(Action::Report(trouble));
                actions.push_back(Action::Retry(Retry(former, ticket)));
            }
        }
    }

    fn stopped(&mut self, stop: ToStop<Never>, _: ExitReason, _: &mut Actions<Self>) {
        match stop.then {}
    }

    fn exited(&mut self, pid: Pid, reason: ExitReason, at: Duration, actions: &mut Actions<Self>) {
        let running = self.children.get(pid).filter(|entry| entry.is_running());
        let Some(entry) = running else { return };
        let spec = entry.spec.clone();
        let restarts = spec.restarts_after(&reason);
        if restarts || reason.is_abnormal() {
            let trouble = ChildReport::trouble(
                ErrorContext::ChildTerminated,
                spec.clone(),
                Some(pid),
                reason,
            );
            actions.push_back(Action::Report(trouble));
        }
        if restarts {
            self.restart(pid, spec, at, actions);
        } else {
            self.children.remove(pid);
        }
    }

    fn retry(&mut self, retry: Retry<Pid>, at: Duration, actions: &mut Actions<Self>) {
        let Retry(former, ticket) = retry;
        let waiting = self.children.get(former);
        if let Some(entry) = waiting.filter(|entry| entry.waits_for(ticket)) {
            let spec = entry.spec.clone();
            self.restart(former, spec, at, actions);
        }
    }

    fn restarted(&self) -> u64 {
        self.children.restarted
    }
}

/// The report for a child that was stopped and has ended for another reason.
pub(crate) fn ended(child: Leaving, reason: ExitReason) -> Option<ChildReport> {
    let Leaving { pid, spec, .. } = child;
    let stopped_well = stops_well_with(&spec, &reason);
    (!stopped_well)
        .then(|| ChildReport::trouble(ErrorContext::ShutdownError, spec, Some(pid), reason))
}

/// A little more than a supervisor's children may: any orderly reason with a value is good.
fn stops_well_with(spec: &ChildSpec, reason: &ExitReason) -> bool {
    let is_told = spec.own_shutdown() != Shutdown::BrutalKill;
    (is_told && matches!(reason, ExitReason::ShutdownWith(_))) || spec.stops_well_with(reason)
}

#[cfg(test)]
mod tests;
