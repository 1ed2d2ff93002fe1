//! The metadata of a registry.

use std::any::Any;
use std::borrow::Cow;
use std::fmt;
use std::hash::Hash;
use std::sync::Arc;

use super::{NotRunning, Registry};

impl<K, V, M> Registry<K, V, M>
where
    K: Eq + Hash + Clone + fmt::Debug + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// The registry's metadata under `key`; `None` if there is none, or if it is of another type.
    ///
    /// # OTP
    ///
    /// `Registry.meta/2`.
    #[must_use]
    pub fn meta<T: Any + Clone>(&self, key: &str) -> Option<T> {
        let value = self.shared.meta.with(|meta| meta.get(key).cloned())?;
        value.downcast_ref::<T>().cloned()
    }

    /// Stores metadata in the registry until the registry ends.
    ///
    /// # OTP
    ///
    /// `Registry.put_meta/3`.
    ///
    /// # Errors
    ///
    /// [`NotRunning`].
    pub fn put_meta<T: Any + Send + Sync>(
        &self,
        key: impl Into<Cow<'static, str>>,
        value: T,
    ) -> Result<(), NotRunning> {
        let keeper = self.shared.running()?;
        let (key, value): (_, Arc<dyn Any + Send + Sync>) = (key.into(), Arc::new(value));
        let (name, entered) = (key.clone(), value.clone());
        drop(self.shared.meta.with(|meta| meta.insert(name, entered)));
        if self.shared.runs_by(&keeper) {
            return Ok(());
        }
        // The registry has stopped meanwhile, and has removed its metadata before or after this value was added. A
        // successor may have begun.
        let late = self.shared.meta.with(|meta| match meta.get(&key) {
            Some(present) if Arc::ptr_eq(present, &value) => meta.remove(&key),
            _ => None,
        });
        drop(late);
        self.shared.running().map(drop)
    }

    /// Removes metadata from the registry.
    ///
    /// # OTP
    ///
    /// `Registry.delete_meta/2`.
    pub fn delete_meta(&self, key: &str) {
        drop(self.shared.meta.with(|meta| meta.remove(key)));
    }
}
