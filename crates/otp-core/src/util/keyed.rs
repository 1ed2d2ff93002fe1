//! A concurrent map by keys of the user's types, none of whose code runs under its locks.
//!
//! `Hash` and `Eq` of a key are the user's code, so they cannot decide anything inside a critical section. A key is
//! hashed before the lock is taken, and the map itself knows hashes only. Keys that share a hash are compared between
//! two critical sections: the first hands out the keys that have not been compared yet, and the second acts if there
//! are no further ones. A thread repeats this only if another one has entered a key with the same hash in between.
//! Keys of [types](super::plain) that run no code of the user's are compared at once.
//!
//! Keys and other removed values leave the critical section with its result.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::{BuildHasher, Hash};
use std::mem;
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::entries::{Bucket, Hold, Shard};
pub(crate) use super::entries::{Hashed, Right, Sought};
use super::large;
use super::lock::{Lock, Turn};
use super::panic;

/// See the [module's documentation](self). `T` is the runtime's: to move or to clone it runs no foreign code.
pub(crate) struct Keyed<K, T> {
    hasher: RandomState,
    parts: Box<[Part<K, T>]>,
    /// Held by a change of many entries and by a walk, so that a walk sees either all of such a change or nothing of
    /// it. Locked before the parts.
    many: Lock<()>,
}

