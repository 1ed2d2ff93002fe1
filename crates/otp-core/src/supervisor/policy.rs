//! The interface that the cores of both kinds of supervisor share.

use std::time::Duration;

use super::action::{Actions, Retry, ToStart, ToStop};
use crate::child_spec::Child;
use crate::exit::ExitReason;
use crate::pid::Pid;

/// The core of a supervisor: pure functions from state and event to actions.
///
/// Starts and stops take time. Such an action is the last of its list, and the next event is its outcome, so no other event
/// comes in between. The action owns the rest of the work: an outcome cannot be reported without its action.
pub(crate) trait SupervisorPolicy: Sized {
    /// Identifies a child whose start is tried again.
    type Key: Copy + Send + 'static;
    /// The purpose of a start.
    type Start;
    /// The purpose of a stop.
    type Stop;

    /// Whether a child is unlinked before it is told to stop, or after its end.
    const UNLINKS_FIRST: bool;

    /// A start is over.
    fn started(
        &mut self,
        start: ToStart<Self::Start>,
        outcome: Result<Child, ExitReason>,
        actions: &mut Actions<Self>,
    );

    /// A stop is over: the child has ended for this reason.
    fn stopped(
        &mut self,
        stop: ToStop<Self::Stop>,
        reason: ExitReason,
        actions: &mut Actions<Self>,
    );

    /// A process linked with the supervisor has ended at this time.
    fn exited(&mut self, pid: Pid, reason: ExitReason, at: Duration, actions: &mut Actions<Self>);

    /// It is time for another attempt to start a child.
    fn retry(&mut self, retry: Retry<Self::Key>, at: Duration, actions: &mut Actions<Self>);

    /// How many restarts there have been, of all children together.
    fn restarted(&self) -> u64;
}
