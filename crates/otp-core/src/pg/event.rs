//! The events of group monitors.

use crate::pid::{MonitorRef, Pid};

/// A change in a group, as a monitor gets it.
///
/// # OTP
///
/// `{Ref, join, Group, Pids}` and `{Ref, leave, Group, Pids}`.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::pg::{Change, GroupEvent, Scope};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// let seen = Node::new().run_with(|mut mailbox: Mailbox<GroupEvent<&'static str>>| async move {
///     let crews = Scope::<&str>::new("crews");
///     crews.start_link().await?;
///     let (monitor, members) = crews.monitor("night", &mailbox.me(), |event| event).await?;
///     assert_eq!(members, []);
///     crews.join("night", mailbox.pid()).await?;
///     let event = mailbox.receive().await;
///     assert_eq!((event.monitor, event.group), (monitor, "night"));
///     Ok::<_, Stop>(event.change == Change::Join(vec![mailbox.pid()]))
/// });
/// assert!(matches!(seen.await, Ok(Ok(true))));
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupEvent<G> {
    /// The monitor.
    pub monitor: MonitorRef,
    /// The group that has changed.
    pub group: G,
    /// How it has changed.
    pub change: Change,
}

/// The processes that joined or left. A process is in the list as often as it has joined or left.
///
/// # Examples
///
/// ```
/// use otp_core::pg::{Change, GroupEvent, Scope};
/// use otp_core::prelude::*;
/// use otp_core::process;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().run_with(|mut mailbox: Mailbox<GroupEvent<&'static str>>| async move {
/// let crews = Scope::<&str>::new("crews");
/// crews.start_link().await?;
/// crews.monitor("night", &mailbox.me(), |event| event).await?;
/// let guard = process::spawn(|_: Mailbox<Never>| std::future::pending::<()>());
/// crews.join("night", guard.pid()).await?;
/// assert_eq!(mailbox.receive().await.change, Change::Join(vec![guard.pid()]));
/// process::exit(&guard, ExitReason::Kill);
/// assert_eq!(mailbox.receive().await.change, Change::Leave(vec![guard.pid()]));
/// # Ok::<_, Stop>(())
/// # }).await?.map_err(Stop::into_reason)
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// These have joined.
    Join(Vec<Pid>),
    /// These have left, or one of them has ended.
    Leave(Vec<Pid>),
}
