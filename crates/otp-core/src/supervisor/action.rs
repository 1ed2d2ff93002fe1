//! The actions that the core of a supervisor of either kind decides on.

use std::collections::VecDeque;
use std::sync::Arc;

use super::policy::SupervisorPolicy;
use super::shutdown::Leaving;
use super::ticket::Ticket;
use crate::child_spec::ChildSpec;
use crate::exit::ExitReason;
use crate::pid::Pid;
use crate::report::supervisor::ErrorContext;

/// An action for the executor to carry out.
pub(crate) enum Action<P: SupervisorPolicy> {
    /// Call the child's start function, and pass the outcome to [`SupervisorPolicy::started`].
    Start(ToStart<P::Start>),
    /// Stop the child, and pass the reason of its end to [`SupervisorPolicy::stopped`].
    /// In a box: it is the largest action, and all actions are moved in and out of the queue.
    Stop(Box<ToStop<P::Stop>>),
    /// Come back with [`SupervisorPolicy::retry`] after all messages that wait now.
    Retry(Retry<P::Key>),
    Report(ChildReport),
    /// End the supervisor with this reason.
    End(ExitReason),
}

/// The actions to perform, in this order. The executor owns the queue, so that it is not allocated for each event.
pub(crate) type Actions<P> = VecDeque<Action<P>>;

/// An order to start a child. The outcome comes back with it.
#[derive(Debug)]
pub(crate) struct ToStart<T> {
    pub(crate) spec: Arc<ChildSpec>,
    /// The purpose of the start.
    pub(crate) then: T,
}

/// An order to stop a child. The reason of its end comes back with it.
#[derive(Debug)]
pub(crate) struct ToStop<T> {
    pub(crate) child: Leaving,
    /// The purpose of the stop.
    pub(crate) then: T,
}

/// One more attempt to start the child with this key. The server sends it to itself.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Retry<K>(pub(crate) K, pub(crate) Ticket);

/// A report about a child.
#[derive(Debug)]
pub(crate) enum ChildReport {
    Trouble {
        context: ErrorContext,
        child: Arc<ChildSpec>,
        pid: Option<Pid>,
        reason: ExitReason,
    },
    Progress {
        child: Arc<ChildSpec>,
        pid: Pid,
        /// Whether a request has started it.
        by_hand: bool,
    },
    /// There were too many restarts; this child, which ran as this process, would have been the next. A child that the
    /// supervisor itself has stopped on account of another one has no process to name.
    Limit(Arc<ChildSpec>, Option<Pid>),
    /// A child has ended in order that may end its supervisor or guard. Nothing is wrong, unless it is a guard or a supervisor
    /// that has given up.
    Orderly(Arc<ChildSpec>, Pid, ExitReason),
    /// The supervisor or guard ends because the child of the last report has.
    AutoShutdown,
}

impl ChildReport {
    pub(crate) fn trouble(
        context: ErrorContext,
        child: Arc<ChildSpec>,
        pid: Option<Pid>,
        reason: ExitReason,
    ) -> Self {
        Self::Trouble {
            context,
            child,
            pid,
            reason,
        }
    }
}
