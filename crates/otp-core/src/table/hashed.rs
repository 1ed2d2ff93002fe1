//! Sets and bags: maps by keys of the user's, with atomic operations on many keys.
//!
//! Values are shared. What a critical section hands out is another hold on a value: it is copied, compared and dropped
//! outside, since all of these are the user's code.

use std::collections::HashMap;
use std::hash::Hash;
use std::marker::PhantomData;
use std::sync::Arc;

use super::kind::Admission;
use super::store::{
    Attempts, Counted, OneByOne, Store, UniqueStore, add, copy, drop_values, own, updating,
};
use super::values::Counter;
use crate::process::keyed::{Hashed, Keyed, Right, Sought};
use crate::process::sync::PARTS;

/// The store of a set.
#[allow(missing_debug_implementations, reason = "nobody outside has one")]
pub struct Values<K, V>(Keyed<K, Arc<V>>);

impl<K, V> Default for Values<K, V> {
    fn default() -> Self {
        Self(Keyed::new(PARTS))
    }
}

/// Objects that have the same key, in their order.
type Group<K, V> = (Arc<Hashed<K>>, Vec<Arc<V>>);

fn group<K: Eq + Hash, V, T>(map: &Keyed<K, T>, objects: Vec<(K, V)>) -> Vec<Group<K, V>> {
    let mut by_hash: HashMap<u64, Vec<usize>> = HashMap::new();
    let mut groups: Vec<Group<K, V>> = Vec::new();
    for (key, value) in objects {
        let (key, value) = (map.hashed(key), Arc::new(value));
        let alike = by_hash.entry(key.hash()).or_default();
        match alike.iter().find(|nth| groups[**nth].0.key() == key.key()) {
            Some(nth) => groups[*nth].1.push(value),
            None => {
                alike.push(groups.len());
                groups.push((key, vec![value]));
            }
        }
    }
    groups
}

/// Runs `section`, in which all these keys change in one step, once it is known which of them are there; `is_current` says
/// whether what else the caller relies on is still so. Returns nothing if it is not, and nothing has changed then.
fn change_all<K: Eq + Hash, T, R>(
    map: &Keyed<K, T>,
    sought: &mut [Sought<K>],
    is_current: impl Fn(&[Sought<K>]) -> bool,
    section: impl FnOnce(&[Sought<K>]) -> R,
) -> Option<R> {
    let (mut section, mut attempts) = (Some(section), Attempts::new());
    loop {
        let parts: Vec<usize> = map.parts_of(sought.iter()).collect();
        let attempt = map.all_at_once(parts, || {
            let unsettled: Vec<usize> = (0..sought.len())
                .filter(|nth| !map.is_settled(&sought[*nth]))
                .collect();
            if !unsettled.is_empty() {
                return Err(unsettled);
            }
            Ok(is_current(sought).then(|| section.take().expect("it runs once")(sought)))
        });
        match attempt {
            Ok(result) => {
                Attempts::succeeded();
                return result;
            }
            Err(unsettled) => {
                for nth in unsettled {
                    map.seek_again(&mut sought[nth]);
                }
                attempts.failed();
            }
        }
    }
}

