//! A concurrent map by keys of the user's types, none of whose code runs under its locks.
//!
//! `Hash` and `Eq` of a key are the user's code, so they cannot decide anything inside a critical section. A key is
//! hashed before the lock is taken, and the map itself knows hashes only. Keys that share a hash are compared between
//! two critical sections: the first hands out the keys that have not been compared yet, and the second acts if there
//! are no further ones. A thread repeats this only if another one has entered a key with the same hash in between.
//!
//! Keys and what else is removed leave the critical section with its result.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::{BuildHasher, Hash};
use std::mem;
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::lock::{Lock, Turn};
use super::panic;
use crate::numbered::Numbered;

/// See the [module's documentation](self). `T` is the runtime's: to move or to clone it runs no foreign code.
pub(crate) struct Keyed<K, T> {
    hasher: RandomState,
    parts: Box<[Part<K, T>]>,
    /// Held by a change of many entries and by a walk, so that a walk sees all of such a change or nothing. Locked
    /// before the parts.
    many: Lock<()>,
}

struct Part<K, T> {
    entries: Lock<Entries<K, T>>,
    turn: Turn,
}

struct Entries<K, T> {
    by_hash: HashMap<u64, Bucket<K, T>, Numbered>,
    count: usize,
    hold: Hold,
}

/// Who keeps others out of a part between critical sections.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Hold {
    Nobody,
    /// Somebody has the turn. Others may look.
    Turn,
    /// A change of many entries. It runs no foreign code, so it is soon over.
    Many,
}

/// The entries that share a hash. Nearly always there is one.
struct Bucket<K, T> {
    first: Entry<K, T>,
    more: Vec<Entry<K, T>>,
}

struct Entry<K, T> {
    key: Arc<Hashed<K>>,
    /// Empty only while a critical section decides whether the entry stays.
    value: Option<T>,
}

/// A key and its hash. It is shared, so that the same key is known again without asking its `Eq`.
pub(crate) struct Hashed<K> {
    hash: u64,
    /// Empty only as it is dropped.
    key: Option<K>,
}

/// A key, and how it compares to those in the map.
pub(crate) struct Sought<K> {
    hash: u64,
    /// Under which the key is entered, if it is.
    own: Option<Arc<Hashed<K>>>,
    /// The equal key that the map has.
    found: Option<Arc<Hashed<K>>>,
    /// Keys of the map with the same hash that are not equal.
    others: Vec<Arc<Hashed<K>>>,
}

/// What a critical section does with a part of the map that another thread holds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Right {
    /// It only looks, and so waits for a change of many entries alone.
    Look,
    /// It waits for whoever holds the part.
    Change,
    /// It is part of what holds the part.
    Held,
}

/// The most keys with one hash that are compared in one operation. There are no so many, unless `Eq` itself enters a
/// further one each time.
const MOST_COMPARED: usize = 10_000;

/// How an attempt has ended.
enum Attempt<R, K> {
    Done(R),
    /// This key must be compared first.
    Compare(Arc<Hashed<K>>),
    /// This must be waited for.
    Wait(Hold),
}

impl<K> Hashed<K> {
    pub(crate) fn hash(&self) -> u64 {
        self.hash
    }

    pub(crate) fn key(&self) -> &K {
        self.key.as_ref().expect("it is not being dropped")
    }
}

/// The last one who holds a key may be anybody who has compared it: its destructor must not end what that one does.
impl<K> Drop for Hashed<K> {
    fn drop(&mut self) {
        if mem::needs_drop::<K>() {
            let key = self.key.take();
            panic::run_quietly(|| drop(key));
        }
    }
}

impl<K> Sought<K> {
    /// Whether the map had the key when it was last looked for.
    pub(crate) fn is_found(&self) -> bool {
        self.found.is_some()
    }

    fn compare(&mut self, key: Arc<Hashed<K>>, is: impl FnOnce(&K) -> bool) {
        if is(key.key()) {
            self.found = Some(key);
        } else {
            self.others.push(key);
            assert!(
                self.others.len() < MOST_COMPARED,
                "too many keys with the same hash: `Hash` tells them too little apart, or `Eq` enters keys itself"
            );
        }
    }
}

impl<K, T> Bucket<K, T> {
    fn iter(&self) -> impl Iterator<Item = &Entry<K, T>> {
        std::iter::once(&self.first).chain(&self.more)
    }

    fn get_mut(&mut self, at: usize) -> &mut Entry<K, T> {
        match at.checked_sub(1) {
            None => &mut self.first,
            Some(at) => &mut self.more[at],
        }
    }

