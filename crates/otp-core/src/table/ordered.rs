//! Ordered sets: a tree that is never changed, and a lock under which another one takes its place.
//!
//! A writer makes a changed tree, which compares keys, and replaces the tree from which it was made. If another writer
//! was faster, it repeats this. So every operation is one step, and a walk sees one tree.

use std::mem;
use std::sync::Arc;

use super::store::{Attempts, Counted, Gate, Store, UniqueStore, add, copy, own, updating};
use super::tree::{Tree, TreeEntry};
use super::values::Counter;
use crate::process::lock::{Lock, Turn};
use crate::process::panic::{OneOfMany, Pair, Shared, shared};

/// The store of an ordered set.
#[allow(missing_debug_implementations, reason = "users have none")]
pub struct Sorted<K, V> {
    root: Lock<Root<K, V>>,
    turn: Turn,
    gate: Gate,
}

struct Root<K, V> {
    tree: Tree<K, V>,
    /// A writer has the turn: others must not change anything.
    taken: bool,
}

/// The writer.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ByKey {
    Anybody,
    /// The writer that has the turn.
    Holder,
}

impl<K, V> Default for Sorted<K, V> {
    fn default() -> Self {
        let root = Root {
            tree: Tree::default(),
            taken: false,
        };
        Self {
            root: Lock::new(root),
            turn: Turn::new(()),
            gate: Gate::default(),
        }
    }
}

impl<K: Ord + Clone, V> Sorted<K, V> {
    pub(crate) fn first(&self) -> Option<K> {
        self.tree().first().map(|entry| (*entry.key).clone())
    }

    pub(crate) fn last(&self) -> Option<K> {
        self.tree().last().map(|entry| (*entry.key).clone())
    }

    pub(crate) fn next(&self, key: &K) -> Option<K> {
        self.tree().after(key).map(|entry| (*entry.key).clone())
    }

    pub(crate) fn prev(&self, key: &K) -> Option<K> {
        self.tree().before(key).map(|entry| (*entry.key).clone())
    }
}

impl<K, V> Sorted<K, V> {
    /// The table as it is now.
    fn tree(&self) -> Tree<K, V> {
        self.root.with(|root| root.tree.clone())
    }

    /// Puts a changed tree in the place of the one that it was made from; false if there is another one by now.
    fn replace(&self, seen: &Tree<K, V>, mut changed: Tree<K, V>, by: ByKey) -> bool {
        let taken = self.root.with(|root| {
            let taken = root.taken && by == ByKey::Anybody;
            if !taken && root.tree.is(seen) {
                mem::swap(&mut root.tree, &mut changed);
                return None;
            }
            Some(taken)
        });
        if taken == Some(true) {
            self.turn.wait();
        }
        taken.is_none()
    }

    /// Replaces the table by the result of `change`, which also returns the values to drop. It is called again if
    /// another writer was faster. Nothing changes if it returns `None`.
    fn change<R>(
        &self,
        by: ByKey,
        mut change: impl FnMut(&Tree<K, V>) -> Option<(Tree<K, V>, R)>,
    ) -> Option<R> {
        let mut attempts = Attempts::new(&self.gate);
        loop {
            let seen = self.tree();
            let (changed, result) = change(&seen)?;
            if self.replace(&seen, changed, by) {
                return Some(result);
            }
            attempts.failed();
        }
    }

    /// Runs `f` while no other thread changes the table. `f` is not in a critical section.
    fn in_turn<R>(&self, f: impl FnOnce() -> R) -> R {
        struct TakenRoot<'a, K, V>(&'a Lock<Root<K, V>>);

        impl<K, V> Drop for TakenRoot<'_, K, V> {
            fn drop(&mut self) {
                self.0.with(|root| root.taken = false);
            }
        }

        self.turn.take(|()| {
            self.root.with(|root| root.taken = true);
            let _taken = TakenRoot(&self.root);
            f()
        })
    }
}

impl<K: Ord, V> Sorted<K, V> {
    /// Has `f` change a value and puts it under a key; gives `f` back if this is not the table's tree any more.
    fn try_update<T, F: FnOnce(&mut V) -> T>(
        &self,
        seen: &Tree<K, V>,
        key: Shared<K>,
        value: &mut Option<OneOfMany<V>>,
        f: F,
    ) -> Result<T, F> {
        // Keys are compared before the turn.
        let path = seen.path(&key);
        self.in_turn(|| {
            if !self.root.with(|root| root.tree.is(seen)) {
                return Err(f);
            }
            let made = updating(|| f(value.as_mut().expect("it is used once")));
            if let Some(value) = value.take().map(Arc::new) {
                // The caller still holds the replaced entry.
                let (changed, _) = seen.put(&path, &TreeEntry { key, value });
                self.replace(seen, changed, ByKey::Holder);
            }
            Ok(made)
        })
    }
}

