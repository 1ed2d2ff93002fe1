//! Calls that wait for each other.

use std::sync::atomic::Ordering;

use super::telemetry::Waits;
use crate::address::name::Name;
use crate::node::Node;
use crate::pid::Pid;

/// The longest cycle that is looked for: a wait is not to cost more than so many looks.
const LONGEST: usize = 64;

impl Node {
    /// Turns on the detection of calls that wait for each other. Without it, two servers that call each other wait
    /// until the time limit of one of the calls. With it, such a call fails with
    /// [`CallError::Cycle`](crate::CallError::Cycle) as soon as the cycle is found.
    ///
    /// A call that is answered soon costs nothing more. Only for a call that has to wait, the caller looks up the
    /// callee, the process that the callee waits for, and so on.
    ///
    /// It is for programs of servers, which handle no message while they wait for an answer. A raw process that waits for
    /// an answer and for messages at the same time is seen as one that only waits for the answer.
    ///
    /// # Differences from OTP
    ///
    /// OTP has no such detection; there both calls end with `timeout`.
    pub fn detect_call_cycles(&self) {
        let detects = &self.telemetry().detects_cycles;
        detects.store(true, Ordering::Relaxed);
    }

    /// The name of a process in an error: its first name, or else its pid.
    fn called(&self, pid: Pid) -> Result<Name, Pid> {
        let process = self.find(pid).ok_or(pid)?;
        let ties = &process.head().ties;
        let name = ties.with(|ties| ties.peek()?.names.first().cloned());
        name.ok_or(pid)
    }
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
            at = telemetry.waits_for(at)?;
        }
        cycle.push(waiter);
        let called = cycle.into_iter().map(|pid| self.node().called(pid));
        Some(called.collect())
    }
}
