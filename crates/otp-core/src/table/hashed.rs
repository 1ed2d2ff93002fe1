//! Sets and bags: concurrent hash maps, with atomic operations on many keys.

use std::hash::Hash;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicBool, Ordering};

use dashmap::{DashMap, Entry};
use foldhash::fast::RandomState;
use parking_lot::{RwLock, RwLockReadGuard};

use super::kind::Admission;
use super::store::{Store, UniqueStore, updating};

/// A concurrent map in which many keys can be changed at once.
///
/// Whoever changes many keys keeps all other writers out by a lock. A reader does not take it; it looks whether such a
/// change is going on, and if so waits for its end. One that has looked too early may see a part of the change; but
/// then it has seen it under the lock of a shard, and so finds at its next look that the change goes on.
#[derive(Debug)]
struct Map<K: Eq + Hash, T> {
    entries: DashMap<K, T, RandomState>,
    writers: RwLock<()>,
    many: AtomicBool,
}

impl<K: Eq + Hash, T> Map<K, T> {
    fn read(&self) -> &DashMap<K, T, RandomState> {
        if self.many.load(Ordering::Acquire) {
            drop(self.writers.read());
        }
        &self.entries
    }

    fn write(&self) -> (RwLockReadGuard<'_, ()>, &DashMap<K, T, RandomState>) {
        (self.writers.read(), &self.entries)
    }

    fn change_many<R>(&self, f: impl FnOnce(&DashMap<K, T, RandomState>) -> R) -> R {
        struct Done<'a>(&'a AtomicBool);

        impl Drop for Done<'_> {
            fn drop(&mut self) {
                self.0.store(false, Ordering::Release);
            }
        }

        let _alone = self.writers.write();
        self.many.store(true, Ordering::Release);
        let _done = Done(&self.many);
        f(&self.entries)
    }
}

impl<K: Eq + Hash, T> Default for Map<K, T> {
    fn default() -> Self {
        Self {
            entries: DashMap::default(),
            writers: RwLock::default(),
            many: AtomicBool::new(false),
        }
    }
}

/// The store of a set.
#[derive(Debug)]
pub struct Values<K: Eq + Hash, V>(Map<K, V>);

impl<K: Eq + Hash, V> Default for Values<K, V> {
    fn default() -> Self {
        Self(Map::default())
    }
}

impl<K, V> Store<K, V> for Values<K, V>
where
    K: Eq + Hash + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    type Found = Option<V>;

    fn get(&self, key: &K) -> Option<V> {
        self.0.read().get(key).map(|value| value.clone())
    }

    fn contains(&self, key: &K) -> bool {
        self.0.read().contains_key(key)
    }

    fn put(&self, key: K, value: V, only_new: bool) -> bool {
        let former = {
            let (_writing, entries) = self.0.write();
            match entries.entry(key) {
                Entry::Vacant(entry) => {
                    entry.insert(value);
                    return true;
                }
                Entry::Occupied(_) if only_new => value,
                Entry::Occupied(mut entry) => entry.insert(value),
            }
        };
        // Here nothing is locked: its destructor is the user's code.
        drop(former);
        !only_new
    }

    fn insert(&self, objects: Vec<(K, V)>, only_new: bool) -> bool {
        let mut former = Vec::new();
        self.0.change_many(|entries| {
            if only_new && objects.iter().any(|(key, _)| entries.contains_key(key)) {
                return false;
            }
            for (key, value) in objects {
                former.extend(entries.insert(key, value));
            }
            true
        })
    }

    fn take(&self, key: &K) -> Option<V> {
        let (_writing, entries) = self.0.write();
        entries.remove(key).map(|(_, value)| value)
    }

    fn remove_if(&self, mut goes: impl FnMut(&K, &V) -> bool) -> usize {
        self.0.change_many(|entries| {
            let before = entries.len();
            updating(|| entries.retain(|key, value| !goes(key, value)));
            before - entries.len()
        })
    }

    fn all(&self) -> Vec<(K, V)> {
        let entries = self.0.read().iter();
        entries
            .map(|entry| (entry.key().clone(), entry.value().clone()))
            .collect()
    }

    fn len(&self) -> usize {
        self.0.read().len()
    }
}

impl<K, V> UniqueStore<K, V> for Values<K, V>
where
    K: Eq + Hash + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    fn update<T>(&self, key: &K, f: impl FnOnce(&mut V) -> T) -> Option<T> {
        let (_writing, entries) = self.0.write();
        let mut value = entries.get_mut(key)?;
        Some(updating(|| f(&mut value)))
    }

    fn update_or_insert<T>(&self, key: &K, mut absent: V, f: impl FnOnce(&mut V) -> T) -> T {
        let (_writing, entries) = self.0.write();
        match entries.entry(key.clone()) {
            Entry::Occupied(mut entry) => updating(|| f(entry.get_mut())),
            Entry::Vacant(entry) => {
                // If `f` panics nothing is inserted.
                let made = updating(|| f(&mut absent));
                entry.insert(absent);
                made
            }
        }
    }
}

/// The store of a bag, whose values come in by `A`.
#[derive(Debug)]
pub struct Bags<K: Eq + Hash, V, A> {
    map: Map<K, Vec<V>>,
    admission: PhantomData<fn() -> A>,
}

impl<K: Eq + Hash, V, A> Default for Bags<K, V, A> {
    fn default() -> Self {
        Self {
            map: Map::default(),
            admission: PhantomData,
        }
    }
}

impl<K, V, A> Store<K, V> for Bags<K, V, A>
where
    K: Eq + Hash + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
    A: Admission<V>,
{
    type Found = Vec<V>;

    fn get(&self, key: &K) -> Vec<V> {
        let values = self.map.read().get(key);
        values.map_or_else(Vec::new, |values| values.clone())
    }

    fn contains(&self, key: &K) -> bool {
        self.map.read().contains_key(key)
    }

    fn put(&self, key: K, value: V, only_new: bool) -> bool {
        let (_writing, entries) = self.map.write();
        let mut values = entries.entry(key).or_default();
        if only_new && !values.is_empty() {
            return false;
        }
        if A::admits(&values, &value) {
            values.push(value);
        }
        true
    }

    fn insert(&self, objects: Vec<(K, V)>, only_new: bool) -> bool {
        let mut doubles = Vec::new();
        self.map.change_many(|entries| {
            if only_new && objects.iter().any(|(key, _)| entries.contains_key(key)) {
                return false;
            }
            for (key, value) in objects {
                let mut values = entries.entry(key).or_default();
                match A::admits(&values, &value) {
                    true => values.push(value),
                    false => doubles.push(value),
                }
            }
            true
        })
    }

    fn take(&self, key: &K) -> Vec<V> {
        let (_writing, entries) = self.map.write();
        entries
            .remove(key)
            .map_or_else(Vec::new, |(_, values)| values)
    }

    fn remove_if(&self, mut goes: impl FnMut(&K, &V) -> bool) -> usize {
        let mut removed = 0;
        self.map.change_many(|entries| {
            updating(|| {
                entries.retain(|key, values| {
                    let before = values.len();
                    values.retain(|value| !goes(key, value));
                    removed += before - values.len();
                    !values.is_empty()
                });
            });
        });
        removed
    }

    fn all(&self) -> Vec<(K, V)> {
        let mut all = Vec::new();
        for entry in self.map.read() {
            let key = entry.key();
            all.extend(entry.iter().map(|value| (key.clone(), value.clone())));
        }
        all
    }

    fn len(&self) -> usize {
        self.map.read().iter().map(|values| values.len()).sum()
    }
}
