//! What a node knows of its applications.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::RestartType;
use super::env::Environment;
use super::error::{LoadError, StartError, StopError, UnloadError};
use super::master::Order;
use super::spec::{ApplicationInfo, ApplicationSpec};
use crate::exit::ExitReason;
use crate::pid::Pid;
use crate::process::ProcessRef;

/// Why the applications of a node have been shut down.
///
/// OTP: the reason with which the runtime system ends.
#[derive(Debug, Clone, PartialEq)]
pub enum Ended {
    /// They were asked to.
    Stopped,
    /// An application has ended that must not.
    Failed {
        /// Which.
        application: String,
        /// Why.
        reason: ExitReason,
    },
}

/// The loaded applications, those that run in the order of their starts, and the environments.
#[derive(Default)]
pub(super) struct Ledger {
    loaded: BTreeMap<String, Entry>,
    /// Names, the last started one last.
    started: Vec<String>,
    pub(super) env: Environment,
    /// Present once they are to be shut down.
    pub(super) ending: Option<Ended>,
    /// They have been shut down.
    pub(super) is_over: bool,
    /// Somebody waits for the end.
    pub(super) has_controller: bool,
}

struct Entry {
    spec: Arc<ApplicationSpec>,
    status: Status,
}

enum Status {
    Stopped,
    Starting(ProcessRef<Order>),
    Running(Live),
    /// It has been told to stop.
    Stopping(ProcessRef<Order>),
}

struct Live {
    /// A library has none.
    master: Option<ProcessRef<Order>>,
    top: Option<Pid>,
    restart: RestartType,
}

/// What is to be done for a request.
pub(super) enum Turn<T> {
    Now(T),
    /// A start or a stop is under way; when it is over, ask again.
    Later,
}

impl Ledger {
    pub(super) fn load(&mut self, spec: ApplicationSpec) -> Result<(), LoadError> {
        let name = spec.name().to_owned();
        if self.loaded.contains_key(&name) {
            return Err(LoadError::AlreadyLoaded(name));
        }
        self.env.load(&name, &spec.env);
        let entry = Entry {
            spec: Arc::new(spec),
            status: Status::Stopped,
        };
        self.loaded.insert(name, entry);
        Ok(())
    }

    pub(super) fn unload(
        &mut self,
        name: &str,
    ) -> Result<Option<Arc<ApplicationSpec>>, UnloadError> {
        match self.loaded.get(name).map(|entry| &entry.status) {
            None => return Err(UnloadError::NotLoaded(name.to_owned())),
            Some(Status::Stopped) => {}
            Some(_) => return Err(UnloadError::Running(name.to_owned())),
        }
        self.env.unload(name);
        Ok(self.loaded.remove(name).map(|entry| entry.spec))
    }

    pub(super) fn spec(&self, name: &str) -> Option<&Arc<ApplicationSpec>> {
        self.loaded.get(name).map(|entry| &entry.spec)
    }

    pub(super) fn loaded(&self) -> Vec<ApplicationInfo> {
        self.loaded
            .values()
            .map(|entry| entry.spec.info())
            .collect()
    }

    /// Those that run, the last started one first.
    pub(super) fn running(&self) -> Vec<ApplicationInfo> {
        let specs = self.started.iter().rev().filter_map(|name| self.spec(name));
        specs.map(|spec| spec.info()).collect()
    }

    pub(super) fn is_running(&self, name: &str) -> bool {
        let status = self.loaded.get(name).map(|entry| &entry.status);
        matches!(status, Some(Status::Running(_)))
    }

    /// The top process and the restart type of one that runs.
    pub(super) fn top(&self, name: &str) -> Option<(Option<Pid>, RestartType)> {
        match &self.loaded.get(name)?.status {
            Status::Running(live) => Some((live.top, live.restart)),
            _ => None,
        }
    }

    pub(super) fn master(&self, name: &str) -> Option<&ProcessRef<Order>> {
        match &self.loaded.get(name)?.status {
            Status::Stopped => None,
            Status::Running(live) => live.master.as_ref(),
            Status::Starting(master) | Status::Stopping(master) => Some(master),
        }
    }

    /// Every master that there is.
    pub(super) fn masters(&self) -> Vec<ProcessRef<Order>> {
        let names = self.loaded.keys();
        names
            .filter_map(|name| self.master(name))
            .cloned()
            .collect()
    }

    /// Whether an application can be started now.
    pub(super) fn check_start(&self, name: &str) -> Result<Turn<Arc<ApplicationSpec>>, StartError> {
        if self.ending.is_some() {
            return Err(StartError::ShuttingDown(name.to_owned()));
        }
        let Some(entry) = self.loaded.get(name) else {
            return Err(StartError::NotLoaded(name.to_owned()));
        };
        match entry.status {
            Status::Running(_) => return Err(StartError::AlreadyStarted(name.to_owned())),
            Status::Starting(_) | Status::Stopping(_) => return Ok(Turn::Later),
            Status::Stopped => {}
        }
        let needed = &entry.spec.dependencies;
        match needed.iter().find(|needed| !self.is_running(needed)) {
            None => Ok(Turn::Now(entry.spec.clone())),
            Some(missing) => Err(StartError::NotStarted {
                application: name.to_owned(),
                dependency: missing.clone(),
            }),
        }
    }

    pub(super) fn starting(&mut self, name: &str, master: ProcessRef<Order>) {
        self.set(name, Status::Starting(master));
    }

    pub(super) fn has_started(
        &mut self,
        name: &str,
        master: Option<ProcessRef<Order>>,
        top: Option<Pid>,
        restart: RestartType,
    ) {
        self.started.push(name.to_owned());
        self.set(
            name,
            Status::Running(Live {
                master,
                top,
                restart,
            }),
        );
    }

    /// Notes that an application is to stop; none is to be told for a library, which has stopped by that.
    pub(super) fn begin_stop(
        &mut self,
        name: &str,
    ) -> Result<Turn<Option<ProcessRef<Order>>>, StopError> {
        let not_started = || StopError::NotStarted(name.to_owned());
        let entry = self.loaded.get(name).ok_or_else(not_started)?;
        let master = match &entry.status {
            Status::Stopped => return Err(not_started()),
            Status::Starting(_) | Status::Stopping(_) => return Ok(Turn::Later),
            Status::Running(live) => live.master.clone(),
        };
        match &master {
            None => self.has_ended(name),
            Some(master) => self.set(name, Status::Stopping(master.clone())),
        }
        Ok(Turn::Now(master))
    }

    pub(super) fn has_ended(&mut self, name: &str) {
        self.started.retain(|started| started != name);
        self.set(name, Status::Stopped);
    }

    /// The one to be stopped next when all are; `Later` while there are only such as are starting or
    /// stopping.
    pub(super) fn next_to_stop(&self) -> Option<Turn<String>> {
        let is_moving =
            |entry: &Entry| matches!(entry.status, Status::Starting(_) | Status::Stopping(_));
        if self.loaded.values().any(is_moving) {
            return Some(Turn::Later);
        }
        self.started.last().cloned().map(Turn::Now)
    }

    fn set(&mut self, name: &str, status: Status) {
        if let Some(entry) = self.loaded.get_mut(name) {
            entry.status = status;
        }
    }
}
