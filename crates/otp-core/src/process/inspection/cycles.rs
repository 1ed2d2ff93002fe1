//! Calls that wait for each other.

use std::sync::atomic::Ordering;

use super::telemetry::Waits;
use crate::address::name::Name;
use crate::node::Node;
use crate::pid::Pid;
use crate::scope;

/// The longest cycle that is looked for: it bounds the number of look-ups of a wait.
const LONGEST: usize = 64;

/// Turns the detection on: see [`Node::detect_call_cycles`].
pub(crate) fn detect(node: &Node) {
    let detects = &node.telemetry().detects_cycles;
    detects.store(true, Ordering::Relaxed);
}

impl Waits {
    /// The chain of processes that wait for each other, from the current process back to it, if there is one and the
    /// detection is on. The current process comes last.
    pub(crate) fn cycle(&self) -> Option<Vec<Result<Name, Pid>>> {
        let telemetry = self.node().telemetry();
        if !telemetry.detects_cycles.load(Ordering::Relaxed) {
            return None;
        }
        let (waiter, mut at) = self.ends();
        let mut cycle = Vec::new();
        while at != waiter {
            if cycle.len() == LONGEST {
                return None;
            }
            cycle.push(at);
            at = self.next_after(at)?;
        }
        cycle.push(waiter);
        Some(cycle.into_iter().map(called).collect())
    }

    /// The process that this one waits for. A node knows that of its own processes only.
    fn next_after(&self, pid: Pid) -> Option<Pid> {
        match self.node().id() == pid.node() {
            true => self.node().telemetry().waits_for(pid),
            false => scope::node_of(pid)?.telemetry().waits_for(pid),
        }
    }
}

/// The name of a process in an error: its first name, or else its pid.
fn called(pid: Pid) -> Result<Name, Pid> {
    let process = scope::node_of(pid).and_then(|node| node.find(pid));
    let process = process.ok_or(pid)?;
    let ties = &process.head().ties;
    let name = ties.with(|ties| ties.names().next().cloned());
    name.ok_or(pid)
}
