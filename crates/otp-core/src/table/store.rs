//! Where the objects of a table are.

use std::cell::Cell;

/// What every store can do. Each operation is atomic, also those on many objects, and what it removes is dropped
/// when nothing is locked.
pub trait Store<K, V>: Default + Send + Sync + 'static {
    type Found;

    fn get(&self, key: &K) -> Self::Found;
    fn contains(&self, key: &K) -> bool;
    /// Inserts one object; with `only_new` only if its key is free. Returns whether it did.
    fn put(&self, key: K, value: V, only_new: bool) -> bool;
    /// Inserts one after the other. With `only_new` nothing is inserted, and false returned, if there is one of the
    /// keys.
    fn insert(&self, objects: Vec<(K, V)>, only_new: bool) -> bool;
    fn take(&self, key: &K) -> Self::Found;
    /// Removes what `goes` picks and returns how many that were.
    fn remove_if(&self, goes: impl FnMut(&K, &V) -> bool) -> usize;
    fn all(&self) -> Vec<(K, V)>;
    fn len(&self) -> usize;
}

/// A store with one value for a key.
pub trait UniqueStore<K, V>: Store<K, V> {
    /// Changes the value of a key, if there is one.
    fn update<T>(&self, key: &K, f: impl FnOnce(&mut V) -> T) -> Option<T>;
    /// Changes the value of a key, or else `absent`, which is then inserted.
    fn update_or_insert<T>(&self, key: &K, absent: V, f: impl FnOnce(&mut V) -> T) -> T;
}

thread_local! {
    static UPDATING: Cell<bool> = const { Cell::new(false) };
}

/// Whether a function of the user's is running that holds a lock of some table.
pub(crate) fn is_updating() -> bool {
    UPDATING.get()
}

/// Runs a function of the user's that holds a lock.
pub(crate) fn updating<T>(f: impl FnOnce() -> T) -> T {
    struct Done;

    impl Drop for Done {
        fn drop(&mut self) {
            UPDATING.set(false);
        }
    }

    UPDATING.set(true);
    let _done = Done;
    f()
}
