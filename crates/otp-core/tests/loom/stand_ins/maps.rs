//! A map with the interface of dashmap's, as far as it is used, under one lock of loom's.
//!
//! The real one has a lock for each part of it, so that two threads wait for each other less often.
//! What a thread does to one key is one step in both.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::{BuildHasher, Hash};
use std::ops::{Deref, DerefMut};
use std::rc::Rc;

use loom::sync::MutexGuard;

use super::sync::Mutex;

pub(crate) struct DashMap<K, V, S> {
    map: Mutex<HashMap<K, V, S>>,
    hasher: S,
}

type Locked<'a, K, V, S> = MutexGuard<'a, HashMap<K, V, S>>;

impl<K, V, S: Default> Default for DashMap<K, V, S> {
    fn default() -> Self {
        Self {
            map: Mutex::new(HashMap::default()),
            hasher: S::default(),
        }
    }
}

impl<K: Eq + Hash + Clone, V, S: BuildHasher> DashMap<K, V, S> {
    pub(crate) fn insert(&self, key: K, value: V) -> Option<V> {
        self.map.lock().insert(key, value)
    }

    pub(crate) fn remove<Q>(&self, key: &Q) -> Option<(K, V)>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        self.map.lock().remove_entry(key)
    }

    pub(crate) fn remove_if<Q>(&self, key: &Q, goes: impl FnOnce(&K, &V) -> bool) -> Option<(K, V)>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let mut map = self.map.lock();
        let (key_in_map, value) = map.get_key_value(key)?;
        match goes(key_in_map, value) {
            true => map.remove_entry(key),
            false => None,
        }
    }

    pub(crate) fn get<Q>(&self, key: &Q) -> Option<Held<'_, K, V, S>>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let map = self.map.lock();
        let key = map.get_key_value(key)?.0.clone();
        Some(Held { map, key })
    }

    pub(crate) fn get_mut<Q>(&self, key: &Q) -> Option<Held<'_, K, V, S>>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        self.get(key)
    }

    pub(crate) fn entry(&self, key: K) -> Entry<'_, K, V, S> {
        let map = self.map.lock();
        match map.contains_key(&key) {
            true => Entry::Occupied(Occupied(Held { map, key })),
            false => Entry::Vacant(Vacant { map, key }),
        }
    }

    /// All entries, with the lock held for as long as one of them is.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Shown<'_, K, V, S>> {
        let map = Rc::new(self.map.lock());
        let keys: Vec<K> = map.keys().cloned().collect();
        keys.into_iter().map(move |key| Shown {
            map: map.clone(),
            key,
        })
    }

    pub(crate) fn clear(&self) {
        self.map.lock().clear();
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.map.lock().is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.map.lock().len()
    }

    pub(crate) fn hasher(&self) -> &S {
        &self.hasher
    }
}

/// One value, and the lock.
pub(crate) struct Held<'a, K, V, S> {
    map: Locked<'a, K, V, S>,
    key: K,
}

impl<K: Eq + Hash, V, S: BuildHasher> Held<'_, K, V, S> {
    pub(crate) fn value(&self) -> &V {
        self
    }
}

impl<K: Eq + Hash, V, S: BuildHasher> Deref for Held<'_, K, V, S> {
    type Target = V;

    fn deref(&self) -> &V {
        &self.map[&self.key]
    }
}

impl<K: Eq + Hash, V, S: BuildHasher> DerefMut for Held<'_, K, V, S> {
    fn deref_mut(&mut self) -> &mut V {
        self.map
            .get_mut(&self.key)
            .expect("it was there when the lock was taken")
    }
}

/// One entry of an iteration.
pub(crate) struct Shown<'a, K, V, S> {
    map: Rc<Locked<'a, K, V, S>>,
    key: K,
}

impl<K: Eq + Hash, V, S: BuildHasher> Shown<'_, K, V, S> {
    pub(crate) fn key(&self) -> &K {
        &self.key
    }

    pub(crate) fn value(&self) -> &V {
        self
    }
}

impl<K: Eq + Hash, V, S: BuildHasher> Deref for Shown<'_, K, V, S> {
    type Target = V;

    fn deref(&self) -> &V {
        &self.map[&self.key]
    }
}

pub(crate) enum Entry<'a, K, V, S> {
    Occupied(Occupied<'a, K, V, S>),
    Vacant(Vacant<'a, K, V, S>),
}

pub(crate) struct Occupied<'a, K, V, S>(Held<'a, K, V, S>);

pub(crate) struct Vacant<'a, K, V, S> {
    map: Locked<'a, K, V, S>,
    key: K,
}

impl<'a, K: Eq + Hash + Clone, V, S: BuildHasher> Entry<'a, K, V, S> {
    pub(crate) fn or_insert_with(self, make: impl FnOnce() -> V) -> Held<'a, K, V, S> {
        match self {
            Self::Occupied(Occupied(held)) => held,
            Self::Vacant(vacant) => vacant.insert(make()),
        }
    }

    pub(crate) fn or_default(self) -> Held<'a, K, V, S>
    where
        V: Default,
    {
        self.or_insert_with(V::default)
    }
}

impl<K: Eq + Hash, V, S: BuildHasher> Occupied<'_, K, V, S> {
    pub(crate) fn key(&self) -> &K {
        &self.0.key
    }

    pub(crate) fn get(&self) -> &V {
        &self.0
    }

    pub(crate) fn insert(&mut self, value: V) -> V {
        std::mem::replace(&mut *self.0, value)
    }
}

impl<'a, K: Eq + Hash + Clone, V, S: BuildHasher> Vacant<'a, K, V, S> {
    pub(crate) fn insert(mut self, value: V) -> Held<'a, K, V, S> {
        self.map.insert(self.key.clone(), value);
        Held {
            map: self.map,
            key: self.key,
        }
    }
}
