//! What the application controller is told, and what it decides to do.

use std::sync::Arc;

use super::RestartType;
use super::error::{StartError, StopError};
use crate::exit::ExitReason;
use crate::pid::Pid;

/// Why the applications of a node have been shut down.
///
/// # OTP
///
/// The reason with which the runtime system ends.
#[derive(Debug, Clone, PartialEq)]
pub enum Ended {
    /// They were asked to.
    Stopped,
    /// An application has ended that must not. If the controller itself has ended, its name is
    /// `application_controller`.
    Failed {
        /// Which.
        application: String,
        /// Why.
        reason: ExitReason,
    },
}

/// Something happened. `R` is a request; each is answered once.
#[derive(Debug)]
pub(super) enum Event<R> {
    Start {
        name: String,
        needs: Arc<Needs>,
        restart: RestartType,
        from: Caller<R>,
    },
    Stop(String, Caller<R>),
    /// The start callback has returned; this is the top of the tree.
    Started(String, Option<Pid>),
    /// Nothing is left of an application that started, ran or stopped.
    Ended(String, ExitReason),
    /// A former controller has left an application, whose master ends it.
    Orphan(String),
    /// All are to be shut down.
    Shutdown,
    /// Those that have not stopped are to be killed.
    Hurry,
    /// A caller waits for the end of all.
    Await(Caller<R>),
}

/// The caller.
#[derive(Debug)]
pub(super) struct Caller<R> {
    pub(super) request: R,
    /// The application whose master asks.
    pub(super) by: Option<String>,
}

/// What of a specification matters here.
#[derive(Debug, Default)]
pub(super) struct Needs {
    pub(super) dependencies: Vec<String>,
    /// It has no processes.
    pub(super) is_library: bool,
}

/// An action for the boundary to carry out.
#[derive(Debug, PartialEq)]
pub(super) enum Action<R> {
    /// Start a master.
    Launch(String),
    /// Tell a master to stop.
    Stop(String),
    /// Kill a master.
    Kill(String),
    Answer(R, Answer),
    /// Report the end of an application: that it was stopped or, with a reason, that it ended by itself, and whether that
    /// ends all.
    Report(String, Option<(ExitReason, bool)>),
    /// Which applications run has changed.
    Show,
    /// The specification is no longer in use.
    Release(String),
    /// Drop this. An exit reason can hold a value of the user's, whose destructor is not for here.
    Discard(ExitReason),
}

/// What becomes of a request.
#[derive(Debug, PartialEq)]
pub(super) enum Answer {
    Start(Result<(), StartError>),
    Stop(Result<(), StopError>),
    Await(Ended),
}
