//! What other nodes can reach: nothing that is not entered here.

use std::collections::HashMap;
use std::sync::Arc;

use otp_core::{Node, Pid};
use parking_lot::RwLock;

use crate::gate::Gate;

#[derive(Default)]
pub(crate) struct Exposed(RwLock<Tables>);

#[derive(Default)]
struct Tables {
    by_name: HashMap<String, Arc<dyn Gate>>,
    by_pid: HashMap<Pid, Option<Arc<dyn Gate>>>,
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
            tables.sweep = 64 + 2 * tables.by_pid.len();
        }
        tables.by_pid.insert(pid, gate);
    }

    pub(crate) fn by_name(&self, name: &str) -> Option<Arc<dyn Gate>> {
        self.0.read().by_name.get(name).cloned()
    }

    pub(crate) fn by_pid(&self, pid: Pid) -> Option<Arc<dyn Gate>> {
        let tables = self.0.read();
        match tables.by_pid.get(&pid) {
            Some(gate) => gate.clone(),
            None => tables.named_with(pid),
        }
    }

    /// Whether links, monitors and exits reach the process.
    pub(crate) fn reaches(&self, pid: Pid) -> bool {
        let tables = self.0.read();
        tables.by_pid.contains_key(&pid) || tables.named_with(pid).is_some()
    }
}

impl Tables {
    /// The pid of a server that is exposed by its name is exposed, too, as long as it has the name.
    fn named_with(&self, pid: Pid) -> Option<Arc<dyn Gate>> {
        let mut gates = self.by_name.values();
        gates.find(|gate| gate.pid() == Some(pid)).cloned()
    }
}
