//! The errors of names, and of sending to them.

use thiserror::Error;

use super::name::Name;
use crate::pid::Pid;
use crate::stop::reasons;

/// A registration that was refused; nothing has changed.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::{RegisterError, process};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let (one, other) = (otp_core::Agent::start(|| 1).await?, otp_core::Agent::start(|| 2).await?);
/// let pid = |agent: &otp_core::Agent<u8>| agent.pid().expect("it lives");
/// assert_eq!(process::register("pool", pid(&one)), Ok(()));
/// let taken = process::register("pool", pid(&other));
/// assert!(matches!(taken, Err(RegisterError::NameTaken { pid: owner, .. }) if owner == pid(&one)));
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RegisterError {
    /// Another process holds the name.
    #[error("name {name} is taken by {pid}")]
    NameTaken {
        /// The name asked for.
        name: Name,
        /// Its holder.
        pid: Pid,
    },
    /// The process has a name already.
    #[error("process {pid} already has the name {name}")]
    HasName {
        /// The process.
        pid: Pid,
        /// The name that it has.
        name: Name,
    },
    /// The registry of a via name is not running on this node.
    #[error("cannot register {name}: its registry is not running on this node")]
    NoRegistry {
        /// The name asked for.
        name: Name,
    },
    /// The process does not exist or is ending.
    #[error("cannot name {pid}: no such process")]
    NoProcess {
        /// The process asked for.
        pid: Pid,
    },
    /// The empty text, which means "no name".
    #[error("the empty name is reserved: give a name of at least one character")]
    Reserved,
}

/// No process is registered under the name.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::{NoSuchName, process};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let gone = process::unregister("oven");
/// assert_eq!(gone, Err(NoSuchName { name: "oven".into() }));
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("no process is registered as {name}")]
pub struct NoSuchName {
    /// The name asked for.
    pub name: Name,
}

/// A send by name that reached no process.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::{SendError, process};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let clerk = process::spawn(|mut mailbox: Mailbox<String>| async move { mailbox.receive().await; });
/// process::register("clerk", &clerk).expect("the name is free");
/// assert!(matches!(process::send("clerk", 5_u8), Err(SendError::WrongType { .. })));
/// assert_eq!(process::send("clerk", "a form".to_owned()), Ok(()));
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SendError {
    /// No process has the name.
    #[error(transparent)]
    NoSuchName(#[from] NoSuchName),
    /// The name cannot be looked up: this is no process, and no node was [entered](crate::Node::enter).
    #[error("there is no node here to look {name} up on: use `Node::scope` or a process")]
    Outside {
        /// The name asked for.
        name: Name,
    },
    /// The process that has the name takes messages of another type.
    #[error("the process registered as {name} does not take messages of type {expected}")]
    WrongType {
        /// The name asked for.
        name: Name,
        /// The type of the message.
        expected: &'static str,
    },
}

reasons!(RegisterError, NoSuchName, SendError);
