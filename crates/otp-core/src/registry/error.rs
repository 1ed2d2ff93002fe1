//! The errors of a registration.

use std::borrow::Cow;

use thiserror::Error;

use crate::pid::Pid;
use crate::stop::reasons;

/// The registry is not running on the node of the process that wants to use it.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::Registry;
/// use otp_core::registry::{NotRunning, RegistrationError};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let desks = Registry::<u32>::unique("desks");
/// let refused = desks.register(1_u32, ());
/// assert_eq!(refused, Err(RegistrationError::NotRunning(NotRunning { registry: "desks".into() })));
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("registry {registry} is not running on this node: start it first")]
pub struct NotRunning {
    /// The registry's name.
    pub registry: Cow<'static, str>,
}

/// A key that was not registered; nothing has changed.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::{Registry, process};
/// use otp_core::registry::RegistrationError;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let desks = Registry::<u32>::unique("desks");
/// desks.start_link().await?;
/// desks.register(1_u32, ()).map_err(ExitReason::error)?;
/// let again = desks.register(1_u32, ());
/// assert!(matches!(again, Err(RegistrationError::AlreadyRegistered { pid, .. }) if pid == process::current()));
/// # Ok(())
/// # }).await
/// # }
/// ```
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
    /// Only a process can have a key, and this code is outside of processes.
    #[error("only a process registers itself: elsewhere, use `Node::register` with a via name")]
    Outside,
    /// The process is about to end.
    #[error("cannot register {pid}: its end is decided")]
    NoProcess {
        /// The process.
        pid: Pid,
    },
}

reasons!(NotRunning, RegistrationError);