    /// Removes one of several.
    fn remove(&mut self, at: usize) -> Entry<K, T> {
        let last = self.more.pop().expect("a bucket of one goes as a whole");
        if at > self.more.len() {
            return last;
        }
        mem::replace(self.get_mut(at), last)
    }
}

impl<K, T> Entries<K, T> {
    /// What has to be waited for.
    fn hold_against(&self, right: Right) -> Option<Hold> {
        match (self.hold, right) {
            (Hold::Nobody, _) | (_, Right::Held) | (Hold::Turn, Right::Look) => None,
            (hold, _) => Some(hold),
        }
    }

    /// Where the key is, or `None` if it is absent.
    ///
    /// # Errors
    ///
    /// A key with the same hash that has not been compared.
    fn position(&self, sought: &Sought<K>) -> Result<Option<usize>, Arc<Hashed<K>>> {
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
        match bucket.iter().find(|entry| !known(&entry.key)) {
            Some(unknown) => Err(unknown.key.clone()),
            None => Ok(None),
        }
    }

    /// Runs `section` on the value of a key. Returns the handle that has left the map, which is to be dropped outside.
    fn change<R>(
        &mut self,
        sought: &Sought<K>,
        at: Option<usize>,
        section: impl FnOnce(Option<&Arc<Hashed<K>>>, &mut Option<T>) -> R,
    ) -> (R, Option<Arc<Hashed<K>>>) {
        let Some(at) = at else {
            let mut value = None;
            let result = section(sought.own.as_ref(), &mut value);
            if value.is_some()
                && let Some(key) = sought.own.clone()
            {
                self.push(Entry { key, value });
            }
            return (result, None);
        };
        let bucket = self.by_hash.get_mut(&sought.hash);
        let bucket = bucket.expect("a key that has a position is there");
        let single = bucket.more.is_empty();
        let entry = bucket.get_mut(at);
        let result = section(Some(&entry.key), &mut entry.value);
        if entry.value.is_some() {
            return (result, None);
        }
        self.count -= 1;
        let removed = match single {
            true => self.by_hash.remove(&sought.hash).map(|it| it.first.key),
            false => Some(bucket.remove(at).key),
        };
        (result, removed)
    }

    fn push(&mut self, entry: Entry<K, T>) {
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

impl<K, T> Keyed<K, T> {
    /// A map of so many parts, each with its lock.
    pub(crate) fn new(parts: usize) -> Self {
        let part = || Part {
            entries: Lock::new(Entries {
                by_hash: HashMap::default(),
                count: 0,
                hold: Hold::Nobody,
            }),
            turn: Turn::new(()),
        };
        Self {
            hasher: RandomState::default(),
            parts: std::iter::repeat_with(part).take(parts.max(1)).collect(),
            many: Lock::new(()),
        }
    }

    pub(crate) fn len(&self) -> usize {
        let count = |part: &Part<K, T>| part.entries.with(|entries| entries.count);
        self.many.with(|()| self.parts.iter().map(count).sum())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What `pick` makes of the entries, of those of which it makes something. It runs in critical sections, one for each
    /// part of the map: of other threads' changes of one entry it sees some, of a change of many all or nothing.
    pub(crate) fn pick<R>(&self, mut pick: impl FnMut(&Arc<Hashed<K>>, &T) -> Option<R>) -> Vec<R> {
        let mut picked = Vec::new();
        self.many.with(|()| {
            for part in &self.parts {
                part.entries.with(|entries| {
                    let entries = entries.by_hash.values().flat_map(Bucket::iter);
                    picked.extend(entries.filter_map(|it| pick(&it.key, it.value.as_ref()?)));
                });
            }
        });
        picked
    }

    /// Removes all entries, in one step.
    pub(crate) fn clear(&self) -> Vec<(Arc<Hashed<K>>, T)> {
        let removed = self.all_at_once(0..self.parts.len(), || {
            let parts = self.parts.iter();
            parts
                .map(|part| {
                    part.entries.with(|entries| {
                        entries.count = 0;
                        mem::take(&mut entries.by_hash)
                    })
                })
                .collect::<Vec<_>>()
        });
        let entries = removed.into_iter().flat_map(HashMap::into_values);
        let entries = entries.flat_map(|it| std::iter::once(it.first).chain(it.more));
        entries.filter_map(|it| Some((it.key, it.value?))).collect()
    }

    /// The parts that these keys belong to, for [`all_at_once`](Self::all_at_once).
    pub(crate) fn parts_of<'a>(
        &self,
        keys: impl Iterator<Item = &'a Sought<K>>,
    ) -> impl Iterator<Item = usize>
    where
        K: 'a,
    {
        keys.map(|key| self.number(key.hash))
    }

    /// All parts, for [`all_at_once`](Self::all_at_once).
    pub(crate) fn all_parts(&self) -> std::ops::Range<usize> {
        0..self.parts.len()
    }

    /// Runs a critical section in which many entries of these parts change, in one step for all others: nobody looks at
    /// the parts or changes them meanwhile.
    pub(crate) fn all_at_once<R>(
        &self,
        parts: impl IntoIterator<Item = usize>,
        section: impl FnOnce() -> R,
    ) -> R {
        struct Held<'a, K, T>(Vec<&'a Part<K, T>>);

        impl<K, T> Drop for Held<'_, K, T> {
            fn drop(&mut self) {
                for part in &self.0 {
                    part.entries.with(|entries| entries.hold = Hold::Nobody);
                }
            }
        }

        let mut parts: Vec<usize> = parts.into_iter().collect();
        parts.sort_unstable();
        parts.dedup();
        let mut section = Some(section);
        loop {
            let attempt = self.many.with(|()| {
                let mut held = Held(Vec::with_capacity(parts.len()));
                for number in &parts {
                    let part = &self.parts[*number];
                    let free = part.entries.with(|entries| {
                        let free = entries.hold == Hold::Nobody;
                        if free {
                            entries.hold = Hold::Many;
                        }
                        free
                    });
                    if !free {
                        return Err(part);
                    }
                    held.0.push(part);
                }
                Ok(section.take().expect("it runs once")())
            });
            match attempt {
                Ok(result) => return result,
                Err(part) => part.turn.wait(),
            }
        }
    }

