//! What can go wrong with applications.

use thiserror::Error;

use crate::exit::ExitReason;
use crate::stop::reasons;

/// A specification that was not loaded.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum LoadError {
    /// One of that name is loaded; OTP's `already_loaded`.
    #[error("application {0} is already loaded")]
    AlreadyLoaded(String),
}

/// A specification that is still there, or never was.
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
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum StartError {
    /// It runs; OTP's `already_started`.
    #[error("application {0} is already started")]
    AlreadyStarted(String),
    /// Nobody has loaded it.
    #[error("application {0} is not loaded")]
    NotLoaded(String),
    /// One that it needs does not run; OTP's `not_started`.
    #[error("application {application} needs {dependency}, which is not started")]
    NotStarted {
        /// The one to be started.
        application: String,
        /// The one that it needs.
        dependency: String,
    },
    /// It needs, by way of others, itself.
    #[error("applications depend on each other in a circle: {}", path.join(" -> "))]
    Circle {
        /// From one need to the next, the last one being one of those before.
        path: Vec<String>,
    },
    /// Its start callback failed.
    #[error("application {application} did not start: {reason}")]
    Failed {
        /// The one to be started.
        application: String,
        /// Why.
        reason: ExitReason,
    },
    /// The applications of this node are shut down, or have been.
    #[error("application {0} is not started: all applications are shut down")]
    ShuttingDown(String),
}

/// An application that was not stopped.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum StopError {
    /// It does not run; OTP's `not_started`.
    #[error("application {0} is not started")]
    NotStarted(String),
}

reasons!(LoadError, UnloadError, StartError, StopError);
