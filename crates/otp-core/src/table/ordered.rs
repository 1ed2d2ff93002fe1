//! Ordered sets: a tree behind a lock, since what comes next is a question about all of it.

use std::collections::BTreeMap;
use std::ops::Bound;

use parking_lot::RwLock;

use super::store::{Store, UniqueStore, updating};

/// The store of an ordered set.
#[derive(Debug)]
pub struct Sorted<K, V>(RwLock<BTreeMap<K, V>>);

impl<K: Ord + Clone, V> Sorted<K, V> {
    pub(crate) fn first(&self) -> Option<K> {
        self.0.read().first_key_value().map(|(key, _)| key.clone())
    }

    pub(crate) fn last(&self) -> Option<K> {
        self.0.read().last_key_value().map(|(key, _)| key.clone())
    }

    pub(crate) fn next(&self, key: &K) -> Option<K> {
        let entries = self.0.read();
        let after = (Bound::Excluded(key), Bound::Unbounded);
        entries.range(after).next().map(|(key, _)| key.clone())
    }

    pub(crate) fn prev(&self, key: &K) -> Option<K> {
        let entries = self.0.read();
        let mut before = entries.range(..key);
        before.next_back().map(|(key, _)| key.clone())
    }
}

impl<K, V> Default for Sorted<K, V> {
    fn default() -> Self {
        Self(RwLock::default())
    }
}

impl<K, V> Store<K, V> for Sorted<K, V>
where
    K: Ord + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    type Found = Option<V>;

    fn get(&self, key: &K) -> Option<V> {
        self.0.read().get(key).cloned()
    }

    fn contains(&self, key: &K) -> bool {
        self.0.read().contains_key(key)
    }

    fn put(&self, key: K, value: V, only_new: bool) -> bool {
        let mut entries = self.0.write();
        if only_new && entries.contains_key(&key) {
            return false;
        }
        let former = entries.insert(key, value);
        drop(entries);
        drop(former);
        true
    }

    fn insert(&self, objects: Vec<(K, V)>, only_new: bool) -> bool {
        // Declared before the lock, so that it is dropped after it.
        let mut former = Vec::new();
        let mut entries = self.0.write();
        if only_new && objects.iter().any(|(key, _)| entries.contains_key(key)) {
            return false;
        }
        for (key, value) in objects {
            former.extend(entries.insert(key, value));
        }
        true
    }

    fn take(&self, key: &K) -> Option<V> {
        self.0.write().remove(key)
    }

    fn remove_if(&self, mut goes: impl FnMut(&K, &V) -> bool) -> usize {
        let mut entries = self.0.write();
        let before = entries.len();
        updating(|| entries.retain(|key, value| !goes(key, value)));
        before - entries.len()
    }

    fn all(&self) -> Vec<(K, V)> {
        let entries = self.0.read();
        entries
            .iter()
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect()
    }

    fn len(&self) -> usize {
        self.0.read().len()
    }
}

impl<K, V> UniqueStore<K, V> for Sorted<K, V>
where
    K: Ord + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    fn update<T>(&self, key: &K, f: impl FnOnce(&mut V) -> T) -> Option<T> {
        let mut entries = self.0.write();
        let value = entries.get_mut(key)?;
        Some(updating(|| f(value)))
    }

    fn update_or_insert<T>(&self, key: &K, mut absent: V, f: impl FnOnce(&mut V) -> T) -> T {
        let mut entries = self.0.write();
        if let Some(value) = entries.get_mut(key) {
            return updating(|| f(value));
        }
        // If `f` panics nothing is inserted.
        let made = updating(|| f(&mut absent));
        entries.insert(key.clone(), absent);
        made
    }
}
