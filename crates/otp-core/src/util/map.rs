//! A concurrent map whose keys and values are the runtime's own.
//!
//! Hashing and comparing the keys runs no code of the user's. But a value may hold a value of the user's: a control
//! block an exit reason, for example. So values that leave the map leave the critical section, too, and are never
//! dropped in it.

use std::borrow::Borrow;
use std::hash::{BuildHasher, Hash};

use super::lock::Section;
use super::sync::{DashMap, Entry};

pub(crate) struct Map<K, V, S>(DashMap<K, V, S>);

impl<K: Eq + Hash + Clone, V: Clone, S: BuildHasher + Clone + Default> Default for Map<K, V, S> {
    fn default() -> Self {
        Self(DashMap::default())
    }
}

impl<K: Eq + Hash + Clone, V: Clone, S: BuildHasher + Clone> Map<K, V, S> {
    /// Returns the former value.
    #[must_use]
    pub(crate) fn insert(&self, key: K, value: V) -> Option<V> {
        self.0.insert(key, value)
    }

    pub(crate) fn get<Q>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        self.0.get(key).map(|entry| entry.value().clone())
    }

    #[must_use]
    pub(crate) fn remove<Q>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        self.0.remove(key).map(|(_, value)| value)
    }

    #[must_use]
    pub(crate) fn remove_if<Q>(&self, key: &Q, goes: impl FnOnce(&V) -> bool) -> Option<V>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let removed = self.0.remove_if(key, |_, value| {
            let _section = Section::enter();
            goes(value)
        });
        removed.map(|(_, value)| value)
    }

    /// Enters a value under a key that is free.
    ///
    /// # Errors
    ///
    /// The key and the value that it has.
    pub(crate) fn claim(&self, key: K, value: V) -> Result<(), (K, V)> {
        self.claim_from(key, value, |_| false).map(drop)
    }

    /// Enters a value under a key that is free, or whose value `gives_way`; returns that.
    ///
    /// # Errors
    ///
    /// The key and the value that it has.
    pub(crate) fn claim_from(
        &self,
        key: K,
        value: V,
        gives_way: impl FnOnce(&V) -> bool,
    ) -> Result<Option<V>, (K, V)> {
        let mut value = Some(value);
        let outcome = match self.0.entry(key) {
            Entry::Vacant(entry) => {
                if let Some(value) = value.take() {
                    entry.insert(value);
                }
                Ok(None)
            }
            Entry::Occupied(mut entry) => {
                let _section = Section::enter();
                match value.take() {
                    Some(value) if gives_way(entry.get()) => Ok(Some(entry.insert(value))),
                    refused => {
                        value = refused;
                        Err((entry.key().clone(), entry.get().clone()))
                    }
                }
            }
        };
        drop(value);
        outcome
    }

    /// The values that `pick` returns for entries.
    pub(crate) fn pick<R>(&self, mut pick: impl FnMut(&K, &V) -> Option<R>) -> Vec<R> {
        let mut picked = Vec::new();
        for entry in self.0.iter() {
            let _section = Section::enter();
            picked.extend(pick(entry.key(), entry.value()));
        }
        picked
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}