struct Part<K, T> {
    entries: Lock<Shard<K, T>>,
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
    /// A map of so many parts, each with its lock; their number is a power of two.
    pub(crate) fn new(parts: usize) -> Self {
        const { large::assert_value::<K>() };
        let part = || Part {
            entries: Lock::default(),
            turn: Turn::new(()),
        };
        Self {
            hasher: RandomState::default(),
            parts: std::iter::repeat_with(part)
                .take(parts.next_power_of_two())
                .collect(),
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

    /// The values that `pick` returns for entries. It runs in critical sections, one for each part of the map: of other
    /// threads' changes of single entries it sees some, of a change of many entries all or nothing.
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

    /// Runs a critical section in which many entries of these parts change, in one step for all others: no other thread
    /// reads or changes the parts meanwhile.
    pub(crate) fn all_at_once<R>(
        &self,
        parts: impl IntoIterator<Item = usize>,
        section: impl FnOnce() -> R,
    ) -> R {
        struct HeldParts<'a, K, T>(Vec<&'a Part<K, T>>);

        impl<K, T> Drop for HeldParts<'_, K, T> {
            fn drop(&mut self) {
                for part in &self.0 {
                    part.entries.with(|entries| entries.hold = Hold::Free);
                }
            }
        }

        let mut parts: Vec<usize> = parts.into_iter().collect();
        parts.sort_unstable();
        parts.dedup();
        let mut section = Some(section);
        loop {
            let attempt = self.many.with(|()| {
                let mut held = HeldParts(Vec::with_capacity(parts.len()));
                for number in &parts {
                    let part = &self.parts[*number];
                    let free = part.entries.with(|entries| {
                        let free = entries.hold == Hold::Free;
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
            found: Some(key.clone()),
            ..Sought::unknown(key.hash)
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

    /// Whether the key is still in the map, or still absent, as when it was looked up. Runs no foreign code.
    pub(crate) fn is_settled(&self, sought: &Sought<K>) -> bool {
        let entries = &self.part(sought.hash).entries;
        entries.with(|entries| match entries.position(sought) {
            Ok(at) => at.is_some() == sought.found.is_some(),
            Err(_) => false,
        })
    }

    /// Runs `section` on the value of a key. The caller knows that the key [is settled](Self::is_settled), and that no
    /// other thread changes the map.
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

    /// Runs `f` while no other thread changes the part of the map that the key belongs to. `f` is not in a critical
    /// section.
    pub(crate) fn in_turn<R>(&self, key: &Arc<Hashed<K>>, f: impl FnOnce() -> R) -> R {
        struct TakenPart<'a, K, T>(&'a Part<K, T>);

        impl<K, T> Drop for TakenPart<'_, K, T> {
            fn drop(&mut self) {
                self.0.entries.with(|entries| entries.hold = Hold::Free);
            }
        }

        let part = self.part(key.hash);
        part.turn.take(|()| {
            // No other thread sets or ends the hold of the turn. A change of many entries may be in progress.
            while !part.entries.with(|entries| {
                let free = entries.hold == Hold::Free;
                if free {
                    entries.hold = Hold::Turn;
                }
                free
            }) {
                self.wait(key.hash, Hold::Many);
            }
            let _taken = TakenPart(part);
            f()
        })
    }

    fn wait(&self, hash: u64, hold: Hold) {
        match hold {
            Hold::Free => {}
            Hold::Turn => self.part(hash).turn.wait(),
            Hold::Many => self.many.with(|()| ()),
        }
    }

    fn part(&self, hash: u64) -> &Part<K, T> {
        &self.parts[self.number(hash)]
    }

    fn number(&self, hash: u64) -> usize {
        // The low bits choose the bucket in the part, and the highest bits distinguish its entries.
        (hash >> 32) as usize & (self.parts.len() - 1)
    }
}

impl<K: Eq + Hash + 'static, T> Keyed<K, T> {
    pub(crate) fn hashed(&self, key: K) -> Arc<Hashed<K>> {
        Arc::new(self.hash(key))
    }

    fn hash(&self, key: K) -> Hashed<K> {
        // Before the key is hashed: if the hash panics, the destructor may panic, too.
        let mut hashed = Hashed {
            hash: 0,
            key: Some(key),
        };
        hashed.hash = self.hasher.hash_one(hashed.key());
        hashed
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
        sought.compared = 0;
        let is = |other: &K| *other == *own.key();
        self.visit(sought, Right::Look, false, is, |_, _| ());
    }

    /// Runs `section` on the value of a key, which is in the map afterwards if the value is there.
    pub(crate) fn entry<R>(
        &self,
        key: K,
        section: impl FnOnce(&Arc<Hashed<K>>, &mut Option<T>) -> R,
    ) -> R {
        // It becomes a handle only if it is entered.
        let own = self.hash(key);
        let hash = own.hash;
        let mut sought = Sought::unknown(hash);
        let mut own = Some(own);
        let is = |own: &Option<Hashed<K>>, other: &K| {
            own.as_ref().is_some_and(|own| *other == *own.key())
        };
        let mut section = Some(section);
        loop {
            let (attempt, left) = self.part(hash).entries.with(|entries| {
                if let Some(hold) = entries.hold_against(Right::Change) {
                    return (Attempt::Wait(hold), None);
                }
                let at = match entries.position_of(&sought, true, |other| is(&own, other)) {
                    Err(unknown) => return (Attempt::Compare(entries.key(hash, unknown)), None),
                    Ok(at) => at,
                };
                let section = section.take().expect("it runs once");
                let (result, left) = match at {
                    Some(at) => entries.change_at(hash, at, section),
                    None => {
                        let own = own.take().expect("it is entered once");
                        entries.add(Arc::new(own), section)
                    }
                };
                (Attempt::Done(result), left)
            });
            drop(left);
            match attempt {
                Attempt::Done(result) => return result,
                Attempt::Compare(unknown) => sought.compare(unknown, |other| is(&own, other)),
                Attempt::Wait(hold) => self.wait(hash, hold),
            }
        }
    }

    /// The same, with a handle.
    pub(crate) fn enter<R>(
        &self,
        key: &Arc<Hashed<K>>,
        section: impl FnOnce(&Arc<Hashed<K>>, &mut Option<T>) -> R,
    ) -> R {
        let mut sought = self.unsought(key);
        let is = |other: &K| *other == *key.key();
        self.visit(&mut sought, Right::Change, false, is, |key, value| {
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
        let mut sought = Sought::unknown(self.hasher.hash_one(key));
        let is = |other: &K| *other.borrow() == *key;
        self.visit(&mut sought, right, false, is, |_, value| {
            value.is_some().then(|| section(value))
        })
    }

    /// The same, where the key is of the map's own type.
    #[inline]
    pub(crate) fn find_own<R>(
        &self,
        key: &K,
        right: Right,
        section: impl FnOnce(&mut Option<T>) -> R,
    ) -> Option<R> {
        let mut sought = Sought::unknown(self.hasher.hash_one(key));
        let is = |other: &K| *other == *key;
        self.visit(&mut sought, right, true, is, |_, value| {
            value.is_some().then(|| section(value))
        })
    }

    /// The result of `section` for a key's handle and value. It only copies the value, and may get that of another key:
    /// so the key is compared when the copy exists already, and need not be looked up again.
    #[inline]
    pub(crate) fn look<R>(&self, key: &K, section: impl Fn(&Arc<Hashed<K>>, &T) -> R) -> Option<R> {
        let mut sought = Sought::unknown(self.hasher.hash_one(key));
        let hash = sought.hash;
        let is = |other: &K| *other == *key;
        loop {
            let (attempt, seen) = self.part(hash).entries.with(|entries| {
                if let Some(hold) = entries.hold_against(Right::Look) {
                    return (Attempt::Wait(hold), None);
                }
                let see = |at| {
                    let entry = entries.entry(hash, at);
                    let value = entry.value.as_ref();
                    value.map(|value| section(&entry.key, value))
                };
                match entries.position_of(&sought, true, is) {
                    Ok(at) => (Attempt::Done(at.and_then(see)), None),
                    Err(unknown) => {
                        let key = entries.key(hash, unknown);
                        (Attempt::Compare(key), see(unknown))
                    }
                }
            });
            match attempt {
                Attempt::Done(seen) => return seen,
                Attempt::Compare(unknown) => {
                    sought.compare(unknown, is);
                    if sought.is_found() {
                        return seen;
                    }
                    // It may be the last copy of another key's value.
                    panic::run_quietly(|| drop(seen));
                }
                Attempt::Wait(hold) => self.wait(hash, hold),
            }
        }
    }

    fn unsought(&self, key: &Arc<Hashed<K>>) -> Sought<K> {
        Sought {
            own: Some(key.clone()),
            ..Sought::unknown(key.hash)
        }
    }

    /// `by_own` says that `is` compares keys of the map's own type.
    #[inline]
    fn visit<R>(
        &self,
        sought: &mut Sought<K>,
        right: Right,
        by_own: bool,
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
                let at = match entries.position_of(sought, by_own, &is) {
                    Err(unknown) => {
                        return (Attempt::Compare(entries.key(sought.hash, unknown)), None);
                    }
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
