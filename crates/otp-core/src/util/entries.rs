//! The entries of one part of a [`Keyed`](super::keyed::Keyed) map, which knows its keys by their hashes.

use std::collections::HashMap;
use std::mem;
use std::sync::Arc;

use super::panic;
use super::plain::is_compared_plainly;
use crate::util::numbered::Numbered;

/// The data under one lock of the map.
pub(crate) struct Shard<K, T> {
    pub(crate) by_hash: HashMap<u64, Bucket<K, T>, Numbered>,
    pub(crate) count: usize,
    pub(crate) hold: Hold,
}

/// The kind of hold that keeps others out of a part between critical sections.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hold {
    Free,
    /// A writer has the turn. Readers may look.
    Turn,
    /// A change of many entries. It runs no foreign code, so it is soon over.
    Many,
}

/// The entries that share a hash. Nearly always there is one.
pub(crate) struct Bucket<K, T> {
    pub(crate) first: KeyedEntry<K, T>,
    pub(crate) more: Vec<KeyedEntry<K, T>>,
}

pub(crate) struct KeyedEntry<K, T> {
    pub(crate) key: Arc<Hashed<K>>,
    /// Empty only while a critical section decides whether the entry stays.
    pub(crate) value: Option<T>,
}

/// A key and its hash. It is shared, so that the same key is known again without asking its `Eq`.
pub(crate) struct Hashed<K> {
    pub(crate) hash: u64,
    /// Empty only as it is dropped.
    pub(crate) key: Option<K>,
}

/// A key, and how it compares to those in the map.
pub(crate) struct Sought<K> {
    pub(crate) hash: u64,
    /// The handle under which the key is entered, if it is entered.
    pub(crate) own: Option<Arc<Hashed<K>>>,
    /// The equal key that the map has.
    pub(crate) found: Option<Arc<Hashed<K>>>,
    /// Keys of the map with the same hash that are not equal.
    pub(crate) others: Vec<Arc<Hashed<K>>>,
    /// With how many keys it was compared since the last search began.
    pub(crate) compared: usize,
}

/// The behaviour of a critical section towards a part of the map that another thread holds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Right {
    /// It only looks, and so waits for a change of many entries alone.
    Look,
    /// It waits for the thread that holds the part.
    Change,
    /// It belongs to the hold on the part.
    Held,
}

const IN_PLACE: &str = "a key that has a place is there";

/// The most keys with one hash that are compared in one operation. There are no so many, unless `Eq` itself enters a
/// further one each time, or an equal one in the place of the one that it compares.
const MOST_COMPARED: usize = 10_000;

impl<K> Hashed<K> {
    pub(crate) fn hash(&self) -> u64 {
        self.hash
    }

    pub(crate) fn key(&self) -> &K {
        self.key.as_ref().expect("it is not being dropped")
    }
}

/// The last holder of a key may be any thread that has compared it. The key's destructor must not end the operation of
/// that thread.
impl<K> Drop for Hashed<K> {
    fn drop(&mut self) {
        if mem::needs_drop::<K>() {
            let key = self.key.take();
            panic::run_quietly(|| drop(key));
        }
    }
}

impl<K> Sought<K> {
    /// A key with this hash, of which nothing is known yet.
    pub(crate) fn unknown(hash: u64) -> Self {
        Self {
            hash,
            own: None,
            found: None,
            others: Vec::new(),
            compared: 0,
        }
    }

    /// Whether the map had the key when it was last looked for.
    pub(crate) fn is_found(&self) -> bool {
        self.found.is_some()
    }

    pub(crate) fn compare(&mut self, key: Arc<Hashed<K>>, is: impl FnOnce(&K) -> bool) {
        self.compared += 1;
        assert!(
            self.compared < MOST_COMPARED,
            "too many keys with the same hash: `Hash` tells them too little apart, or `Eq` enters keys itself"
        );
        if is(key.key()) {
            self.found = Some(key);
        } else {
            self.others.push(key);
        }
    }
}

impl<K, T> Bucket<K, T> {
    pub(crate) fn iter(&self) -> impl Iterator<Item = &KeyedEntry<K, T>> {
        std::iter::once(&self.first).chain(&self.more)
    }

    fn get_mut(&mut self, at: usize) -> &mut KeyedEntry<K, T> {
        match at.checked_sub(1) {
            None => &mut self.first,
            Some(at) => &mut self.more[at],
        }
    }

    /// Removes one of several.
    fn remove(&mut self, at: usize) -> KeyedEntry<K, T> {
        let last = self.more.pop().expect("a bucket of one goes as a whole");
        if at > self.more.len() {
            return last;
        }
        mem::replace(self.get_mut(at), last)
    }
}

impl<K, T> Default for Shard<K, T> {
    fn default() -> Self {
        Self {
            by_hash: HashMap::default(),
            count: 0,
            hold: Hold::Free,
        }
    }
}

