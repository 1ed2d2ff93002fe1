//! Where the objects of a table are.

use std::cell::Cell;
use std::sync::Arc;

use super::values::Counter;
use crate::process::panic::{Pair, Shared, shared};

/// What every store can do. Each operation is atomic, also those on many objects, and runs no code of the user's in a
/// critical section: keys are compared and values copied and dropped outside.
pub trait Store<K, V>: Default + Send + Sync + 'static {
    type Found;

    fn get(&self, key: &K) -> Self::Found;
    fn contains(&self, key: &K) -> bool;
    /// Inserts one object; with `only_new` only if its key is free. Returns whether it did.
    fn put(&self, object: Pair<K, V>, only_new: bool) -> bool;
    /// Inserts one after the other, in one step for all others. With `only_new` nothing is inserted, and false returned, if
    /// there is one of the keys.
    fn insert(&self, objects: Vec<Pair<K, V>>, only_new: bool) -> bool;
    fn take(&self, key: &K) -> Self::Found;
    fn delete(&self, key: &K) {
        drop(self.take(key));
    }
    /// Removes what `goes` picks and returns how many that were. What others change meanwhile stays.
    fn remove_if(&self, goes: impl FnMut(&K, &V) -> bool) -> usize;
    /// Removes everything, in one step for all others, and returns how many objects that were.
    fn clear(&self) -> usize;
    /// Shows all objects that there are at one moment, as far as changes of many are concerned.
    fn each(&self, f: impl FnMut(&K, &V));
    /// Copies of what [`each`](Self::each) shows.
    fn all(&self) -> Vec<Pair<K, V>>;
    fn len(&self) -> usize;
}

/// A store with one value for a key.
pub trait UniqueStore<K, V>: Store<K, V> {
    /// Changes the value of a key, if there is one. `f` runs alone of all that change it, and in no critical section.
    fn update<T>(&self, key: &K, f: impl FnOnce(&mut V) -> T) -> Option<T>;
    /// Changes the value of a key, or else `absent`, which is then inserted.
    fn update_or_insert<T>(&self, key: &K, absent: V, f: impl FnOnce(&mut V) -> T) -> T;
    /// Adds to the number under a key; if there is none, to `absent`.
    fn count(&self, key: &K, increment: V, absent: Option<V>) -> Counted<V>
    where
        V: Counter;
}

/// What has become of a number.
#[derive(Debug, Clone, Copy)]
pub enum Counted<V> {
    Sum(V),
    /// There is no room for the sum.
    Overflow,
    /// There is no number to add to.
    Absent,
}

/// Adds to a number. Numbers run none of the user's code, so that this may happen in a critical section.
pub(crate) fn add<V: Counter>(value: &mut Shared<V>, increment: V) -> Counted<V> {
    let Some(sum) = value.plus(increment) else {
        return Counted::Overflow;
    };
    match Arc::get_mut(value) {
        Some(value) => **value = sum,
        None => *value = shared(sum),
    }
    Counted::Sum(sum)
}

/// A copy of a shared value.
pub(crate) fn copy<V: Clone>(value: &Shared<V>) -> V {
    V::clone(value)
}

/// A value that has been removed. It is shared with those who looked at it in the meantime.
pub(crate) fn own<V: Clone>(value: Shared<V>) -> V {
    match Arc::try_unwrap(value) {
        Ok(value) => value.into_inner(),
        Err(shared) => copy(&shared),
    }
}

/// How often an operation begins anew because of what it calls of the user's itself.
const NESTED: u32 = 100;

/// The attempts of an operation that runs code of the user's between two critical sections, and begins anew if the table
/// has changed by then. Mostly another thread has made progress. But what the operation itself calls, such as `Ord` of a
/// key, can change the table each time: then it would never end.
pub(crate) struct Attempts {
    writes: u64,
    nested: u32,
}

thread_local! {
    /// How many operations that change a table this thread has begun.
    static WRITES: Cell<u64> = const { Cell::new(0) };
}

/// This thread begins an operation that changes a table.
pub(crate) fn begin_write() {
    WRITES.set(WRITES.get().wrapping_add(1));
}

impl Attempts {
    pub(crate) fn new() -> Self {
        Self {
            writes: WRITES.get(),
            nested: 0,
        }
    }

    /// This one has failed.
    ///
    /// # Panics
    ///
    /// Panics if this thread has changed a table in each of very many attempts.
    pub(crate) fn failed(&mut self) {
        let writes = WRITES.get();
        if writes != self.writes {
            self.writes = writes;
            self.nested += 1;
            assert!(
                self.nested < NESTED,
                "an operation on a table cannot end: to compare or copy its keys and values changes the table each time"
            );
        }
    }
}

thread_local! {
    static UPDATING: Cell<bool> = const { Cell::new(false) };
}

/// Whether a function of the user's is running that others may wait for.
pub(crate) fn is_updating() -> bool {
    UPDATING.get()
}

/// Runs a function of the user's that others may wait for.
pub(crate) fn updating<T>(f: impl FnOnce() -> T) -> T {
    struct UpdateEnd;

    impl Drop for UpdateEnd {
        fn drop(&mut self) {
            UPDATING.set(false);
        }
    }

    UPDATING.set(true);
    let _done = UpdateEnd;
    f()
}
