//! The API of a cache. Its functions work inside and outside of processes.

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

/// A handle to a cache: a name on a node.
pub struct Cache<K: Key, V: Value> {
    node: Node,
    name: String,
    owner: ServerName<Owner<K, V>>,
}

impl<K: Key, V: Value> Cache<K, V> {
    /// The cache with this name. A supervisor starts it with its [`child_spec`](Self::child_spec).
    pub fn new(node: &Node, name: impl Into<String>) -> Self {
        let name = name.into();
        Self {
            node: node.clone(),
            owner: ServerName::new(name.clone()).on(node),
            name,
        }
    }

    /// The child specification of the cache.
    pub fn child_spec(&self) -> ChildSpec {
        let name = self.name.clone();
        ChildSpec::supervisor(self.name.clone(), move || {
            supervision::tree::<K, V>(&name).start_link()
        })
    }

    /// A value that has not expired. The caller reads the table itself, without a message. A cache that does not run has no
    /// values.
    pub fn get(&self, key: &K) -> Option<V> {
        let found = self.table().and_then(|table| read(&table, key));
        found.ok().flatten()
    }

    /// The number of values in the table, including expired values that are not removed yet.
    pub fn stored(&self) -> usize {
        let length = self.table().and_then(|table| table.len());
        length.unwrap_or(0)
    }

    /// Stores a value for the time `ttl`.
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

    /// The value of a key. If the table has none, `work` computes it, once for all concurrent callers. The `work` of the other
    /// callers is dropped.
    ///
    /// # Errors
    ///
    /// The exit reason of the computation, if it has failed. All callers that wait for it get this reason, and the next call starts the
    /// computation again. Also if the cache does not run, or fails meanwhile.
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
