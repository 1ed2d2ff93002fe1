//! What monitors of groups are told.

use crate::pid::{MonitorRef, Pid};

/// A change in a group, as a monitor is told of it.
///
/// # OTP
///
/// `{Ref, join, Group, Pids}` and `{Ref, leave, Group, Pids}`.
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
