//! Calls that wait for each other.

use std::sync::atomic::Ordering;

use super::telemetry::Waits;
use crate::address::name::Name;
use crate::node::Node;
use crate::pid::Pid;

/// The longest cycle that is looked for: a wait is not to cost more than so many looks.
const LONGEST: usize = 64;

impl Node {
    /// From now on calls that wait for each other fail as soon as that shows, with
    /// [`CallError::Cycle`](crate::CallError::Cycle): a server that calls another one, while that calls it, gets no answer before one of them
    /// gives up. Without this they wait for their limits.
    ///
    /// It costs a call nothing that is answered soon: only one that is not, as its caller begins to wait in earnest, has its callee looked
    /// up, and whom that waits for, and so on.
    ///
    /// It is for programs of servers, which handle no message while they wait for an answer. A raw process that waits for
    /// an answer and for messages at the same time is seen as one that only waits for the answer.
    ///
    /// # Differences from OTP
    ///
    /// OTP has nothing of the kind; there both calls end with `timeout`.
    pub fn detect_call_cycles(&self) {
        let detects = &self.telemetry().detects_cycles;
        detects.store(true, Ordering::Relaxed);
    }

    /// What a process is called in an error: its first name, if it has one.
    fn called(&self, pid: Pid) -> Result<Name, Pid> {
        let process = self.find(pid).ok_or(pid)?;
        let ties = &process.head().ties;
        let name = ties.with(|ties| ties.peek()?.names.first().cloned());
        name.ok_or(pid)
    }
}

impl Waits {
    /// Whom the current process waits for, whom that waits for, and so on, if that leads back to it, and it is looked for. The current process
    /// comes last.
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
            at = telemetry.waits_for(at)?;
        }
        cycle.push(waiter);
        let called = cycle.into_iter().map(|pid| self.node().called(pid));
        Some(called.collect())
    }
}
