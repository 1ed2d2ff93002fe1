//! Bags: maps by keys of the user's, each with a list of shared values.

use std::hash::Hash;
use std::marker::PhantomData;
use std::sync::Arc;

use super::kind::Admission;
use super::many::{KeyGroup, change_all, group};
use super::store::{Attempts, Gate, Store, copy, own, release, updating};
use crate::process::keyed::{Hashed, Keyed, Right, Sought};
use crate::process::panic::{OneByOne, Pair, Shared};
use crate::process::sync::PARTS;

/// The store of a bag, whose values come in by `A`.
#[allow(missing_debug_implementations, reason = "users have none")]
pub struct Bags<K, V, A> {
    map: Keyed<K, Arc<Many<V>>>,
    gate: Gate,
    admission: PhantomData<fn() -> A>,
}

/// The values of a key, which are never none.
type Many<V> = Vec<Shared<V>>;

impl<K, V, A> Default for Bags<K, V, A> {
    fn default() -> Self {
        Self {
            map: Keyed::new(PARTS),
            gate: Gate::default(),
            admission: PhantomData,
        }
    }
}

/// Whether these are the values that were seen before.
fn is_same<V>(present: Option<&Arc<Many<V>>>, seen: Option<&Arc<Many<V>>>) -> bool {
    match (present, seen) {
        (Some(present), Some(seen)) => Arc::ptr_eq(present, seen),
        (None, None) => true,
        _ => false,
    }
}

/// Appends values, and returns the former list if another thread still reads it.
fn append<V>(present: &mut Option<Arc<Many<V>>>, values: &mut Many<V>) -> Option<Arc<Many<V>>> {
    let many = present.get_or_insert_default();
    if let Some(many) = Arc::get_mut(many) {
        many.append(values);
        return None;
    }
    let mut copy = Vec::with_capacity(many.len() + values.len());
    copy.extend(many.iter().cloned());
    copy.append(values);
    Some(std::mem::replace(many, Arc::new(copy)))
}

impl<K, V, A> Bags<K, V, A>
where
    K: Eq + Hash + 'static,
    A: Admission<V>,
{
    /// The elements of `values` that are added to the present ones.
    fn admitted(present: Option<&Arc<Many<V>>>, values: &[Shared<V>]) -> Many<V> {
        let present = present.map_or(&[][..], |present| present);
        let mut admitted = Vec::new();
        for value in values {
            if A::admits(present, value) && A::admits(&admitted, value) {
                admitted.push(value.clone());
            }
        }
        admitted
    }

    /// Inserts objects of several keys, if no other thread has changed the values of one of the keys meanwhile.
    fn try_insert(
        &self,
        groups: &[KeyGroup<K, V>],
        sought: &mut [Sought<K>],
        only_new: bool,
    ) -> Option<bool> {
        let seen: Vec<_> = sought
            .iter()
            .map(|key| self.map.change(key, |present| present.clone()))
            .collect();
        let mut admitted: Vec<Many<V>> = seen
            .iter()
            .zip(groups)
            .map(|(present, (_, values))| Self::admitted(present.as_ref(), values))
            .collect();
        let is_current = |sought: &[Sought<K>]| {
            let mut keys = sought.iter().zip(&seen);
            let same = |(key, seen): (&Sought<K>, &Option<Arc<Many<V>>>)| {
                self.map
                    .change(key, |present| is_same(present.as_ref(), seen.as_ref()))
            };
            !A::COMPARES || keys.all(same)
        };
        change_all(&self.map, &self.gate, sought, is_current, |sought| {
            if only_new && sought.iter().any(Sought::is_found) {
                return false;
            }
            for (key, values) in sought.iter().zip(&mut admitted) {
                if !values.is_empty() {
                    self.map.change(key, |present| append(present, values));
                }
            }
            true
        })
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
        let found = self.map.look(key, |_, values| values.clone());
        let values = found.iter().flat_map(|values| values.iter());
        let copies: OneByOne<_> = values.map(copy).collect();
        if let Some(values) = found.and_then(Arc::into_inner) {
            values.into_iter().for_each(release);
        }
        copies.into_vec()
    }

    fn contains(&self, key: &K) -> bool {
        self.map.look(key, |_, _| ()).is_some()
    }

    fn put(&self, object: Pair<K, V>, only_new: bool) -> bool {
        if A::COMPARES {
            return self.insert(vec![object], only_new);
        }
        let mut value = vec![Arc::new(object.value)];
        self.map
            .entry(object.key.into_inner(), |_, present| {
                if only_new && present.is_some() {
                    return (false, None);
                }
                (true, append(present, &mut value))
            })
            .0
    }

    fn insert(&self, objects: Vec<Pair<K, V>>, only_new: bool) -> bool {
        let groups = group(&self.map, objects);
        let mut sought: Vec<_> = groups.iter().map(|(key, _)| self.map.seek(key)).collect();
        let mut attempts = Attempts::new(&self.gate);
        loop {
            if let Some(inserted) = self.try_insert(&groups, &mut sought, only_new) {
                return inserted;
            }
            attempts.failed();
        }
    }

    fn take(&self, key: &K) -> Vec<V> {
        let taken = self
            .map
            .find_own(key, Right::Change, Option::take)
            .flatten();
        taken.map_or_else(Vec::new, |values| match Arc::try_unwrap(values) {
            Ok(values) => values
                .into_iter()
                .map(own)
                .collect::<OneByOne<_>>()
                .into_vec(),
            Err(shared) => shared.iter().map(copy).collect::<OneByOne<_>>().into_vec(),
        })
    }

    fn delete(&self, key: &K) {
        drop(self.map.find_own(key, Right::Change, Option::take));
    }

    fn remove_if(&self, mut goes: impl FnMut(&K, &V) -> bool) -> usize {
        let objects = self.objects();
        let mut picked: Vec<(Arc<Hashed<K>>, Many<V>)> = Vec::new();
        for (key, value) in &objects {
            if !updating(|| goes(key.key(), value)) {
                continue;
            }
            match picked.last_mut() {
                Some((last, values)) if Arc::ptr_eq(last, key) => values.push(value.clone()),
                _ => picked.push((key.clone(), vec![value.clone()])),
            }
        }
        let removed = self.map.all_at_once(self.map.all_parts(), || {
            let mut removed = Vec::new();
            for (key, values) in &picked {
                let goes = |value: &Shared<V>| values.iter().any(|it| Arc::ptr_eq(it, value));
                self.map.at(key, Right::Held, |present| {
                    let Some(many) = present else { return };
                    let (gone, stay): (Vec<_>, Vec<_>) = many.iter().cloned().partition(goes);
                    *present = (!stay.is_empty()).then(|| Arc::new(stay));
                    removed.extend(gone);
                });
            }
            removed
        });
        let count = removed.len();
        drop((removed, picked, objects));
        count
    }

    fn clear(&self) -> usize {
        let removed = self.map.clear();
        removed.iter().map(|(_, values)| values.len()).sum()
    }

    fn each(&self, mut f: impl FnMut(&K, &V)) {
        let objects = self.objects();
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
        self.map.pick(|_, values| Some(values.len())).iter().sum()
    }

    fn gate(&self) -> &Gate {
        &self.gate
    }
}

impl<K, V, A> Bags<K, V, A> {
    fn objects(&self) -> Vec<(Arc<Hashed<K>>, Shared<V>)> {
        let keys = self
            .map
            .pick(|key, values| Some((key.clone(), values.clone())));
        let mut objects = Vec::new();
        for (key, values) in &keys {
            objects.extend(values.iter().map(|value| (key.clone(), value.clone())));
        }
        objects
    }
}
