//! The targets of monitors.

use super::name::Name;
use crate::pid::Pid;

/// The target of a monitor.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::{Target, process};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let worker = process::spawn(|_: Mailbox<()>| async {});
/// process::register("worker", &worker).expect("the name is free");
/// // The DOWN of a monitor by name contains the name.
/// let (by_pid, by_name) = (Target::from(&worker), Target::from(Name::from("worker")));
/// assert_ne!(by_pid, by_name);
/// process::monitor(by_name);
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A process.
    Pid(Pid),
    /// The process that had this name when the monitor was made.
    Name(Name),
}

impl From<Pid> for Target {
    fn from(pid: Pid) -> Self {
        Self::Pid(pid)
    }
}

impl From<Name> for Target {
    fn from(name: Name) -> Self {
        Self::Name(name)
    }
}

impl From<&'static str> for Target {
    fn from(name: &'static str) -> Self {
        Self::Name(name.into())
    }
}

impl From<String> for Target {
    fn from(name: String) -> Self {
        Self::Name(name.into())
    }
}
