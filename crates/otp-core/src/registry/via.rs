//! Keys of a registry as names of processes.

use std::any::Any;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use super::shared::RegistryShared;
use crate::address::via::{Place, Refused};
use crate::pid::Pid;
use crate::process::panic::{Contained, Pair};

/// A key of a registry, and its value.
pub(crate) struct Key<K, V> {
    pub(crate) shared: Arc<RegistryShared<K, V>>,
    pub(crate) key: Contained<K>,
    pub(crate) value: Contained<V>,
}

impl<K, V> Place for Key<K, V>
where
    K: Eq + Hash + Clone + fmt::Debug + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    fn register(&self, pid: Pid) -> Result<(), Refused> {
        self.shared
            .register(pid, Pair::of(self.key.get(), self.value.get()))
    }

    fn unregister(&self, pid: Pid) {
        let removed = self.shared.unregister(pid, self.key.get(), |_| true);
        let keeper = self.shared.keeper();
        // Also called when the process ends, for which listeners get no event.
        if removed > 0 && keeper.is_some_and(|keeper| keeper.head().node.is_alive(pid)) {
            self.shared.tell_unregistered(pid, self.key.get());
        }
    }

    fn whereis(&self) -> Option<Pid> {
        self.shared.tables.whereis(self.key.get())
    }

    fn is(&self, other: &dyn Any) -> bool {
        other.downcast_ref::<Self>().is_some_and(|other| {
            Arc::ptr_eq(&self.shared, &other.shared) && self.key.get() == other.key.get()
        })
    }

    fn hash(&self, mut hasher: &mut dyn Hasher) {
        self.key.get().hash(&mut hasher);
    }

    fn is_empty(&self) -> bool {
        false
    }

    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{{}, {:?}}}", self.shared.name, self.key)
    }
}
