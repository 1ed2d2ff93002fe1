//! What a registry knows of itself.

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
    /// Something that the registry knows of itself; `None` if there is nothing under `key`, or something of
    /// another type.
    ///
    /// OTP: `Registry.meta/2`.
    #[must_use]
    pub fn meta<T: Any + Clone>(&self, key: &str) -> Option<T> {
        let value = self.shared.meta.read().get(key).cloned()?;
        value.downcast_ref::<T>().cloned()
    }

    /// Has the registry know something of itself, until it ends.
    ///
    /// # Errors
    ///
    /// [`NotRunning`].
    ///
    /// OTP: `Registry.put_meta/3`.
    pub fn put_meta<T: Any + Send + Sync>(
        &self,
        key: impl Into<Cow<'static, str>>,
        value: T,
    ) -> Result<(), NotRunning> {
        self.shared.running()?;
        let former = self.shared.meta.write().insert(key.into(), Arc::new(value));
        drop(former);
        Ok(())
    }

    /// Has the registry forget something of itself.
    ///
    /// OTP: `Registry.delete_meta/2`.
    pub fn delete_meta(&self, key: &str) {
        let former = self.shared.meta.write().remove(key);
        drop(former);
    }
}
