//! The rules for links, monitors and lives, as a model.

use std::collections::{BTreeMap, BTreeSet};

use otp_core::MonitorRef;
use otp_core::prelude::*;

use crate::puppet::{Seen, down, exit};

/// What OTP says of processes, links and monitors, without messages, locks or time.
#[derive(Default)]
pub(super) struct Model {
    pub(super) processes: BTreeMap<Pid, Modelled>,
}

#[derive(Default)]
pub(super) struct Modelled {
    pub(super) dead: Option<ExitReason>,
    pub(super) traps: bool,
    pub(super) links: BTreeSet<Pid>,
    pub(super) monitors: BTreeMap<MonitorRef, Pid>,
    /// What it is to receive and has not been seen to receive.
    pub(super) due: Vec<Seen>,
}

impl Model {
    pub(super) fn get(&mut self, pid: Pid) -> &mut Modelled {
        self.processes.entry(pid).or_default()
    }

    pub(super) fn is_alive(&self, pid: Pid) -> bool {
        self.processes[&pid].dead.is_none()
    }

    pub(super) fn link(&mut self, by: Pid, to: Pid) {
        if by == to {
            return;
        }
        if self.is_alive(to) {
            self.get(by).links.insert(to);
            self.get(to).links.insert(by);
        } else {
            self.exit(by, to, ExitReason::NoProcess);
        }
    }

    pub(super) fn unlink(&mut self, by: Pid, to: Pid) {
        self.get(by).links.remove(&to);
        self.get(to).links.remove(&by);
    }

    pub(super) fn monitor(&mut self, by: Pid, to: Pid, monitor: MonitorRef) {
        if self.is_alive(to) {
            self.get(by).monitors.insert(monitor, to);
        } else {
            self.get(by)
                .due
                .push(down(monitor, to, ExitReason::NoProcess));
        }
    }

    /// An exit signal by hand, from one that is alive or was a moment ago.
    pub(super) fn signal(&mut self, from: Pid, to: Pid, reason: ExitReason) {
        if !self.is_alive(to) {
            return;
        }
        match reason {
            ExitReason::Kill => self.die(to, &ExitReason::Killed),
            ExitReason::Normal if from == to && !self.get(to).traps => self.die(to, &reason),
            reason => self.exit(to, from, reason),
        }
    }

    pub(super) fn exit(&mut self, to: Pid, from: Pid, reason: ExitReason) {
        let target = self.get(to);
        if target.dead.is_some() {
            return;
        }
        if target.traps {
            target.due.push(exit(from, reason));
        } else if reason != ExitReason::Normal {
            self.die(to, &reason);
        }
    }

    pub(super) fn die(&mut self, pid: Pid, reason: &ExitReason) {
        let dying = self.get(pid);
        dying.dead = Some(reason.clone());
        dying.monitors.clear();
        let links = std::mem::take(&mut dying.links);
        for watcher in self.processes.values_mut() {
            let fired: Vec<MonitorRef> = watcher
                .monitors
                .iter()
                .filter(|(_, target)| **target == pid)
                .map(|(monitor, _)| *monitor)
                .collect();
            for monitor in fired {
                watcher.monitors.remove(&monitor);
                watcher.due.push(down(monitor, pid, reason.clone()));
            }
        }
        for linked in links {
            self.get(linked).links.remove(&pid);
            self.exit(linked, pid, reason.clone());
        }
    }
}
