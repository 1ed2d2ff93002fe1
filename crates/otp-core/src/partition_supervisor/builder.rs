//! Partition supervisors before they run.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::partition_supervisor_ref::PartitionSupervisorRef;
use super::partitions::Partitions;
use crate::child_spec::ChildSpec;
use crate::exit::ExitReason;
use crate::gen_server::{StartError, StartOptions};
use crate::name::Name;
use crate::node::Node;
use crate::process::current;
use crate::supervisor::boundary::{Boundary, Opening};
use crate::supervisor::{SpecError, Strategy, Supervisor, SupervisorInit, SupervisorRef};

/// A partition supervisor that does not run yet.
///
/// By default it has as many partitions as the tokio runtime has worker threads, restarts each alone, and at
/// most 3 times in 5 s altogether.
///
/// # OTP
///
/// Elixir's `PartitionSupervisor.start_link/1`.
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
/// // Four agents, so that callers wait for one another only if they share a partition.
/// let spec = |_| ChildSpec::worker("counts", || Agent::start_link(Vec::<u64>::new));
/// let counts = PartitionSupervisor::new("counts", spec).partitions(4).start_link().await?;
/// for user in [1_u64, 2, 5] {
///     let agent = Agent::<Vec<u64>>::named(counts.route(user));
///     agent.update(move |seen| seen.push(user)).await?;
/// }
/// // 1 and 5 have the same remainder by four.
/// assert_eq!(Agent::<Vec<u64>>::named(counts.route(9_u64)).get(Vec::clone).await?, [1, 5]);
/// # Ok(())
/// # }).await
/// # }
/// ```
#[must_use = "nothing starts until one of the start methods is called"]
pub struct PartitionSupervisor {
    name: Name,
    node: Option<Node>,
    partitions: Option<usize>,
    supervisor: Supervisor,
    spec: Box<dyn Fn(usize) -> ChildSpec + Send>,
}

impl PartitionSupervisor {
    /// A supervisor with this name, by which its partitions are found, and these children: `spec` says how
    /// the partition of a number, counted from 0, is started. The number takes the place of the id.
    pub fn new(name: impl Into<Name>, spec: impl Fn(usize) -> ChildSpec + Send + 'static) -> Self {
        Self {
            name: name.into(),
            node: None,
            partitions: None,
            supervisor: Supervisor::new(Strategy::OneForOne),
            spec: Box::new(spec),
        }
    }

    /// Sets the number of partitions.
    pub fn partitions(self, partitions: usize) -> Self {
        Self {
            partitions: Some(partitions),
            ..self
        }
    }

    /// Sets which partitions are restarted together: by default [`Strategy::OneForOne`].
    pub fn strategy(mut self, strategy: Strategy) -> Self {
        self.supervisor.flags.strategy = strategy;
        self
    }

    /// As [`Supervisor::max_restarts`].
    pub fn max_restarts(self, max: usize, period: Duration) -> Self {
        Self {
            supervisor: self.supervisor.max_restarts(max, period),
            ..self
        }
    }

    /// Starts the supervisor on this node; needed outside of a process.
    pub fn on(self, node: &Node) -> Self {
        Self {
            node: Some(node.clone()),
            ..self
        }
    }

    /// Starts the supervisor linked with the current process; returns when all partitions are up.
    ///
    /// # OTP
    ///
    /// Elixir's `PartitionSupervisor.start_link/1`.
    ///
    /// # Cancel safety
    ///
    /// Dropped while it waits, it leaves the supervisor linked.
    ///
    /// # Errors
    ///
    /// As for [`Supervisor::start_link`]; with no partitions, [`StartError::Init`] with
    /// [`SpecError::NoPartitions`].
    pub async fn start_link(self) -> Result<PartitionSupervisorRef, StartError> {
        let (options, opening, name) = self.open();
        let server = options.start_link(opening).await?;
        Ok(PartitionSupervisorRef::new(
            SupervisorRef::new(server),
            name,
        ))
    }

    /// Starts the supervisor without a link.
    ///
    /// # Cancel safety
    ///
    /// Dropped while it waits, it leaves the supervisor to itself.
    ///
    /// # Errors
    ///
    /// As for [`start_link`](Self::start_link).
    pub async fn start(self) -> Result<PartitionSupervisorRef, StartError> {
        let (options, opening, name) = self.open();
        let server = options.start(opening).await?;
        Ok(PartitionSupervisorRef::new(
            SupervisorRef::new(server),
            name,
        ))
    }

    fn open(self) -> (StartOptions<Boundary>, Opening, Name) {
        let Self {
            name,
            node,
            partitions,
            supervisor,
            spec,
        } = self;
        let options = StartOptions::at(Some(name.clone()), node);
        let init = async move {
            let runtime = tokio::runtime::Handle::current();
            let count = partitions.unwrap_or_else(|| runtime.metrics().num_workers());
            if count == 0 {
                return Err(ExitReason::error(SpecError::NoPartitions));
            }
            let partitions = Arc::new(Partitions::new(count));
            current::process().head().show(partitions.clone());
            let copy = |partition: usize| {
                let partitions = partitions.clone();
                let spec = spec(partition).with_id(partition);
                spec.after_start(move |child| partitions.enter(partition, child.pid()))
            };
            let supervisor = supervisor.children((0..count).map(copy));
            Ok(SupervisorInit::Supervisor(supervisor))
        };
        let opening = Opening::new(Some(name.clone()), "PartitionSupervisor", init);
        (options, opening, name)
    }
}

impl fmt::Debug for PartitionSupervisor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PartitionSupervisor")
            .field("name", &self.name)
            .field("node", &self.node)
            .field("partitions", &self.partitions)
            .field("flags", &self.supervisor.flags)
            .finish_non_exhaustive()
    }
}
