//! What can go wrong when a state is looked at or replaced.

use thiserror::Error;

use crate::exit::ExitReason;
use crate::gen_server::CallError;

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