    /// Runs `section` on the value of a key that is known by its handle; `None` if it is not in the map.
    pub(crate) fn at<R>(
        &self,
        key: &Arc<Hashed<K>>,
        right: Right,
        section: impl FnOnce(&mut Option<T>) -> R,
    ) -> Option<R> {
        let sought = Sought {
            hash: key.hash,
            own: None,
            found: Some(key.clone()),
            others: Vec::new(),
        };
        let mut section = Some(section);
        loop {
            let (done, left) = self.part(key.hash).entries.with(|entries| {
                if let Some(hold) = entries.hold_against(right) {
                    return (Attempt::Wait(hold), None);
                }
                // A key with the same hash is another one: two equal keys are never there at once.
                let Ok(Some(at)) = entries.position(&sought) else {
                    return (Attempt::Done(None), None);
                };
                let section = section.take().expect("it runs once");
                let (result, left) = entries.change(&sought, Some(at), |_, value| section(value));
                (Attempt::<_, K>::Done(Some(result)), left)
            });
            drop(left);
            match done {
                Attempt::Done(result) => return result,
                Attempt::Wait(hold) => self.wait(key.hash, hold),
                Attempt::Compare(_) => unreachable!("the key is known by its handle"),
            }
        }
    }

    /// Whether nothing has changed since about whether these keys are in the map. Runs no foreign code.
    pub(crate) fn is_settled(&self, sought: &Sought<K>) -> bool {
        let entries = &self.part(sought.hash).entries;
        entries.with(|entries| match entries.position(sought) {
            Ok(at) => at.is_some() == sought.found.is_some(),
            Err(_) => false,
        })
    }

    /// Runs `section` on the value of a key of which the caller knows that it [is settled](Self::is_settled), and that
    /// nobody else changes the map.
    pub(crate) fn change<R>(
        &self,
        sought: &Sought<K>,
        section: impl FnOnce(&mut Option<T>) -> R,
    ) -> R {
        let (result, left) = self.part(sought.hash).entries.with(|entries| {
            let at = entries.position(sought).unwrap_or_default();
            entries.change(sought, at, |_, value| section(value))
        });
        drop(left);
        result
    }

    /// Runs `f` while nobody else changes the part of the map that the key belongs to. `f` is not in a critical section.
    pub(crate) fn in_turn<R>(&self, key: &Arc<Hashed<K>>, f: impl FnOnce() -> R) -> R {
        struct Taken<'a, K, T>(&'a Part<K, T>);

