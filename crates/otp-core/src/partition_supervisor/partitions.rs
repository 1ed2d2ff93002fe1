//! Which process is which partition, and names that lead there.

use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::key::RouteKey;
use crate::name::{Name, NameRegistry};
use crate::node::Node;
use crate::pid::Pid;
use crate::process::block::Process;
use crate::process::lock::Lock;

/// What a partition supervisor shows to those who look for its partitions.
pub(super) struct Partitions {
    /// How many there are now.
    count: AtomicUsize,
    /// All that there have ever been, running or not.
    pids: Lock<Vec<Option<Pid>>>,
}

impl Partitions {
    pub(super) fn new(count: usize) -> Self {
        Self {
            count: AtomicUsize::new(count),
            pids: Lock::new(vec![None; count]),
        }
    }

    /// How many there are now.
    pub(super) fn count(&self) -> usize {
        self.count.load(Ordering::Acquire)
    }

    pub(super) fn set_count(&self, count: usize) {
        self.count.store(count, Ordering::Release);
    }

    /// The most that there can be: as many as at the start.
    pub(super) fn most(&self) -> usize {
        self.pids.with(|pids| pids.len())
    }

    /// A partition has started as this process.
    pub(super) fn enter(&self, partition: usize, pid: Option<Pid>) {
        self.pids.with(|pids| {
            if let Some(slot) = pids.get_mut(partition) {
                *slot = pid;
            }
        });
    }

    pub(super) fn lookup(&self, key: RouteKey) -> Option<Pid> {
        let partition = key.partition(self.count());
        self.pids
            .with(|pids| pids.get(partition).copied().flatten())
    }

    /// Shows them as those of this process, for as long as it lives.
    pub(super) fn show(self: &Arc<Self>, process: &Arc<dyn Process>) {
        let shown: Arc<dyn Any + Send + Sync> = self.clone();
        let ties = &process.head().ties;
        drop(ties.with(|ties| ties.more().shown.replace(shown)));
    }

    /// Those of this process, if it is a partition supervisor.
    pub(super) fn of(process: &Arc<dyn Process>) -> Option<Arc<Self>> {
        let ties = &process.head().ties;
        let shown = ties.with(|ties| ties.peek()?.shown.clone())?;
        shown.downcast().ok()
    }
}

/// The name of the partition that `key` leads to, under the partition supervisor that has the name
/// `supervisor` on this node. It is looked up at every use, so it survives restarts of either.
///
/// # OTP
///
/// Elixir's `{:via, PartitionSupervisor, {name, key}}`.
pub fn route(node: &Node, supervisor: impl Into<Name>, key: impl Into<RouteKey>) -> Name {
    let route = Route {
        node: node.clone(),
        supervisor: supervisor.into(),
    };
    Name::via(Arc::new(route), key.into().text())
}

/// Leads to the partitions of the supervisor that has a name.
struct Route {
    node: Node,
    supervisor: Name,
}

impl NameRegistry for Route {
    /// Refuses: partitions are started by their supervisor alone.
    fn register_name(&self, key: &str, pid: Pid) -> Result<(), Pid> {
        Err(self.whereis_name(key).unwrap_or(pid))
    }

    fn unregister_name(&self, _: &str, _: Pid) {}

    fn whereis_name(&self, key: &str) -> Option<Pid> {
        let supervisor = self.node.resolve(&self.supervisor)?;
        Partitions::of(&supervisor)?.lookup(RouteKey::parse(key)?)
    }
}
