//! What the real files are built on, from loom; its lock with the interface of parking_lot's.

pub(crate) use loom::sync::MutexGuard;
pub(crate) use loom::sync::atomic::{AtomicBool, AtomicU8};
use loom::sync::atomic::{AtomicUsize, Ordering};
pub(crate) use std::sync::Arc;

pub(crate) use super::maps::{DashMap, Entry};

// An `Arc` of std's, since loom's cannot hold what has no size. That whoever lets go of one
// synchronises with whoever finds itself alone is what loom must be told, then.
loom::lazy_static! {
    static ref LET_GO: AtomicUsize = AtomicUsize::new(0);
}

pub(crate) fn unshared<T>(shared: &mut Arc<T>) -> Option<&mut T> {
    let alone = Arc::get_mut(shared)?;
    LET_GO.fetch_add(0, Ordering::Acquire);
    Some(alone)
}

pub(crate) fn let_go<T>(shared: Arc<T>) {
    LET_GO.fetch_add(1, Ordering::Release);
    drop(shared);
}

pub(crate) struct Mutex<T>(loom::sync::Mutex<T>);

impl<T> Mutex<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(loom::sync::Mutex::new(value))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        self.0
            .lock()
            .expect("no thread panics while it holds the lock")
    }

    pub(crate) fn get_mut(&mut self) -> &mut T {
        self.0
            .get_mut()
            .expect("no thread panics while it holds the lock")
    }
}
