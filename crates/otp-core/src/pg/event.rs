//! What monitors of groups are told.

use crate::pid::{MonitorRef, Pid};

/// A change in a group, as a monitor is told of it.
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

/// Which processes joined or left. A process stands here as often as it has joined or left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// These have joined.
    Join(Vec<Pid>),
    /// These have left, or one of them has ended.
    Leave(Vec<Pid>),
}
