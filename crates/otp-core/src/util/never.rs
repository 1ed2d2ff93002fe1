//! The type that has no values.

/// A message that cannot exist: the type of the kinds of message that a process does not use.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::process;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// // A process to which no message can be sent.
/// let worker = process::spawn(|_: Mailbox<Never>| async { ExitReason::Shutdown });
/// assert_eq!(worker.wait().await, ExitReason::Shutdown);
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Never {}
