//! What users of a cache see. All of it works inside and outside of processes.

use std::fmt;
use std::time::Duration;

use otp_core::gen_server::TimeLimit;
use otp_core::prelude::*;
use otp_core::table::TableError;

use crate::boundary::Entries;
pub use crate::boundary::owner::Computed;
use crate::boundary::owner::{Call, Owner, read};
pub use crate::boundary::{Key, Value};
use crate::supervision;

/// A handle on a cache: a name on a node.
pub struct Cache<K: Key, V: Value> {
    node: Node,
    name: String,
    owner: ServerName<Owner<K, V>>,
}

impl<K: Key, V: Value> Cache<K, V> {
    /// The cache with this name. It runs when its [`child_spec`](Self::child_spec) does.
    pub fn new(node: &Node, name: impl Into<String>) -> Self {
        let name = name.into();
        Self {
            node: node.clone(),
            owner: ServerName::new(name.clone()).on(node),
            name,
        }
    }

    /// The cache for a supervisor's list of children.
    pub fn child_spec(&self) -> ChildSpec {
        let name = self.name.clone();
        ChildSpec::supervisor(self.name.clone(), move || {
            supervision::tree::<K, V>(&name).start_link()
        })
    }

    /// A value that is fresh. It is read from the table by the caller itself: no message, and no process waits for another.
    /// A cache that does not run has no values.
    pub fn get(&self, key: &K) -> Option<V> {
        let found = self.table().and_then(|table| read(&table, key));
        found.ok().flatten()
    }

    /// How many values the table holds, with those that have expired and are not removed yet.
    pub fn stored(&self) -> usize {
        let length = self.table().and_then(|table| table.len());
        length.unwrap_or(0)
    }

    /// Stores a value for as long as `ttl`.
    ///
    /// # Errors
    ///
    /// [`CallError`] if the cache does not run.
    pub async fn put(&self, key: K, value: V, ttl: Duration) -> Result<(), CallError> {
        let call = self.owner.call(|from| Call::Put(key, value, ttl, from));
        call.await
    }

    /// Removes a value.
    ///
    /// # Errors
    ///
    /// [`CallError`] if the cache does not run.
    pub async fn remove(&self, key: K) -> Result<(), CallError> {
        self.owner.call(|from| Call::Remove(key, from)).await
    }

    /// The value of a key. If there is none that is fresh, `work` computes it, once for all who ask at the same time; the
    /// `work` of the others is dropped unused.
    ///
    /// # Errors
    ///
    /// The reason with which the computation has ended, if it has failed: all who wait for it get this, and the next one to ask
    /// starts it again. The same if the cache does not run or fails meanwhile.
    pub async fn get_or_compute(
        &self,
        key: K,
        ttl: Duration,
        work: impl Future<Output = V> + Send + 'static,
    ) -> Computed<V> {
        if let Some(value) = self.get(&key) {
            return Ok(value);
        }
        let request = |from| Call::Compute(key, Box::pin(work), ttl, from);
        self.owner
            .call(request)
            .timeout(TimeLimit::Infinity)
            .await?
    }

    fn table(&self) -> Result<Entries<K, V>, TableError> {
        self.node.table(&self.name)
    }
}

impl<K: Key, V: Value> Clone for Cache<K, V> {
    fn clone(&self) -> Self {
        Self::new(&self.node, self.name.clone())
    }
}

impl<K: Key, V: Value> fmt::Debug for Cache<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cache({})", self.name)
    }
}
