//! The servers that other nodes can reach: only those that are entered here.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;
use otp_core::{Node, Pid};
use parking_lot::RwLock;

use crate::gate::Gate;

#[derive(Default)]
pub(crate) struct Exposed(RwLock<Tables>);

#[derive(Default)]
struct Tables {
    by_name: HashMap<String, Arc<dyn Gate>, RandomState>,
    by_pid: HashMap<Pid, Option<Arc<dyn Gate>>>,
    /// The names by which servers were found that are exposed by them and addressed by their pids. One may have lost its name.
    named: HashMap<Pid, String>,
    /// At how many pids those that do not live any more are swept out.
    sweep: usize,
}

impl Exposed {
    pub(crate) fn name(&self, name: String, gate: Arc<dyn Gate>) {
        self.0.write().by_name.insert(name, gate);
    }

    pub(crate) fn unname(&self, name: &str) -> bool {
        self.0.write().by_name.remove(name).is_some()
    }

    /// Exposes a process; without a gate only its links, monitors and exits.
    pub(crate) fn pid(&self, node: &Node, pid: Pid, gate: Option<Arc<dyn Gate>>) {
        let mut tables = self.0.write();
        if tables.by_pid.len() >= tables.sweep {
            tables.by_pid.retain(|pid, _| node.is_alive(*pid));
            tables.named.clear();
            tables.sweep = 64 + 2 * tables.by_pid.len();
        }
        tables.by_pid.insert(pid, gate);
    }

    pub(crate) fn by_name(&self, name: &str) -> Option<Arc<dyn Gate>> {
        self.0.read().by_name.get(name).cloned()
    }

    pub(crate) fn by_pid(&self, pid: Pid) -> Option<Arc<dyn Gate>> {
        if let Some(gate) = self.0.read().by_pid.get(&pid) {
            return gate.clone();
        }
        self.named_with(pid)
    }

    /// Whether links, monitors and exits reach the process.
    pub(crate) fn reaches(&self, pid: Pid) -> bool {
        let by_itself = self.0.read().by_pid.contains_key(&pid);
        by_itself || self.named_with(pid).is_some()
    }

    /// The pid of a server that is exposed by its name is exposed, too, as long as it has the name.
    fn named_with(&self, pid: Pid) -> Option<Arc<dyn Gate>> {
        let has_it = |gate: &&Arc<dyn Gate>| gate.pid() == Some(pid);
        let name = {
            let tables = self.0.read();
            let known = tables.named.get(&pid);
            let known = known.and_then(|name| tables.by_name.get(name));
            if let Some(gate) = known.filter(has_it) {
                return Some(gate.clone());
            }
            let mut names = tables.by_name.iter();
            names.find(|(_, gate)| has_it(gate))?.0.clone()
        };
        let mut tables = self.0.write();
        let most = tables.by_name.len();
        if tables.named.len() > most {
            tables.named.clear();
        }
        tables.named.insert(pid, name.clone());
        tables.by_name.get(&name).filter(has_it).cloned()
    }
}
