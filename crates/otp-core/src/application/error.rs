//! The errors of applications.

use thiserror::Error;

use crate::exit::ExitReason;
use crate::stop::reasons;
use crate::util::caused::caused;

/// A specification that was not loaded.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::application::{ApplicationSpec, Applications, LoadError};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let applications = Applications::here();
/// applications.load(ApplicationSpec::library("units")).map_err(ExitReason::error)?;
/// let again = applications.load(ApplicationSpec::library("units"));
/// assert_eq!(again, Err(LoadError::AlreadyLoaded("units".to_owned())));
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum LoadError {
    /// An application with this name is loaded; OTP's `already_loaded`.
    #[error("application {0} is already loaded")]
    AlreadyLoaded(String),
}

/// A specification that is still there, or never was.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::application::{Applications, UnloadError};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let unknown = Applications::here().unload("units");
/// assert_eq!(unknown, Err(UnloadError::NotLoaded("units".to_owned())));
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum UnloadError {
    /// It runs; OTP's `running`.
    #[error("application {0} is running: stop it first")]
    Running(String),
    /// It is not loaded.
    #[error("application {0} is not loaded")]
    NotLoaded(String),
}

/// An application that was not started; nothing of it remains.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::application::{Applications, StartApplicationError};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let unknown = Applications::here().start("units").await;
/// assert_eq!(unknown, Err(StartApplicationError::NotLoaded("units".to_owned())));
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum StartApplicationError {
    /// It runs; OTP's `already_started`.
    AlreadyStarted(String),
    /// It is not loaded.
    NotLoaded(String),
    /// An application that it depends on does not run; OTP's `not_started`.
    NotStarted {
        /// The application to be started.
        application: String,
        /// The dependency that does not run.
        dependency: String,
    },
    /// The application depends on itself, through others.
    Circle {
        /// The applications from one dependency to the next. The last one stands in the path twice.
        path: Vec<String>,
    },
    /// Its start callback failed.
    Failed {
        /// The one to be started.
        application: String,
        /// Why.
        reason: ExitReason,
    },
    /// The applications of this node are shut down, or have been.
    ShuttingDown(String),
}

caused!(StartApplicationError {
    Self::AlreadyStarted(it) => ("application {it} is already started"),
    Self::NotLoaded(it) => ("application {it} is not loaded"),
    Self::NotStarted { application, dependency } => ("application {application} needs {dependency}, which is not started"),
    Self::Circle { path } => ("applications depend on each other in a circle: {}", path.join(" -> ")),
    Self::Failed { application, reason } => ("application {application} did not start: {reason}") by reason,
    Self::ShuttingDown(it) => ("application {it} is not started: all applications are shut down"),
});

/// An application that was not stopped.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::application::{Applications, StopApplicationError};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let idle = Applications::here().stop("units").await;
/// assert_eq!(idle, Err(StopApplicationError::NotStarted("units".to_owned())));
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum StopApplicationError {
    /// It does not run; OTP's `not_started`.
    #[error("application {0} is not started")]
    NotStarted(String),
}

reasons!(
    LoadError,
    UnloadError,
    StartApplicationError,
    StopApplicationError
);
