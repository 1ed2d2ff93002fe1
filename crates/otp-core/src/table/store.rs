//! Where the objects of a table are.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::values::Counter;
use crate::process::panic::{self, Pair, Shared, shared};

/// The operations of every store. Each operation is atomic, also those on many objects, and runs no code of the user's
/// in a critical section: keys are compared, and values copied and dropped, outside.
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
    /// Removes the object of a key, and copies nothing.
    fn delete(&self, key: &K);
    /// Removes the objects that `goes` selects. Returns their number. Objects that others change meanwhile stay.
    fn remove_if(&self, goes: impl FnMut(&K, &V) -> bool) -> usize;
    /// Removes everything, in one step for all others, and returns how many objects that were.
    fn clear(&self) -> usize;
    /// Shows all objects that there are at one moment, as far as changes of many are concerned.
    fn each(&self, f: impl FnMut(&K, &V));
    /// Copies of the objects of [`each`](Self::each).
    fn all(&self) -> Vec<Pair<K, V>>;
    fn len(&self) -> usize;
    /// Passed before each change.
    fn gate(&self) -> &Gate;
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

/// The result of an addition to a number.
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

/// Releases a value that was read. If it has been removed in the meantime, the reader is its last holder: then a panic of its
/// destructor does not reach the reader.
pub(crate) fn release<V>(read: Shared<V>) {
    if let Some(last) = Arc::into_inner(read) {
        panic::run_quietly(|| drop(last));
    }
}

/// The value of a removed object. It may be shared with threads that have read it in the meantime.
pub(crate) fn own<V: Clone>(value: Shared<V>) -> V {
    match Arc::try_unwrap(value) {
        Ok(value) => value.into_inner(),
        Err(shared) => copy(&shared),
    }
}

/// How often an operation is repeated because of changes that its own user code makes.
const NESTED: u32 = 100;

/// How often an operation is overtaken by others before they wait for it.
const OVERTAKEN: u32 = 16;

/// Where changes of a store wait for an operation that is overtaken again and again.
///
/// That operation runs code of the user's, which may need what a waiting thread holds. So the wait is no lock: it ends after
/// a time that doubles with each further attempt, up to 128 milliseconds. An operation succeeds as soon as an attempt takes less.
#[derive(Debug, Default)]
pub struct Gate(AtomicU64);

/// The attempts of an operation that runs code of the user's between two critical sections, and is repeated if the table
/// has changed by then. If other threads have changed it too often, they wait at the gate. But user code in the operation
/// itself, such as `Ord` of a key, can change the table each time, and then it would never end.
pub(crate) struct Attempts<'a> {
    gate: &'a Gate,
    writes: u64,
    nested: u32,
    overtaken: u32,
}

thread_local! {
    /// How many operations that change a table this thread has begun.
    static WRITES: Cell<u64> = const { Cell::new(0) };
}

impl Gate {
    /// This thread begins an operation that changes the table.
    #[inline]
    pub(crate) fn pass(&self) {
        WRITES.set(WRITES.get().wrapping_add(1));
        let millis = self.0.load(Ordering::Relaxed);
        if millis > 0 {
            self.wait(Duration::from_millis(millis));
        }
    }

    #[cold]
    fn wait(&self, limit: Duration) {
        let begun = Instant::now();
        while self.0.load(Ordering::Relaxed) > 0 && begun.elapsed() < limit {
            thread::park_timeout(limit / 16);
        }
    }
}

impl<'a> Attempts<'a> {
    pub(crate) fn new(gate: &'a Gate) -> Self {
        Self {
            gate,
            writes: WRITES.get(),
            nested: 0,
            overtaken: 0,
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
            return;
        }
        self.overtaken += 1;
        if let Some(times) = self.overtaken.checked_sub(OVERTAKEN) {
            self.gate.0.store(1 << times.min(7), Ordering::Relaxed);
        }
    }
}

impl Drop for Attempts<'_> {
    fn drop(&mut self) {
        if self.overtaken >= OVERTAKEN {
            self.gate.0.store(0, Ordering::Relaxed);
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