impl<K, T> Shard<K, T> {
    /// The hold that has to be waited for.
    pub(crate) fn hold_against(&self, right: Right) -> Option<Hold> {
        match (self.hold, right) {
            (Hold::Free, _) | (_, Right::Held) | (Hold::Turn, Right::Look) => None,
            (hold, _) => Some(hold),
        }
    }

    /// Where the key is, or `None` if it is absent.
    ///
    /// # Errors
    ///
    /// The place of a key with the same hash that has not been compared.
    pub(crate) fn position(&self, sought: &Sought<K>) -> Result<Option<usize>, usize> {
        let Some(bucket) = self.by_hash.get(&sought.hash) else {
            return Ok(None);
        };
        let is = |key: &Arc<Hashed<K>>, other: &Arc<Hashed<K>>| Arc::ptr_eq(key, other);
        let equal = |key| {
            sought.found.as_ref().is_some_and(|it| is(it, key))
                || sought.own.as_ref().is_some_and(|it| is(it, key))
        };
        if let Some(at) = bucket.iter().position(|entry| equal(&entry.key)) {
            return Ok(Some(at));
        }
        let known = |key| sought.others.iter().any(|other| is(other, key));
        match bucket.iter().position(|entry| !known(&entry.key)) {
            Some(unknown) => Err(unknown),
            None => Ok(None),
        }
    }

    /// The same for a key that is compared at once if that runs no foreign code. `by_own` says that `is` compares it
    /// with keys of the same type.
    #[inline(always)]
    pub(crate) fn position_of(
        &self,
        sought: &Sought<K>,
        by_own: bool,
        is: impl Fn(&K) -> bool,
    ) -> Result<Option<usize>, usize>
    where
        K: 'static,
    {
        if by_own && is_compared_plainly::<K>() {
            let Some(bucket) = self.by_hash.get(&sought.hash) else {
                return Ok(None);
            };
            if is(bucket.first.key.key()) {
                return Ok(Some(0));
            }
        }
        self.position(sought)
    }

    /// The entry at a place among those with this hash.
    #[inline(always)]
    pub(crate) fn entry(&self, hash: u64, at: usize) -> &KeyedEntry<K, T> {
        let bucket = self.by_hash.get(&hash).expect(IN_PLACE);
        bucket.iter().nth(at).expect(IN_PLACE)
    }

    /// Its key.
    pub(crate) fn key(&self, hash: u64, at: usize) -> Arc<Hashed<K>> {
        self.entry(hash, at).key.clone()
    }

    /// Runs `section` on the value of a key. Returns the handle that has left the map, to be dropped outside.
    pub(crate) fn change<R>(
        &mut self,
        sought: &Sought<K>,
        at: Option<usize>,
        section: impl FnOnce(Option<&Arc<Hashed<K>>>, &mut Option<T>) -> R,
    ) -> (R, Option<Arc<Hashed<K>>>) {
        match (at, &sought.own) {
            (Some(at), _) => {
                self.change_at(sought.hash, at, |key, value| section(Some(key), value))
            }
            (None, None) => (section(None, &mut None), None),
            (None, Some(key)) => self.add(key.clone(), |key, value| section(Some(key), value)),
        }
    }

    /// Runs `section` on the place for the value of a key that is not there. Returns its handle if no value was put there.
    pub(crate) fn add<R>(
        &mut self,
        key: Arc<Hashed<K>>,
        section: impl FnOnce(&Arc<Hashed<K>>, &mut Option<T>) -> R,
    ) -> (R, Option<Arc<Hashed<K>>>) {
        let mut value = None;
        let result = section(&key, &mut value);
        if value.is_none() {
            return (result, Some(key));
        }
        self.push(KeyedEntry { key, value });
        (result, None)
    }

    /// As [`change`](Self::change), at a place among those with this hash.
    #[inline(always)]
    pub(crate) fn change_at<R>(
        &mut self,
        hash: u64,
        at: usize,
        section: impl FnOnce(&Arc<Hashed<K>>, &mut Option<T>) -> R,
    ) -> (R, Option<Arc<Hashed<K>>>) {
        let bucket = self.by_hash.get_mut(&hash).expect(IN_PLACE);
        let single = bucket.more.is_empty();
        let entry = bucket.get_mut(at);
        let result = section(&entry.key, &mut entry.value);
        if entry.value.is_some() {
            return (result, None);
        }
        self.count -= 1;
        let removed = match single {
            true => self.by_hash.remove(&hash).map(|it| it.first.key),
            false => Some(bucket.remove(at).key),
        };
        (result, removed)
    }

    fn push(&mut self, entry: KeyedEntry<K, T>) {
        self.count += 1;
        match self.by_hash.get_mut(&entry.key.hash) {
            Some(bucket) => bucket.more.push(entry),
            None => {
                let (hash, more) = (entry.key.hash, Vec::new());
                self.by_hash.insert(hash, Bucket { first: entry, more });
            }
        }
    }
}
