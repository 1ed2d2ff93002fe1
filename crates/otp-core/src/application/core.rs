//! The decisions of the application controller: a pure function from state and event to actions.
//!
//! An application that is not in the table does not run. From the acceptance of a start to the end of its processes it is
//! in one of three phases: it starts, it runs, it stops. Requests wait in its entry for the end of the phase. A request
//! that a master makes (one of the application's own callbacks) makes that application wait, too. A request that could
//! only be answered after its own callback has returned is answered at once.
//!
//! # OTP
//!
//! The `#state` of `application_controller`.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::RestartType;
use super::catalogue::RunningApplication;
use super::error::{StartApplicationError, StopApplicationError};
use super::event::{Caller, ControllerAction, ControllerAnswer, ControllerEvent, Ended, Needs};
use crate::exit::ExitReason;
use crate::pid::Pid;

struct ApplicationEntry<R> {
    phase: StartPhase,
    restart: RestartType,
    is_library: bool,
    top: Option<Pid>,
    /// Starts that wait: for this start or, while it stops, for the next one.
    starts: Vec<StartRequest<R>>,
    /// The caller that has requested the stop and waits for it.
    stopper: Option<Caller<R>>,
    /// Later callers.
    late: Vec<Caller<R>>,
}

/// A request for a start.
struct StartRequest<R> {
    from: Caller<R>,
    restart: RestartType,
    needs: Arc<Needs>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum StartPhase {
    Starting,
    Running,
    Stopping,
}

pub(super) struct ControllerCore<R> {
    entries: BTreeMap<String, ApplicationEntry<R>>,
    /// Names, the last started one last.
    started: Vec<String>,
    /// Present once all must be shut down.
    ending: Option<Ended>,
    is_over: bool,
    waiting: Vec<Caller<R>>,
    actions: Vec<ControllerAction<R>>,
}

impl<R> Default for ControllerCore<R> {
    fn default() -> Self {
        Self {
            entries: BTreeMap::new(),
            started: Vec::new(),
            ending: None,
            is_over: false,
            waiting: Vec::new(),
            actions: Vec::new(),
        }
    }
}

impl<R> ControllerCore<R> {
    /// Decides on the actions for an event.
    pub(super) fn handle(&mut self, event: ControllerEvent<R>) -> Vec<ControllerAction<R>> {
        match event {
            ControllerEvent::Start {
                name,
                needs,
                restart,
                from,
            } => {
                let start = StartRequest {
                    from,
                    restart,
                    needs,
                };
                self.start(&name, start);
                self.release(name);
            }
            ControllerEvent::Stop(name, from) => self.stop(name, from),
            ControllerEvent::Started(name, top) => self.has_started(&name, top),
            ControllerEvent::Ended(name, reason) => {
                self.has_ended(&name, reason);
                self.release(name);
            }
            ControllerEvent::Orphan(name) => {
                let mut entry = ApplicationEntry::new(false, RestartType::Temporary);
                entry.phase = StartPhase::Stopping;
                self.entries.insert(name, entry);
            }
            ControllerEvent::Shutdown => {
                self.ending.get_or_insert(Ended::Stopped);
            }
            ControllerEvent::Hurry => {
                let entries = self.entries.iter().filter(|entry| !entry.1.is_library);
                let kills = entries.map(|(name, _)| ControllerAction::Kill(name.clone()));
                self.actions.extend(kills);
            }
            ControllerEvent::Await(from) => self.waiting.push(from),
        }
        self.proceed();
        let mut actions = std::mem::take(&mut self.actions);
        // A caller that gets its answer must find it published: the running applications shown, the specification
        // released.
        actions.sort_by_key(|action| matches!(action, ControllerAction::Answer(..)));
        actions
    }

    /// Those that run, those that stop included, in the order of their starts.
    pub(super) fn running(&self) -> Vec<RunningApplication> {
        let show = |name: &String| {
            let entry = self.entries.get(name)?;
            Some(RunningApplication {
                name: name.clone(),
                top: entry.top,
                restart: entry.restart,
            })
        };
        self.started.iter().filter_map(show).collect()
    }

    /// Whether the application has started, and no stop was requested.
    pub(super) fn is_running(&self, name: &str) -> bool {
        self.phase(name) == Some(StartPhase::Running)
    }

