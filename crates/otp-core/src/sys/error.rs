//! What can go wrong when a state is looked at or replaced.

use thiserror::Error;

use crate::exit::ExitReason;
use crate::gen_server::CallError;
use crate::stop::reasons;

/// A state that was not read or not replaced; the server has the one that it had before.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum StateError {
    /// The server has not answered.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The function failed, in the server, which lives; OTP's `callback_failed`.
    #[error("the function that was given the state failed: {0}")]
    Function(ExitReason),
}

/// A state that was not changed by [`change_code`](super::change_code); the server has the one that it had before.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum ChangeCodeError<E> {
    /// The server has not answered.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The server handles messages: it must be suspended first.
    #[error("the server is running: suspend it before its state is changed")]
    NotSuspended,
    /// The function has returned an error.
    #[error("the state was not changed: {0}")]
    Refused(E),
    /// The function failed, in the server, which lives.
    #[error("the function that was to change the state failed: {0}")]
    Function(ExitReason),
}

reasons!(StateError);
