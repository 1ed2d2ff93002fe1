//! What can go wrong with a registration.

use std::borrow::Cow;

use thiserror::Error;

use crate::pid::Pid;
use crate::stop::reasons;

/// The registry is not running on the node of the process that wants to use it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("registry {registry} is not running on this node: start it first")]
pub struct NotRunning {
    /// The registry's name.
    pub registry: Cow<'static, str>,
}

/// A key that was not registered; nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RegistrationError {
    /// The key has an owner already, perhaps the process itself.
    #[error("key {key} of registry {registry} is taken by {pid}")]
    AlreadyRegistered {
        /// The registry's name.
        registry: Cow<'static, str>,
        /// The key, as text.
        key: String,
        /// Its owner.
        pid: Pid,
    },
    /// The registry is not running.
    #[error(transparent)]
    NotRunning(#[from] NotRunning),
    /// It is a process that has a key, and this is none.
    #[error("a process registers itself, and this is none: use `Node::register` with a via name")]
    Outside,
    /// The process is about to end.
    #[error("cannot register {pid}: its end is decided")]
    NoProcess {
        /// The process.
        pid: Pid,
    },
}

reasons!(NotRunning, RegistrationError);