    fn phase(&self, name: &str) -> Option<StartPhase> {
        self.entries.get(name).map(|entry| entry.phase)
    }

    fn start(&mut self, name: &str, start: StartRequest<R>) {
        let name = name.to_owned();
        let by = start.from.by.as_ref();
        let own = by == Some(&name);
        let path = by.and_then(|by| self.path(&name, by));
        let mut needs = start.needs.dependencies.iter();
        let refusal = match self.entries.get_mut(&name) {
            _ if self.ending.is_some() => StartApplicationError::ShuttingDown(name),
            Some(entry) if own || entry.phase == StartPhase::Running => {
                StartApplicationError::AlreadyStarted(name)
            }
            Some(entry) => match path {
                Some(path) => StartApplicationError::Circle { path },
                None => return entry.starts.push(start),
            },
            None => match needs.find(|needed| !self.is_running(needed)) {
                Some(missing) => StartApplicationError::NotStarted {
                    application: name,
                    dependency: missing.clone(),
                },
                None => return self.launch(name, start),
            },
        };
        self.answer(start.from, ControllerAnswer::Start(Err(refusal)));
    }

    fn launch(&mut self, name: String, start: StartRequest<R>) {
        let is_library = start.needs.is_library;
        let mut entry = ApplicationEntry::new(is_library, start.restart);
        entry.starts.push(start);
        self.entries.insert(name.clone(), entry);
        match is_library {
            true => self.has_started(&name, None),
            false => self.actions.push(ControllerAction::Launch(name)),
        }
    }

    fn has_started(&mut self, name: &str, top: Option<Pid>) {
        let starting = self.entries.get_mut(name);
        let Some(entry) = starting.filter(|entry| entry.phase == StartPhase::Starting) else {
            return;
        };
        entry.phase = StartPhase::Running;
        entry.top = top;
        let starts = std::mem::take(&mut entry.starts);
        self.started.push(name.to_owned());
        self.actions.push(ControllerAction::Show);
        for start in starts {
            self.answer(start.from, ControllerAnswer::Start(Ok(())));
        }
    }

    fn stop(&mut self, name: String, from: Caller<R>) {
        // A callback cannot wait for the stop of an application that ends only after the callback, in particular its
        // own.
        let by = from.by.as_ref();
        let waits = by.is_none_or(|by| self.path(&name, by).is_none());
        match self.entries.get_mut(&name) {
            Some(entry) if entry.phase == StartPhase::Running => {
                match waits {
                    true => entry.stopper = Some(from),
                    false => self.answer(from, ControllerAnswer::Stop(Ok(()))),
                }
                self.begin_stop(name);
            }
            Some(entry) if entry.phase == StartPhase::Stopping && waits => entry.late.push(from),
            _ => self.answer(
                from,
                ControllerAnswer::Stop(Err(StopApplicationError::NotStarted(name))),
            ),
        }
    }

    /// Stops an application that runs.
    fn begin_stop(&mut self, name: String) {
        let Some(entry) = self.entries.get_mut(&name) else {
            return;
        };
        entry.phase = StartPhase::Stopping;
        if !entry.is_library {
            self.actions.push(ControllerAction::Stop(name));
            return;
        }
        let stopper = entry.stopper.take();
        self.forget(&name);
        if let Some(from) = stopper {
            self.answer(from, ControllerAnswer::Stop(Ok(())));
        }
        self.release(name);
    }

