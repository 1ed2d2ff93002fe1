//! What only a registry with unique keys can do.

use std::borrow::Borrow;
use std::fmt;
use std::hash::Hash;

use super::via::Key;
use super::{Registry, Unique};
use crate::name::{Name, Via};
use crate::pid::Pid;
use crate::process::current;
use crate::process::panic::Contained;

impl<K, V> Registry<K, V, Unique>
where
    K: Eq + Hash + Clone + fmt::Debug + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// A key as a name, for starts, calls, monitors, timers: wherever a [`Name`] is taken. A process that is
    /// registered by it gets the default value.
    ///
    /// Two names are equal if they are the same key of the same registry.
    ///
    /// A registry with duplicate keys has no such names:
    ///
    /// ```compile_fail
    /// let topics = otp_core::Registry::<String>::duplicate("topics");
    /// topics.via("news");
    /// ```
    ///
    /// # OTP
    ///
    /// `{via, Registry, {Registry, Key}}`.
    #[must_use]
    pub fn via(&self, key: impl Into<K>) -> Name
    where
        V: Default,
    {
        self.via_with(key, V::default())
    }

    /// As [`via`](Self::via); a process that is registered by it gets this value.
    ///
    /// # OTP
    ///
    /// `{via, Registry, {Registry, Key, Value}}`.
    #[must_use]
    pub fn via_with(&self, key: impl Into<K>, value: V) -> Name {
        Name::Via(Via::new(Key {
            shared: self.shared.clone(),
            key: Contained::new(key.into()),
            value: Contained::new(value),
        }))
    }

    /// The owner of a key.
    ///
    /// # OTP
    ///
    /// `Registry.whereis_name/1`.
    #[must_use]
    pub fn whereis<Q>(&self, key: &Q) -> Option<Pid>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        self.shared.tables.whereis(key)
    }

    /// Changes the value of a key that the current process has; returns the new value and the old one, or `None` if
    /// the process does not have the key. Code outside of processes has none.
    ///
    /// # OTP
    ///
    /// `Registry.update_value/3`.
    pub fn update_value<Q>(&self, key: &Q, f: impl FnOnce(&V) -> V) -> Option<(V, V)>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let pid = current::try_process()?.head().pid;
        let (_, old) = self.shared.tables.values(pid, key).pop()?;
        // Nobody else changes it meanwhile: it is this process's own.
        let new = f(&old);
        let updated = self.shared.tables.update(pid, key, new.clone());
        updated.then_some((new, old))
    }
}
