//! What can go wrong with a handler.

use thiserror::Error;

use super::id::HandlerName;
use crate::exit::ExitReason;
use crate::gen_server::CallError;
use crate::stop::reasons;

/// A handler that was not added. The manager is as it was, but for a [swap](super::EventManager::swap_handler) whose old handler
/// has gone.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum AddError {
    /// The manager has a handler with this id.
    #[error("the manager has a handler {0}")]
    AlreadyAdded(HandlerName),
    /// The handler's `init` returned this, or panicked.
    #[error("the handler's init failed: {0}")]
    Init(ExitReason),
    /// The manager did not answer.
    #[error(transparent)]
    Manager(#[from] CallError),
}

/// A handler that was not deleted.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum DeleteError {
    /// There is none with this id; OTP's `{error, module_not_found}`.
    #[error("the manager has no handler {0}")]
    NoHandler(HandlerName),
    /// The manager did not answer.
    #[error(transparent)]
    Manager(#[from] CallError),
}

/// A call of a handler that got no answer.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum HandlerCallError {
    /// There is none with this id; OTP's `{error, bad_module}`.
    #[error("the manager has no handler {0}")]
    NoHandler(HandlerName),
    /// The handler failed over the call, for this reason, and was removed; OTP's `{error, {'EXIT', Reason}}`.
    #[error("handler {handler} failed over the call: {reason}")]
    Failed {
        /// The handler.
        handler: HandlerName,
        /// Why it failed.
        reason: ExitReason,
    },
    /// The manager did not answer, or the handler dropped the call.
    #[error(transparent)]
    Manager(#[from] CallError),
}

reasons!(AddError, DeleteError, HandlerCallError);