impl<K, V> Store<K, V> for Values<K, V>
where
    K: Eq + Hash + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    type Found = Option<V>;

    fn get(&self, key: &K) -> Option<V> {
        let value = self.0.find(key, Right::Look, |value| value.clone());
        value.flatten().map(|value| copy(&value))
    }

    fn contains(&self, key: &K) -> bool {
        self.0.find(key, Right::Look, |_| ()).is_some()
    }

    fn put(&self, key: K, value: V, only_new: bool) -> bool {
        let mut value = Some(Arc::new(value));
        let inserted = self.0.entry(key, |_, present| {
            let inserts = !only_new || present.is_none();
            if inserts {
                std::mem::swap(present, &mut value);
            }
            inserts
        });
        Attempts::succeeded();
        // The former one, or the one that was refused.
        drop(value);
        inserted
    }

    fn insert(&self, objects: Vec<(K, V)>, only_new: bool) -> bool {
        let groups = group(&self.0, objects);
        let mut sought: Vec<_> = groups.iter().map(|(key, _)| self.0.seek(key)).collect();
        // Of several values for a key the last one counts.
        let mut values: Vec<Arc<V>> = Vec::new();
        let mut last = Vec::new();
        for (_, of_key) in groups {
            values.extend(of_key);
            last.push(values.pop());
        }
        let inserted = change_all(
            &self.0,
            &mut sought,
            |_| true,
            |sought| {
                if only_new && sought.iter().any(Sought::is_found) {
                    return false;
                }
                for (key, value) in sought.iter().zip(&mut last) {
                    self.0.change(key, |present| std::mem::swap(present, value));
                }
                true
            },
        );
        drop_values(values.into_iter().chain(last.into_iter().flatten()));
        inserted.unwrap_or_default()
    }

    fn take(&self, key: &K) -> Option<V> {
        let taken = self.0.find(key, Right::Change, Option::take);
        Attempts::succeeded();
        taken.flatten().map(own)
    }

    fn remove_if(&self, mut goes: impl FnMut(&K, &V) -> bool) -> usize {
        let mut picked = self.0.pick(|key, value| Some((key.clone(), value.clone())));
        picked.retain(|(key, value)| updating(|| goes(key.key(), value)));
        let removed = self.0.all_at_once(self.0.all_parts(), || {
            let same = |(key, value): &(Arc<Hashed<K>>, Arc<V>)| {
                let removed = self.0.at(key, Right::Held, |present| {
                    present.take_if(|present| Arc::ptr_eq(present, value))
                });
                removed.flatten()
            };
            picked.iter().filter_map(same).collect::<Vec<_>>()
        });
        let count = removed.len();
        drop_values(removed);
        drop_values(picked.into_iter().map(|(_, value)| value));
        count
    }

    fn clear(&self) -> usize {
        let removed = self.0.clear();
        let count = removed.len();
        drop_values(removed.into_iter().map(|(_, value)| value));
        count
    }

    fn each(&self, mut f: impl FnMut(&K, &V)) {
        let objects = self.0.pick(|key, value| Some((key.clone(), value.clone())));
        for (key, value) in OneByOne::new(objects).iter() {
            f(key.key(), value);
        }
    }

    fn all(&self) -> Vec<(K, V)> {
        let mut all = Vec::new();
        self.each(|key, value| all.push((key.clone(), value.clone())));
        all
    }

    fn len(&self) -> usize {
        self.0.len()
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
        let (mut absent, mut f, mut attempts) = (Some(absent), f, Attempts::new());
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
                    .change(&sought, |present| std::mem::swap(present, &mut value));
                Ok(made)
            });
            match attempt {
                Ok(made) => {
                    Attempts::succeeded();
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
        let counted = self.0.find(key, Right::Change, |value| {
            value.as_mut().map(|value| add(value, increment))
        });
        let (None, Some(absent)) = (counted.flatten(), absent) else {
            return counted.flatten().unwrap_or(Counted::Absent);
        };
        self.0.entry(key.clone(), |_, value| {
            let was_absent = value.is_none();
            let counted = add(value.get_or_insert_with(|| Arc::new(absent)), increment);
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
    /// Changes a copy of the value of a key and puts it in the place of the value; gives `f` back if there is no such key.
    fn update_present<T, F: FnOnce(&mut V) -> T>(&self, key: &K, f: F) -> Result<T, F> {
        let (mut f, mut attempts) = (f, Attempts::new());
        while let Some((handle, value)) = self.0.get(key) {
            let mut changed = Some(copy(&value));
            let attempt = self.0.in_turn(&handle, || {
                let is_same = |present: &mut Option<Arc<V>>| {
                    present.as_ref().is_some_and(|it| Arc::ptr_eq(it, &value))
                };
                if self.0.at(&handle, Right::Held, is_same) != Some(true) {
                    return Err(f);
                }
                let made = updating(|| f(changed.as_mut().expect("it is changed once")));
                let mut new = changed.take().map(Arc::new);
                let swap = |present: &mut Option<Arc<V>>| std::mem::swap(present, &mut new);
                self.0.at(&handle, Right::Held, swap);
                // The former value, to be dropped outside of the turn.
                Ok((made, new))
            });
            match attempt {
                Ok((made, former)) => {
                    Attempts::succeeded();
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

/// The store of a bag, whose values come in by `A`.
#[allow(missing_debug_implementations, reason = "nobody outside has one")]
pub struct Bags<K, V, A> {
    map: Keyed<K, Arc<Many<V>>>,
    admission: PhantomData<fn() -> A>,
}

/// The values of a key, which are never none.
type Many<V> = Vec<Arc<V>>;

impl<K, V, A> Default for Bags<K, V, A> {
    fn default() -> Self {
        Self {
            map: Keyed::new(PARTS),
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

/// Appends values, and returns the former list if somebody else still looks at it.
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
    K: Eq + Hash,
    A: Admission<V>,
{
    /// Those of `values` that go in beside the present ones.
    fn admitted(present: Option<&Arc<Many<V>>>, values: &[Arc<V>]) -> Many<V> {
        let present = present.map_or(&[][..], |present| present);
        let mut admitted = Vec::new();
        for value in values {
            if A::admits(present, value) && A::admits(&admitted, value) {
                admitted.push(value.clone());
            }
        }
        admitted
    }

    /// Inserts what belongs to several keys, if nobody else has changed the values of one meanwhile.
    fn try_insert(
        &self,
        groups: &[Group<K, V>],
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
        change_all(&self.map, sought, is_current, |sought| {
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
        let found = self.map.find(key, Right::Look, |values| values.clone());
        let found = found.flatten();
        let values = found.iter().flat_map(|values| values.iter());
        values.map(copy).collect()
    }

    fn contains(&self, key: &K) -> bool {
        self.map.find(key, Right::Look, |_| ()).is_some()
    }

    fn put(&self, key: K, value: V, only_new: bool) -> bool {
        if A::COMPARES {
            return self.insert(vec![(key, value)], only_new);
        }
        let mut value = vec![Arc::new(value)];
        self.map
            .entry(key, |_, present| {
                if only_new && present.is_some() {
                    return (false, None);
                }
                (true, append(present, &mut value))
            })
            .0
    }

    fn insert(&self, objects: Vec<(K, V)>, only_new: bool) -> bool {
        let groups = group(&self.map, objects);
        let mut sought: Vec<_> = groups.iter().map(|(key, _)| self.map.seek(key)).collect();
        let mut attempts = Attempts::new();
        let inserted = loop {
            if let Some(inserted) = self.try_insert(&groups, &mut sought, only_new) {
                break inserted;
            }
            attempts.failed();
        };
        drop_values(groups.into_iter().flat_map(|(_, values)| values));
        inserted
    }

    fn take(&self, key: &K) -> Vec<V> {
        let taken = self.map.find(key, Right::Change, Option::take).flatten();
        taken.map_or_else(Vec::new, |values| match Arc::try_unwrap(values) {
            Ok(values) => values.into_iter().map(own).collect(),
            Err(shared) => shared.iter().map(copy).collect(),
        })
    }

    fn remove_if(&self, mut goes: impl FnMut(&K, &V) -> bool) -> usize {
        let objects = OneByOne::new(self.objects());
        let mut picked: Vec<(Arc<Hashed<K>>, Many<V>)> = Vec::new();
        for (key, value) in objects.iter() {
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
                let goes = |value: &Arc<V>| values.iter().any(|it| Arc::ptr_eq(it, value));
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
        drop(objects);
        drop_values(picked.into_iter().flat_map(|(_, values)| values));
        drop_values(removed);
        count
    }

    fn clear(&self) -> usize {
        let removed = self.map.clear();
        let mut values = Vec::new();
        for (_, many) in removed {
            values.extend(many.iter().cloned());
        }
        let count = values.len();
        drop_values(values);
        count
    }

    fn each(&self, mut f: impl FnMut(&K, &V)) {
        for (key, value) in OneByOne::new(self.objects()).iter() {
            f(key.key(), value);
        }
    }

    fn all(&self) -> Vec<(K, V)> {
        let mut all = Vec::new();
        self.each(|key, value| all.push((key.clone(), value.clone())));
        all
    }

    fn len(&self) -> usize {
        self.map.pick(|_, values| Some(values.len())).iter().sum()
    }
}

impl<K, V, A> Bags<K, V, A> {
    fn objects(&self) -> Vec<(Arc<Hashed<K>>, Arc<V>)> {
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
