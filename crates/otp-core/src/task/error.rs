//! The errors of tasks.

use std::time::Duration;

use crate::exit::ExitReason;
use crate::pid::Pid;
use crate::stop::reasons;
use crate::util::caused::caused;

/// A task that gave no value.
///
/// It converts into an [`ExitReason`], so that `?` in the body of a process has the same effect as in OTP: the owner
/// ends with it.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use std::time::Duration;
/// use otp_core::Task;
/// use otp_core::task::TaskError;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let slow = Task::spawn(std::future::pending::<()>());
/// let late = slow.timeout(Duration::from_secs(1)).await;
/// assert!(matches!(late, Err(TaskError::Timeout { .. })));
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum TaskError {
    /// It was not done in time; OTP's `timeout`. A value that comes later is lost.
    Timeout {
        /// How long the owner waited.
        limit: Duration,
    },
    /// It ended without a value, for this reason.
    Exited {
        /// Why.
        reason: ExitReason,
    },
    /// Its value or failure has been handed out before.
    Taken,
    /// Another process than the owner asked for the value.
    NotOwner {
        /// Whose task it is.
        owner: Pid,
        /// The process that asked, if it was one.
        caller: Option<Pid>,
    },
}

caused!(TaskError {
    Self::Timeout { limit } => ("the task was not done within {limit:?}"),
    Self::Exited { reason } => ("the task ended: {reason}") by reason,
    Self::Taken => ("the task's value has been taken already"),
    Self::NotOwner { owner, .. } => ("the task is owned by {owner}, and only that process can ask for its value"),
});

reasons!(TaskError);

impl TaskError {
    /// The process of a task whose value has been taken; OTP's `noproc`.
    pub(super) const GONE: Self = Self::Exited {
        reason: ExitReason::NoProcess,
    };
}
