//! The children of a dynamic supervisor, by pid: that is all they are known by.

use std::collections::HashMap;
use std::sync::Arc;

use crate::child_spec::{Child, ChildSpec};
use crate::numbered::Numbered;
use crate::pid::Pid;
use crate::process::block::Process;
use crate::supervisor::shutdown::Leaving;
use crate::supervisor::ticket::Ticket;
use crate::supervisor::{ChildCounts, ChildInfo, ChildStatus};

/// A child that runs, or is going to be started again.
#[derive(Debug)]
pub(crate) struct DynamicChild {
    pub(crate) spec: Arc<ChildSpec>,
    /// The process. It may have ended when it has to be stopped, with its EXIT still on its way. Then this holds the
    /// reason.
    process: Option<Arc<dyn Process>>,
    /// For the next attempt to start it, if the last one has failed.
    retry: Option<Ticket>,
    /// How often the supervisor has restarted it automatically.
    restarts: u64,
    /// How many were started before it.
    place: u64,
}

impl DynamicChild {
    pub(crate) fn is_running(&self) -> bool {
        self.retry.is_none()
    }

    pub(crate) fn waits_for(&self, ticket: Ticket) -> bool {
        self.retry == Some(ticket)
    }

    /// The child, which ran as this process, to be stopped.
    pub(crate) fn leave(self, pid: Pid) -> Leaving {
        Leaving {
            pid,
            spec: self.spec,
            process: self.process,
        }
    }

    /// The supervisor's information on the child. It has no id, because ids have no meaning here.
    fn info(&self, pid: Pid) -> ChildInfo {
        ChildInfo {
            id: None,
            status: match self.retry {
                None => ChildStatus::Running(pid),
                Some(_) => ChildStatus::Restarting,
            },
            child_type: self.spec.child_type(),
            restart: self.spec.restart_type(),
            restarts: self.restarts,
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct DynamicChildren {
    entries: HashMap<Pid, DynamicChild, Numbered>,
    started: u64,
    /// How many restarts there have been, of all children together.
    pub(super) restarted: u64,
}

impl DynamicChildren {
    /// Adds one that has been started.
    pub(crate) fn add(&mut self, pid: Pid, spec: Arc<ChildSpec>, child: &Child) {
        let entry = DynamicChild {
            spec,
            process: child.process().cloned(),
            retry: None,
            restarts: 0,
            place: self.started,
        };
        self.started += 1;
        self.entries.insert(pid, entry);
    }

    /// One that ran as `former` has been started again.
    pub(crate) fn renew(&mut self, former: Pid, pid: Pid, child: &Child) {
        if let Some(entry) = self.entries.remove(&former) {
            let entry = DynamicChild {
                process: child.process().cloned(),
                retry: None,
                restarts: entry.restarts + 1,
                ..entry
            };
            self.restarted += 1;
            self.entries.insert(pid, entry);
        }
    }

    /// One that ran as `former` could not be started again. It is still known by the pid that it had.
    pub(crate) fn put_off(&mut self, former: Pid, ticket: Ticket) {
        if let Some(entry) = self.entries.get_mut(&former) {
            entry.process = None;
            entry.retry = Some(ticket);
        }
    }

    pub(crate) fn get(&self, pid: Pid) -> Option<&DynamicChild> {
        self.entries.get(&pid)
    }

    /// Forgets a child.
    pub(crate) fn remove(&mut self, pid: Pid) -> Option<DynamicChild> {
        self.entries.remove(&pid)
    }

    /// Forgets all children. Those that run must be stopped. They are returned in the order of their start.
    pub(crate) fn leave(&mut self) -> Vec<Leaving> {
        let mut running: Vec<_> = self
            .entries
            .drain()
            .filter(|(_, entry)| entry.is_running())
            .collect();
        running.sort_unstable_by_key(|(_, entry)| entry.place);
        running
            .into_iter()
            .map(|(pid, entry)| entry.leave(pid))
            .collect()
    }

    /// The supervisor's information on them, in the order of their start.
    pub(crate) fn infos(&self) -> Vec<ChildInfo> {
        let mut entries: Vec<_> = self.entries.iter().collect();
        entries.sort_unstable_by_key(|(_, entry)| entry.place);
        entries
            .into_iter()
            .map(|(pid, entry)| entry.info(*pid))
            .collect()
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Their number. As in Elixir, a child counts as active until the supervisor has got its EXIT.
    pub(crate) fn count(&self) -> ChildCounts {
        let mut counts = ChildCounts::default();
        for entry in self.entries.values() {
            counts.add(entry.spec.child_type(), entry.is_running());
        }
        counts
    }
}
