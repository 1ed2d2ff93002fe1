//! Sets: maps by keys of the user's, with atomic operations on many keys.
//!
//! Values are shared. A critical section returns a reference to a value. The value is cloned, compared and dropped
//! outside, because all of these run the user's code.

use std::hash::Hash;
use std::mem;
use std::sync::Arc;

use super::many::{change_all, group};
use super::store::{
    Attempts, Counted, Gate, Store, UniqueStore, add, copy, own, release, updating,
};
use super::values::Counter;
use crate::process::keyed::{Hashed, Keyed, Right, Sought};
use crate::process::panic::{OneOfMany, Pair, Shared, shared};
use crate::process::sync::PARTS;
use crate::util::plain::is_copied_plainly;

/// The store of a set.
#[allow(missing_debug_implementations, reason = "users have none")]
pub struct Values<K, V>(Keyed<K, Shared<V>>, Gate);

impl<K, V> Default for Values<K, V> {
    fn default() -> Self {
        Self(Keyed::new(PARTS), Gate::default())
    }
}

impl<K, V> Store<K, V> for Values<K, V>
where
    K: Eq + Hash + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    type Found = Option<V>;

    fn get(&self, key: &K) -> Option<V> {
        if is_copied_plainly::<V>() {
            return self.0.look(key, |_, value| copy(value));
        }
        let value = self.0.look(key, |_, value| value.clone());
        value.map(|value| {
            let copied = copy(&value);
            release(value);
            copied
        })
    }

    fn contains(&self, key: &K) -> bool {
        self.0.look(key, |_, _| ()).is_some()
    }

    fn put(&self, object: Pair<K, V>, only_new: bool) -> bool {
        let mut value = Some(object.value);
        let (inserted, former) = self.0.entry(object.key.into_inner(), |_, present| {
            if only_new && present.is_some() {
                return (false, None);
            }
            if let Some(place) = present.as_mut().and_then(Arc::get_mut) {
                // The former value has no other holder.
                value = value.take().map(|value| mem::replace(place, value));
                return (true, None);
            }
            (true, mem::replace(present, value.take().map(Arc::new)))
        });
        // One of them is the former one, or the one that was refused.
        drop((value, former));
        inserted
    }

    fn insert(&self, objects: Vec<Pair<K, V>>, only_new: bool) -> bool {
        let groups = group(&self.0, objects);
        let mut sought: Vec<_> = groups.iter().map(|(key, _)| self.0.seek(key)).collect();
        // Of several values for a key the last one counts.
        let mut values = Vec::new();
        let mut last = Vec::new();
        for (_, of_key) in groups {
            values.extend(of_key);
            last.push(values.pop());
        }
        let inserted = change_all(
            &self.0,
            &self.1,
            &mut sought,
            |_| true,
            |sought| {
                if only_new && sought.iter().any(Sought::is_found) {
                    return false;
                }
                for (key, value) in sought.iter().zip(&mut last) {
                    self.0.change(key, |present| mem::swap(present, value));
                }
                true
            },
        );
        drop((values, last));
        inserted.unwrap_or_default()
    }

    fn take(&self, key: &K) -> Option<V> {
        let taken = self.0.find_own(key, Right::Change, Option::take);
        taken.flatten().map(own)
    }

    fn delete(&self, key: &K) {
        drop(self.0.find_own(key, Right::Change, Option::take));
    }

    fn remove_if(&self, mut goes: impl FnMut(&K, &V) -> bool) -> usize {
        let mut picked = self.0.pick(|key, value| Some((key.clone(), value.clone())));
        picked.retain(|(key, value)| updating(|| goes(key.key(), value)));
        let removed = self.0.all_at_once(self.0.all_parts(), || {
            let same = |(key, value): &(Arc<Hashed<K>>, Shared<V>)| {
                let removed = self.0.at(key, Right::Held, |present| {
                    present.take_if(|present| Arc::ptr_eq(present, value))
                });
                removed.flatten()
            };
            picked.iter().filter_map(same).collect::<Vec<_>>()
        });
        let count = removed.len();
        drop((removed, picked));
        count
    }

    fn clear(&self) -> usize {
        self.0.clear().len()
    }

    fn each(&self, mut f: impl FnMut(&K, &V)) {
        let objects = self.0.pick(|key, value| Some((key.clone(), value.clone())));
        for (key, value) in &objects {
            f(key.key(), value);
        }
        objects.into_iter().for_each(|(_, value)| release(value));
    }

    fn all(&self) -> Vec<Pair<K, V>> {
        let mut all = Vec::new();
        self.each(|key, value| all.push(Pair::of(key, value)));
        all
    }

    fn len(&self) -> usize {
        self.0.len()
    }

    fn gate(&self) -> &Gate {
        &self.1
    }
}