        impl<K, T> Drop for Taken<'_, K, T> {
            fn drop(&mut self) {
                self.0.entries.with(|entries| entries.hold = Hold::Nobody);
            }
        }

        let part = self.part(key.hash);
        part.turn.take(|()| {
            // Nobody else sets or ends the hold of the turn. A change of many may be going on.
            while !part.entries.with(|entries| {
                let free = entries.hold == Hold::Nobody;
                if free {
                    entries.hold = Hold::Turn;
                }
                free
            }) {
                self.wait(key.hash, Hold::Many);
            }
            let _taken = Taken(part);
            f()
        })
    }

    fn wait(&self, hash: u64, hold: Hold) {
        match hold {
            Hold::Nobody => {}
            Hold::Turn => self.part(hash).turn.wait(),
            Hold::Many => self.many.with(|()| ()),
        }
    }

    fn part(&self, hash: u64) -> &Part<K, T> {
        &self.parts[self.number(hash)]
    }

    fn number(&self, hash: u64) -> usize {
        // The low bits choose the bucket in the part, and the highest tell its entries apart.
        (hash >> 32) as usize % self.parts.len()
    }
}

impl<K: Eq + Hash, T> Keyed<K, T> {
    pub(crate) fn hashed(&self, key: K) -> Arc<Hashed<K>> {
        Arc::new(Hashed {
            hash: self.hasher.hash_one(&key),
            key: Some(key),
        })
    }

    /// Looks for a key, to enter it later.
    pub(crate) fn seek(&self, key: &Arc<Hashed<K>>) -> Sought<K> {
        let mut sought = self.unsought(key);
        self.seek_again(&mut sought);
        sought
    }

    /// Looks once more for a key.
    pub(crate) fn seek_again(&self, sought: &mut Sought<K>) {
        let own = sought.own.clone();
        let own = own.expect("what is sought to be entered has a handle");
        sought.found = None;
        let is = |other: &K| *other == *own.key();
        self.visit(sought, Right::Look, is, |_, _| ());
    }

    /// Runs `section` on the value of a key, which is in the map afterwards if the value is there.
    pub(crate) fn entry<R>(
        &self,
        key: K,
        section: impl FnOnce(&Arc<Hashed<K>>, &mut Option<T>) -> R,
    ) -> R {
        self.enter(&self.hashed(key), section)
    }

    /// As [`entry`](Self::entry), with a handle.
    pub(crate) fn enter<R>(
        &self,
        key: &Arc<Hashed<K>>,
        section: impl FnOnce(&Arc<Hashed<K>>, &mut Option<T>) -> R,
    ) -> R {
        let mut sought = self.unsought(key);
        let is = |other: &K| *other == *key.key();
        self.visit(&mut sought, Right::Change, is, |key, value| {
            section(key.expect("the caller has given one"), value)
        })
    }

    /// Runs `section` on the value of a key; `None` if it is not in the map.
    pub(crate) fn find<Q, R>(
        &self,
        key: &Q,
        right: Right,
        section: impl FnOnce(&mut Option<T>) -> R,
    ) -> Option<R>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let mut sought = Sought {
            hash: self.hasher.hash_one(key),
            own: None,
            found: None,
            others: Vec::new(),
        };
        let is = |other: &K| *other.borrow() == *key;
        self.visit(&mut sought, right, is, |_, value| {
            value.is_some().then(|| section(value))
        })
    }

    /// The value of a key, and the handle by which the map knows it.
    pub(crate) fn get(&self, key: &K) -> Option<(Arc<Hashed<K>>, T)>
    where
        T: Clone,
    {
        let mut sought = Sought {
            hash: self.hasher.hash_one(key),
            own: None,
            found: None,
            others: Vec::new(),
        };
        let is = |other: &K| *other == *key;
        self.visit(&mut sought, Right::Look, is, |key, value| {
            Some((key?.clone(), value.clone()?))
        })
    }

    fn unsought(&self, key: &Arc<Hashed<K>>) -> Sought<K> {
        Sought {
            hash: key.hash,
            own: Some(key.clone()),
            found: None,
            others: Vec::new(),
        }
    }

    fn visit<R>(
        &self,
        sought: &mut Sought<K>,
        right: Right,
        is: impl Fn(&K) -> bool,
        section: impl FnOnce(Option<&Arc<Hashed<K>>>, &mut Option<T>) -> R,
    ) -> R {
        let part = self.part(sought.hash);
        let mut section = Some(section);
        loop {
            let (attempt, left) = part.entries.with(|entries| {
                if let Some(hold) = entries.hold_against(right) {
                    return (Attempt::Wait(hold), None);
                }
                let at = match entries.position(sought) {
                    Err(unknown) => return (Attempt::Compare(unknown), None),
                    Ok(at) => at,
                };
                let section = section.take().expect("it runs once");
                let (result, left) = entries.change(sought, at, section);
                (Attempt::Done(result), left)
            });
            drop(left);
            match attempt {
                Attempt::Done(result) => return result,
                Attempt::Compare(unknown) => sought.compare(unknown, &is),
                Attempt::Wait(hold) => self.wait(sought.hash, hold),
            }
        }
    }
}