    fn has_ended(&mut self, name: &str, reason: ExitReason) {
        let Some(entry) = self.forget(name) else {
            return self.actions.push(ControllerAction::Discard(reason));
        };
        match entry.phase {
            StartPhase::Starting => {
                for start in entry.starts {
                    let error = StartApplicationError::Failed {
                        application: name.to_owned(),
                        reason: reason.clone(),
                    };
                    self.answer(start.from, ControllerAnswer::Start(Err(error)));
                }
            }
            StartPhase::Running => {
                let is_fatal = entry.restart.is_fatal(&reason);
                let report =
                    ControllerAction::Report(name.to_owned(), Some((reason.clone(), is_fatal)));
                self.actions.push(report);
                if is_fatal {
                    self.ending.get_or_insert_with(|| Ended::Failed {
                        application: name.to_owned(),
                        reason: reason.clone(),
                    });
                }
            }
            StartPhase::Stopping => {
                self.actions
                    .push(ControllerAction::Report(name.to_owned(), None));
                if let Some(from) = entry.stopper {
                    self.answer(from, ControllerAnswer::Stop(Ok(())));
                }
                for from in entry.late {
                    let error = StopApplicationError::NotStarted(name.to_owned());
                    self.answer(from, ControllerAnswer::Stop(Err(error)));
                }
                for start in entry.starts {
                    self.start(name, start);
                }
            }
        }
        self.actions.push(ControllerAction::Discard(reason));
    }

    fn forget(&mut self, name: &str) -> Option<ApplicationEntry<R>> {
        let entry = self.entries.remove(name)?;
        let before = self.started.len();
        self.started.retain(|started| started != name);
        if self.started.len() < before {
            self.actions.push(ControllerAction::Show);
        }
        // The callbacks of the application are gone, so callers of their requests wait no longer.
        let callers = self
            .entries
            .values_mut()
            .flat_map(ApplicationEntry::callers);
        for caller in callers.chain(&mut self.waiting) {
            caller.by.take_if(|by| by == name);
        }
        Some(entry)
    }

    fn release(&mut self, name: String) {
        if !self.entries.contains_key(&name) {
            self.actions.push(ControllerAction::Release(name));
        }
    }

    fn answer(&mut self, from: Caller<R>, answer: ControllerAnswer) {
        self.actions
            .push(ControllerAction::Answer(from.request, answer));
    }

    /// Continues the shutdown of all. No application is stopped while another one starts or stops.
    fn proceed(&mut self) {
        let Some(ending) = self.ending.clone() else {
            return;
        };
        let settled = |entry: &ApplicationEntry<R>| entry.phase == StartPhase::Running;
        while !self.is_over && self.entries.values().all(settled) {
            match self.started.last().cloned() {
                Some(last) => self.begin_stop(last),
                None => self.is_over = true,
            }
        }
        // A callback is answered at once, because the end waits for the callback.
        for from in std::mem::take(&mut self.waiting) {
            match self.is_over || from.by.is_some() {
                true => self.answer(from, ControllerAnswer::Await(ending.clone())),
                false => self.waiting.push(from),
            }
        }
    }

    /// The path from one application to another through applications whose callbacks wait for each other, if there is
    /// one.
    fn path(&self, from: &str, to: &str) -> Option<Vec<String>> {
        // Backwards, because an entry knows its waiting callers. Each step keeps the index of the former one.
        let mut seen = vec![(to, 0)];
        let mut next = 0;
        while let Some(&(name, _)) = seen.get(next) {
            if name == from && (next > 0 || from == to) {
                let mut path = vec![to.to_owned(), name.to_owned()];
                let mut at = next;
                while at > 0 {
                    at = seen[at].1;
                    path.push(seen[at].0.to_owned());
                }
                return Some(path);
            }
            let entry = self.entries.get(name);
            for by in entry.into_iter().flat_map(ApplicationEntry::waits) {
                if !seen.iter().any(|(name, _)| name == by) {
                    seen.push((by, next));
                }
            }
            next += 1;
        }
        None
    }
}

impl<R> ApplicationEntry<R> {
    fn new(is_library: bool, restart: RestartType) -> Self {
        Self {
            phase: StartPhase::Starting,
            restart,
            is_library,
            top: None,
            starts: Vec::new(),
            stopper: None,
            late: Vec::new(),
        }
    }

    /// The applications whose masters wait for this one.
    fn waits(&self) -> impl Iterator<Item = &String> {
        let starts = self.starts.iter().map(|start| &start.from);
        let all = starts.chain(&self.stopper).chain(&self.late);
        all.filter_map(|from| from.by.as_ref())
    }

    fn callers(&mut self) -> impl Iterator<Item = &mut Caller<R>> {
        let starts = self.starts.iter_mut().map(|start| &mut start.from);
        starts.chain(&mut self.stopper).chain(&mut self.late)
    }
}

#[cfg(test)]
mod tests;
