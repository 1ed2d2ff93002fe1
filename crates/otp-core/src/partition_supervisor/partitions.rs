//! Which process is which partition, and names that lead there.

use std::any::Any;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{Mutex, MutexGuard};

use super::key::RouteKey;
use crate::address::via::{Place, Refused, Via};
use crate::name::Name;
use crate::node::Node;
use crate::pid::Pid;
use crate::process::contents::Exhibit;
use crate::process::current;
use crate::process::lock::Lock;

/// The value that a partition supervisor shows to code that looks for its partitions.
pub(super) struct Partitions {
    /// How many there are now.
    count: AtomicUsize,
    /// All partitions of the start, running or not.
    pids: Lock<Vec<Option<Pid>>>,
    /// The turn to change the number, which takes many steps.
    resizing: Mutex<()>,
}

impl Exhibit for Partitions {}

impl Partitions {
    pub(super) fn new(count: usize) -> Self {
        Self {
            count: AtomicUsize::new(count),
            pids: Lock::new(vec![None; count]),
            resizing: Mutex::new(()),
        }
    }

    /// Waits until no other caller changes the number. The order is that of the callers.
    pub(super) async fn turn_to_resize(&self) -> MutexGuard<'_, ()> {
        current::harmless(self.resizing.lock()).await
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
}

/// The name of the partition that `key` leads to, under the partition supervisor that has the name
/// `supervisor` on this node. It is looked up at every use, so it survives restarts of either.
///
/// # OTP
///
/// Elixir's `{:via, PartitionSupervisor, {name, key}}`.
pub fn route(node: &Node, supervisor: impl Into<Name>, key: impl Into<RouteKey>) -> Name {
    Name::Via(Via::new(Route {
        node: node.clone(),
        supervisor: supervisor.into(),
        key: key.into(),
    }))
}

/// Leads to a partition of the supervisor that has a name.
struct Route {
    node: Node,
    supervisor: Name,
    key: RouteKey,
}

impl Place for Route {
    /// Refuses: partitions are started by their supervisor alone.
    fn register(&self, pid: Pid) -> Result<(), Refused> {
        Err(Refused::Taken(self.whereis().unwrap_or(pid)))
    }

    fn unregister(&self, _: Pid) {}

    fn whereis(&self) -> Option<Pid> {
        let supervisor = self.node.resolve(&self.supervisor)?;
        supervisor.head().shown::<Partitions>()?.lookup(self.key)
    }

    fn is(&self, other: &dyn Any) -> bool {
        other.downcast_ref::<Self>().is_some_and(|other| {
            self.node == other.node && self.supervisor == other.supervisor && self.key == other.key
        })
    }

    fn hash(&self, mut hasher: &mut dyn Hasher) {
        self.supervisor.hash_with_key(&mut hasher);
        self.key.hash(&mut hasher);
    }

    fn is_empty(&self) -> bool {
        false
    }

    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{{}, {:?}}}", self.supervisor, self.key)
    }
}
