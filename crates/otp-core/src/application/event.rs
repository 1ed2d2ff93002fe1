//! The events of the application controller, and the actions that it decides on.

use std::sync::Arc;

use super::RestartType;
use super::error::{StartApplicationError, StopApplicationError};
use crate::exit::ExitReason;
use crate::pid::Pid;

/// Why the applications of a node have been shut down.
///
/// # OTP
///
/// The reason with which the runtime system ends.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use otp_core::application::{ApplicationSpec, Applications, Ended};
/// use otp_core::prelude::*;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let applications = Applications::here();
/// applications.start(ApplicationSpec::library("units")).await?;
/// let ended = applications.shutdown(Duration::from_secs(5)).await;
/// assert_eq!(ended, Ended::Stopped);
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, PartialEq)]
pub enum Ended {
    /// The end was requested.
    Stopped,
    /// An application has ended that takes the others along. If the controller itself has ended, its name is
    /// `application_controller`.
    Failed {
        /// Which.
        application: String,
        /// Why.
        reason: ExitReason,
    },
}

/// An event for the controller. `R` is a request; each is answered once.
#[derive(Debug)]
pub(super) enum ControllerEvent<R> {
    Start {
        name: String,
        needs: Arc<Needs>,
        restart: RestartType,
        from: Caller<R>,
    },
    Stop(String, Caller<R>),
    /// The start callback has returned; this is the top of the tree.
    Started(String, Option<Pid>),
    /// The last process of an application has ended.
    Ended(String, ExitReason),
    /// A former controller has left an application, whose master ends it.
    Orphan(String),
    /// All applications must be shut down.
    Shutdown,
    /// Applications that have not stopped must be killed.
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

/// The parts of a specification that the core uses.
#[derive(Debug, Default)]
pub(super) struct Needs {
    pub(super) dependencies: Vec<String>,
    /// It is a library application, without processes.
    pub(super) is_library: bool,
}

/// An action for the boundary to carry out.
#[derive(Debug, PartialEq)]
pub(super) enum ControllerAction<R> {
    /// Start a master.
    Launch(String),
    /// Order a master to stop.
    Stop(String),
    /// Kill a master.
    Kill(String),
    Answer(R, ControllerAnswer),
    /// Report the end of an application: that it was stopped or, with a reason, that it ended by itself, and whether that
    /// ends all.
    Report(String, Option<(ExitReason, bool)>),
    /// Publish the running applications, which have changed.
    Show,
    /// The specification is no longer in use.
    Release(String),
    /// Drop this. An exit reason can hold a value of the user's, whose destructor must not run in the core.
    Discard(ExitReason),
}

/// The result of a request.
#[derive(Debug, PartialEq)]
pub(super) enum ControllerAnswer {
    Start(Result<(), StartApplicationError>),
    Stop(Result<(), StopApplicationError>),
    Await(Ended),
}