impl<K, V> UniqueStore<K, V> for Values<K, V>
where
    K: Eq + Hash + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    fn update<T>(&self, key: &K, f: impl FnOnce(&mut V) -> T) -> Option<T> {
        self.update_present(key, f).ok()
    }

    fn update_or_insert<T>(&self, key: &K, absent: V, f: impl FnOnce(&mut V) -> T) -> T {
        let mut absent = Some(OneOfMany::new(absent));
        let (mut f, mut attempts) = (f, Attempts::new(&self.1));
        loop {
            f = match self.update_present(key, f) {
                Ok(made) => return made,
                Err(f) => f,
            };
            let handle = self.0.hashed(key.clone());
            let sought = self.0.seek(&handle);
            if sought.is_found() {
                attempts.failed();
                continue;
            }
            let attempt = self.0.in_turn(&handle, || {
                if !self.0.is_settled(&sought) {
                    return Err(f);
                }
                // If `f` panics nothing is inserted.
                let made = updating(|| f(absent.as_mut().expect("it is inserted once")));
                let mut value = absent.take().map(Arc::new);
                self.0
                    .change(&sought, |present| mem::swap(present, &mut value));
                Ok(made)
            });
            match attempt {
                Ok(made) => {
                    return made;
                }
                Err(again) => f = again,
            }
            attempts.failed();
        }
    }

    fn count(&self, key: &K, increment: V, absent: Option<V>) -> Counted<V>
    where
        V: Counter,
    {
        let counted = self.0.find_own(key, Right::Change, |value| {
            value.as_mut().map(|value| add(value, increment))
        });
        let (None, Some(absent)) = (counted.flatten(), absent) else {
            return counted.flatten().unwrap_or(Counted::Absent);
        };
        self.0.entry(key.clone(), |_, value| {
            let was_absent = value.is_none();
            let counted = add(value.get_or_insert_with(|| shared(absent)), increment);
            if was_absent && matches!(counted, Counted::Overflow) {
                *value = None;
            }
            counted
        })
    }
}

impl<K, V> Values<K, V>
where
    K: Eq + Hash + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// Changes a copy of the value of a key, which then replaces the value; returns `f` if there is no such key.
    fn update_present<T, F: FnOnce(&mut V) -> T>(&self, key: &K, f: F) -> Result<T, F> {
        let (mut f, mut attempts) = (f, Attempts::new(&self.1));
        while let Some((handle, value)) =
            self.0.look(key, |key, value| (key.clone(), value.clone()))
        {
            let mut changed = Some(OneOfMany::new(copy(&value)));
            let attempt = self.0.in_turn(&handle, || {
                let is_same = |present: &mut Option<Shared<V>>| {
                    present.as_ref().is_some_and(|it| Arc::ptr_eq(it, &value))
                };
                if self.0.at(&handle, Right::Held, is_same) != Some(true) {
                    return Err(f);
                }
                let made = updating(|| f(changed.as_mut().expect("it is changed once")));
                let mut new = changed.take().map(Arc::new);
                let swap = |present: &mut Option<Shared<V>>| mem::swap(present, &mut new);
                self.0.at(&handle, Right::Held, swap);
                // The former value, to be dropped outside of the turn.
                Ok((made, new))
            });
            match attempt {
                Ok((made, former)) => {
                    drop((value, former));
                    return Ok(made);
                }
                Err(again) => f = again,
            }
            attempts.failed();
        }
        Err(f)
    }
}
