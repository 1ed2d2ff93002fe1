//! Supervisors of either kind, as far as they answer alike.

use otp_core::supervisor::{ChildCounts, ChildInfo, ChildStatus};
use otp_core::{CallError, DynamicSupervisorRef, Name, Node, Pid, SupervisorRef};
use std::time::Duration;
use tokio::time::sleep;

/// A supervisor of either kind.
#[derive(Debug)]
pub(crate) enum AnySupervisor {
    Static(SupervisorRef),
    Dynamic(DynamicSupervisorRef),
}

impl AnySupervisor {
    /// The supervisor that is this process, if it is one.
    pub(crate) fn of(node: &Node, pid: Pid) -> Option<Self> {
        let found = SupervisorRef::find(node, pid).map(Self::Static);
        found.or_else(|| DynamicSupervisorRef::find(node, pid).map(Self::Dynamic))
    }

    /// The supervisor of this name.
    pub(crate) fn named(node: &Node, name: &str) -> Option<Self> {
        let pid = node.whereis(Name::local(name.to_owned()))?;
        Self::of(node, pid)
    }

    /// Its children, the last one first.
    pub(crate) async fn children(&self) -> Result<Vec<ChildInfo>, CallError> {
        match self {
            Self::Static(supervisor) => supervisor.which_children().await,
            Self::Dynamic(supervisor) => supervisor.which_children().await,
        }
    }

    /// How many children it has.
    pub(crate) async fn count(&self) -> Result<ChildCounts, CallError> {
        match self {
            Self::Static(supervisor) => supervisor.count_children().await,
            Self::Dynamic(supervisor) => supervisor.count_children().await,
        }
    }

    /// Waits until it is not about to start a child once more, or has ended.
    pub(crate) async fn settle(&self) {
        let is_restarting = |child: &ChildInfo| child.status == ChildStatus::Restarting;
        while let Ok(children) = self.children().await {
            if !children.iter().any(is_restarting) {
                return;
            }
            // A supervisor sends no message when it has done so, so this checks at intervals.
            sleep(Duration::from_millis(2)).await;
        }
        match self {
            Self::Static(supervisor) => supervisor.wait().await,
            Self::Dynamic(supervisor) => supervisor.wait().await,
        };
    }
}