impl<K, V> Store<K, V> for Sorted<K, V>
where
    K: Ord + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    type Found = Option<V>;

    fn get(&self, key: &K) -> Option<V> {
        self.tree().get(key).map(|entry| copy(&entry.value))
    }

    fn contains(&self, key: &K) -> bool {
        self.tree().get(key).is_some()
    }

    fn put(&self, object: Pair<K, V>, only_new: bool) -> bool {
        let new = TreeEntry {
            key: Arc::new(object.key),
            value: Arc::new(object.value),
        };
        let former = self.change(ByKey::Anybody, |tree| {
            let (changed, former) = tree.with(&new);
            (former.is_none() || !only_new).then_some((changed, former))
        });
        former.is_some()
    }

    fn insert(&self, objects: Vec<Pair<K, V>>, only_new: bool) -> bool {
        let objects = objects.into_iter().map(|object| TreeEntry {
            key: Arc::new(object.key),
            value: Arc::new(object.value),
        });
        let objects: Vec<_> = objects.collect();
        let former = self.change(ByKey::Anybody, |tree| {
            if only_new && objects.iter().any(|new| tree.get(&new.key).is_some()) {
                return None;
            }
            let (mut changed, mut former) = (tree.clone(), Vec::new());
            for new in &objects {
                let (next, gone) = changed.with(new);
                former.extend(gone);
                changed = next;
            }
            Some((changed, former))
        });
        former.is_some()
    }

    fn take(&self, key: &K) -> Option<V> {
        let taken = self.change(ByKey::Anybody, |tree| tree.without(key));
        taken.map(own)
    }

    fn delete(&self, key: &K) {
        drop(self.change(ByKey::Anybody, |tree| tree.without(key)));
    }

    fn remove_if(&self, mut goes: impl FnMut(&K, &V) -> bool) -> usize {
        let mut picked = Vec::new();
        self.tree().each(&mut |entry| {
            if updating(|| goes(&entry.key, &entry.value)) {
                picked.push(entry.clone());
            }
        });
        let removed = self.change(ByKey::Anybody, |tree| {
            let (mut changed, mut removed) = (tree.clone(), Vec::new());
            for entry in &picked {
                let present = changed.get(&entry.key);
                if present.is_some_and(|it| Arc::ptr_eq(&it.value, &entry.value))
                    && let Some((next, value)) = changed.without(&entry.key)
                {
                    removed.push(value);
                    changed = next;
                }
            }
            (!removed.is_empty()).then_some((changed, removed))
        });
        removed.map_or(0, |removed| removed.len())
    }

    fn clear(&self) -> usize {
        let removed = self.change(ByKey::Anybody, |tree| Some((Tree::default(), tree.clone())));
        let mut values = Vec::new();
        if let Some(tree) = removed {
            tree.each(&mut |entry| values.push(entry.value.clone()));
        }
        values.len()
    }

    fn each(&self, mut f: impl FnMut(&K, &V)) {
        self.tree().each(&mut |entry| f(&entry.key, &entry.value));
    }

    fn all(&self) -> Vec<Pair<K, V>> {
        let mut all = Vec::new();
        self.each(|key, value| all.push(Pair::of(key, value)));
        all
    }

    fn len(&self) -> usize {
        self.root.with(|root| root.tree.len())
    }

    fn gate(&self) -> &Gate {
        &self.gate
    }
}

impl<K, V> UniqueStore<K, V> for Sorted<K, V>
where
    K: Ord + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    fn update<T>(&self, key: &K, f: impl FnOnce(&mut V) -> T) -> Option<T> {
        let (mut f, mut attempts) = (f, Attempts::new(&self.gate));
        loop {
            let seen = self.tree();
            let entry = seen.get(key)?.clone();
            let mut value = Some(OneOfMany::new(copy(&entry.value)));
            match self.try_update(&seen, entry.key, &mut value, f) {
                Ok(made) => return Some(made),
                Err(again) => f = again,
            }
            attempts.failed();
        }
    }

    fn update_or_insert<T>(&self, key: &K, absent: V, f: impl FnOnce(&mut V) -> T) -> T {
        let mut absent = Some(OneOfMany::new(absent));
        let (mut f, mut attempts) = (f, Attempts::new(&self.gate));
        loop {
            let seen = self.tree();
            // If `f` panics nothing is inserted.
            let attempt = match seen.get(key) {
                Some(present) => {
                    let mut value = Some(OneOfMany::new(copy(&present.value)));
                    self.try_update(&seen, present.key.clone(), &mut value, f)
                }
                None => self.try_update(&seen, shared(key.clone()), &mut absent, f),
            };
            match attempt {
                Ok(made) => return made,
                Err(again) => f = again,
            }
            attempts.failed();
        }
    }

    fn count(&self, key: &K, increment: V, absent: Option<V>) -> Counted<V>
    where
        V: Counter,
    {
        let counted = self.change(ByKey::Anybody, |tree| {
            let present = tree.get(key).cloned();
            let mut entry = match (present, absent) {
                (Some(present), _) => present,
                (None, Some(absent)) => TreeEntry {
                    key: shared(key.clone()),
                    value: shared(absent),
                },
                (None, None) => return Some((tree.clone(), Counted::Absent)),
            };
            match add(&mut entry.value, increment) {
                Counted::Sum(sum) => Some((tree.with(&entry).0, Counted::Sum(sum))),
                not => Some((tree.clone(), not)),
            }
        });
        counted.unwrap_or(Counted::Absent)
    }
}
