//! The options of a registry.

use std::any::Any;
use std::borrow::Cow;
use std::fmt;
use std::hash::Hash;
use std::sync::Arc;

use super::listener::Listener;
use super::shared::{Meta, RegistryShared};
use super::tables::Tables;
use super::{Duplicate, Keys, Registry, Unique};

/// The options of a registry; [`Registry::options`] makes them.
///
/// By default it has one partition, no listeners and no metadata.
///
/// # OTP
///
/// The options of `Registry.start_link/1`.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::Registry;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let shops = Registry::<&str, u32>::options("shops").meta("town", "Ulm").duplicate();
/// shops.start_link().await?;
/// shops.register("bread", 12).map_err(ExitReason::error)?;
/// shops.register("bread", 15).map_err(ExitReason::error)?;
/// assert_eq!(shops.lookup("bread").len(), 2);
/// assert_eq!(shops.meta::<&str>("town"), Some("Ulm"));
/// # Ok(())
/// # }).await
/// # }
/// ```
#[must_use = "`unique` or `duplicate` makes the registry"]
pub struct RegistryOptions<K, V = ()> {
    name: Cow<'static, str>,
    partitions: usize,
    listeners: Vec<Listener<K, V>>,
    meta: Meta,
}

impl<K, V> RegistryOptions<K, V>
where
    K: Eq + Hash + Clone + fmt::Debug + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    pub(crate) fn new(name: Cow<'static, str>) -> Self {
        Self {
            name,
            partitions: 1,
            listeners: Vec::new(),
            meta: Meta::default(),
        }
    }

    /// Keeps the entries in this many parts, by key if keys are unique, by owner if not. It is for
    /// [`Registry::dispatch_parallel`], which has a process for each part. All other operations are as fast with one part. Zero counts as one.
    pub fn partitions(mut self, partitions: usize) -> Self {
        self.partitions = partitions;
        self
    }

    /// Adds a process that gets every registration as a message.
    pub fn listener(mut self, listener: Listener<K, V>) -> Self {
        self.listeners.push(listener);
        self
    }

    /// Metadata that the registry has from its start on; see [`Registry::meta`].
    pub fn meta<T: Any + Send + Sync>(
        mut self,
        key: impl Into<Cow<'static, str>>,
        value: T,
    ) -> Self {
        self.meta.insert(key.into(), Arc::new(value));
        self
    }

    /// A registry in which a key has one owner.
    #[must_use]
    pub fn unique(self) -> Registry<K, V, Unique> {
        self.kind()
    }

    /// A registry in which a key may have many entries, also several of one process.
    #[must_use]
    pub fn duplicate(self) -> Registry<K, V, Duplicate> {
        self.kind()
    }

    pub(super) fn kind<M: Keys>(self) -> Registry<K, V, M> {
        let tables = Tables::new(M::UNIQUE, self.partitions);
        Registry::of(RegistryShared::new(
            self.name,
            tables,
            self.meta,
            self.listeners,
        ))
    }
}

impl<K, V> fmt::Debug for RegistryOptions<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RegistryOptions")
            .field("name", &self.name)
            .field("partitions", &self.partitions)
            .field("listeners", &self.listeners.len())
            .finish_non_exhaustive()
    }
}
