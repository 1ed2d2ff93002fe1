//! A reference to a running partition supervisor.

use std::sync::Arc;

use thiserror::Error;

use super::key::RouteKey;
use super::partitions::{Partitions, route};
use crate::child_spec::Child;
use crate::gen_server::{Address, CallError};
use crate::name::Name;
use crate::node::Node;
use crate::pid::Pid;
use crate::supervisor::handle::supervisor_handle;
use crate::supervisor::{RestartChildError, SupervisorRef, TerminateChildError};

/// A reference to one running partition supervisor.
///
/// # OTP
///
/// A partition supervisor's name.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::{Agent, PartitionSupervisor, PartitionSupervisorRef, process};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let spec = |_| ChildSpec::worker("shelf", || Agent::start_link(|| 0));
/// PartitionSupervisor::new("shelves", spec).partitions(2).start_link().await?;
/// let shelves = PartitionSupervisorRef::find(&process::node(), "shelves").expect("it runs");
/// assert_eq!(shelves.partitions(), 2);
/// assert_ne!(shelves.whereis(0_u64), shelves.whereis(1_u64));
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Clone)]
pub struct PartitionSupervisorRef {
    supervisor: SupervisorRef,
    name: Name,
}

/// A number of partitions that was not set.
///
/// # Examples
///
/// ```
/// use otp_core::partition_supervisor::ResizeError;
/// use otp_core::prelude::*;
/// use otp_core::{Agent, PartitionSupervisor};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let shelf = |_| ChildSpec::worker("shelf", || Agent::start_link(|| 0));
/// let shelves = PartitionSupervisor::new("shelves", shelf).partitions(4).start_link().await?;
/// assert_eq!(shelves.resize(2).await?, 4);
/// assert_eq!(shelves.resize(0).await, Err(ResizeError::NoPartitions));
/// assert_eq!(shelves.resize(9).await, Err(ResizeError::TooMany { wanted: 9, most: 4 }));
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum ResizeError {
    /// There must be one at least.
    #[error("there must be at least 1 partition")]
    NoPartitions,
    /// There are no more than at the start.
    #[error("there can be at most {most} partitions, as many as at the start, not {wanted}")]
    TooMany {
        /// The requested number.
        wanted: usize,
        /// The largest number.
        most: usize,
    },
    /// A partition did not stop.
    #[error(transparent)]
    Terminate(#[from] TerminateChildError),
    /// A partition did not start again.
    #[error(transparent)]
    Restart(#[from] RestartChildError),
    /// The supervisor does not live.
    #[error(transparent)]
    Call(#[from] CallError),
}

impl PartitionSupervisorRef {
    pub(super) fn new(supervisor: SupervisorRef, name: Name) -> Self {
        Self { supervisor, name }
    }

    /// The partition supervisor with this name; `None` if there is no such process, or if the process is no partition
    /// supervisor.
    #[must_use]
    pub fn find(node: &Node, name: impl Into<Name>) -> Option<Self> {
        let name = name.into();
        let supervisor = SupervisorRef::find(node, name.clone())?;
        let found = Self { supervisor, name };
        found.shown().map(|_| found)
    }

    /// The supervisor itself: for its children, their number, and to stop it.
    #[must_use]
    pub fn supervisor(&self) -> &SupervisorRef {
        &self.supervisor
    }

    /// The number of partitions now; 0 if the supervisor does not live.
    ///
    /// # OTP
    ///
    /// Elixir's `PartitionSupervisor.partitions/1`.
    #[must_use]
    pub fn partitions(&self) -> usize {
        self.shown().map_or(0, |partitions| partitions.count())
    }

    /// The name of the partition that `key` leads to. It is looked up at every use, by the supervisor's name,
    /// and so survives restarts of either.
    ///
    /// # OTP
    ///
    /// Elixir's `{:via, PartitionSupervisor, {name, key}}`.
    pub fn route(&self, key: impl Into<RouteKey>) -> Name {
        route(&self.node(), self.name.clone(), key)
    }

    /// The process of the partition that `key` leads to now, if it runs.
    pub fn whereis(&self, key: impl Into<RouteKey>) -> Option<Pid> {
        self.node().whereis(self.route(key))
    }

    /// Sets the number of partitions, up to as many as there were at the start; returns the former number. Those with
    /// the higher numbers are stopped, or started again. Afterwards keys may lead to other partitions. Of several callers
    /// at a time, each begins when the former one has finished.
    ///
    /// # OTP
    ///
    /// Elixir's `PartitionSupervisor.resize!/2`.
    ///
    /// # Cancel safety
    ///
    /// Dropped while it waits for its turn, it changes nothing. Dropped later, it leaves some of them stopped or started,
    /// and the next call does the rest.
    ///
    /// # Errors
    ///
    /// [`ResizeError`].
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    /// use otp_core::{Agent, PartitionSupervisor};
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let shelf = |_| ChildSpec::worker("shelf", || Agent::start_link(|| 0));
    /// let shelves = PartitionSupervisor::new("shelves", shelf).partitions(4).start_link().await?;
    /// let (one, other) = tokio::join!(shelves.resize(1), shelves.resize(3));
    /// assert_eq!((one?, other?, shelves.partitions()), (4, 1, 3));
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub async fn resize(&self, partitions: usize) -> Result<usize, ResizeError> {
        let Some(shown) = self.shown() else {
            let server = Address::Pid(self.supervisor.pid());
            return Err(CallError::NoProcess { server }.into());
        };
        let most = shown.most();
        if partitions == 0 {
            return Err(ResizeError::NoPartitions);
        }
        if partitions > most {
            let wanted = partitions;
            return Err(ResizeError::TooMany { wanted, most });
        }
        let _turn = shown.turn_to_resize().await;
        let former = shown.count();
        // The number is lowered before partitions are stopped, and raised after others are started. So keys lead to running
        // partitions only.
        if partitions < former {
            shown.set_count(partitions);
        }
        // Also those that a call which was dropped has left.
        for partition in (partitions..most).rev() {
            match self.supervisor.terminate_child(partition).await {
                // A temporary one has been forgotten.
                Err(TerminateChildError::NotFound(_)) if partition >= former => {}
                stopped => stopped?,
            }
        }
        for partition in former..partitions {
            match self.supervisor.restart_child(partition).await {
                Ok(_) | Err(RestartChildError::Running(_) | RestartChildError::Restarting(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        shown.set_count(partitions);
        Ok(former)
    }

    fn node(&self) -> Node {
        self.supervisor.process().head().node.clone()
    }

    fn shown(&self) -> Option<Arc<Partitions>> {
        self.supervisor.process().head().shown()
    }
}

impl From<PartitionSupervisorRef> for Child {
    fn from(supervisor: PartitionSupervisorRef) -> Self {
        supervisor.supervisor.into()
    }
}

supervisor_handle!(PartitionSupervisorRef, self.supervisor);
