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

use super::entries::{Bucket, Entries, Hold};
pub(crate) use super::entries::{Hashed, Right, Sought};
use super::lock::{Lock, Turn};

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

/// How an attempt has ended.
enum Attempt<R, K> {
    Done(R),
    /// This key must be compared first.
    Compare(Arc<Hashed<K>>),
    /// This must be waited for.
    Wait(Hold),
}

impl<K, T> Keyed<K, T> {
    /// A map of so many parts, each with its lock.
    pub(crate) fn new(parts: usize) -> Self {
        let part = || Part {
            entries: Lock::default(),
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
