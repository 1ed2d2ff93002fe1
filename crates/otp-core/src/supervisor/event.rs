//! The events of a supervisor, and the actions that it decides on.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use super::children::Place;
use super::error::{DeleteChildError, RestartChildError, StartChildError, TerminateChildError};
use super::ticket::Ticket;
use crate::child_spec::{Child, ChildId, ChildSpec};
use crate::exit::ExitReason;
use crate::pid::Pid;
use crate::report::supervisor::Context;

/// Something happened; if the time matters, at that time.
#[derive(Debug)]
pub(crate) enum Event {
    /// The supervisor begins: it must start its children.
    Begin,
    /// The start that was asked for last is over.
    Started(Result<Child, ExitReason>),
    /// The child that was to stop has ended.
    Stopped(ExitReason),
    /// A process linked with the supervisor has ended.
    Exited(Pid, ExitReason, Duration),
    /// It is time for another attempt to start a child.
    Retry(Place, Ticket, Duration),
    StartChild(Arc<ChildSpec>),
    TerminateChild(ChildId),
    RestartChild(ChildId),
    DeleteChild(ChildId),
    /// The supervisor ends: it must stop its children.
    End,
}

/// An action for the boundary to carry out.
#[derive(Debug)]
pub(crate) enum Action {
    /// Call the child's start function; the next event is [`Event::Started`].
    Start(Place),
    /// Stop this child; the next event is [`Event::Stopped`].
    Stop(Place),
    /// Come back with [`Event::Retry`] after everything that waits now.
    Retry(Place, Ticket),
    Report(Report),
    /// Answer the request.
    Answer(Answer),
    /// The supervisor cannot begin, for this reason.
    Abort(ExitReason),
    /// The supervisor is to end with `Shutdown`.
    GiveUp,
}

/// The actions to perform, in this order. The caller owns the queue, so that it is not allocated for each event.
pub(crate) type Actions = VecDeque<Action>;

/// Something to be reported about a child.
#[derive(Debug)]
pub(crate) enum Report {
    Trouble {
        context: Context,
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
}

/// The result of a request.
#[derive(Debug)]
pub(crate) enum Answer {
    Start(Result<Child, StartChildError>),
    Terminate(Result<(), TerminateChildError>),
    Restart(Result<Child, RestartChildError>),
    Delete(Result<(), DeleteChildError>),
}
