//! What the real files are built on, from loom; its lock with the interface of parking_lot's.

pub(crate) use std::sync::Arc;

pub(crate) use loom::sync::MutexGuard;
use loom::sync::atomic::{self, Ordering};

pub(crate) use super::maps::{DashMap, Entry};

/// One part: threads that use different ones do not meet.
pub(crate) const PARTS: usize = 1;

// An `Arc` of std's, since loom's cannot hold what has no size. So loom must be told that a thread that drops one
// synchronises with the thread that finds itself the last holder.
loom::lazy_static! {
    static ref LET_GO: atomic::AtomicUsize = atomic::AtomicUsize::new(0);
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

/// An atomic of loom's, all of whose uses loom tries in every order.
///
/// It does not by itself: of what a thread has last done to an atomic it keeps only the latest, so that one that loads and
/// then stores hides its store from those that have loaded before. So each use is preceded by a change to a second one,
/// which changes nothing and orders nothing.
pub(crate) struct Met<A> {
    uses: atomic::AtomicUsize,
    value: A,
}

pub(crate) type AtomicBool = Met<atomic::AtomicBool>;
pub(crate) type AtomicU8 = Met<atomic::AtomicU8>;
pub(crate) type AtomicUsize = Met<atomic::AtomicUsize>;
pub(crate) type AtomicU32 = Met<atomic::AtomicU32>;
pub(crate) type AtomicU64 = Met<atomic::AtomicU64>;

impl<A> Met<A> {
    fn met(&self) -> &A {
        self.uses.fetch_add(0, Ordering::Relaxed);
        &self.value
    }
}

impl<A: Default> Default for Met<A> {
    fn default() -> Self {
        Self {
            uses: atomic::AtomicUsize::new(0),
            value: A::default(),
        }
    }
}

impl AtomicU32 {
    pub(crate) fn load(&self, order: Ordering) -> u32 {
        self.met().load(order)
    }

    pub(crate) fn fetch_add(&self, value: u32, order: Ordering) -> u32 {
        self.met().fetch_add(value, order)
    }
}

impl AtomicU64 {
    pub(crate) fn load(&self, order: Ordering) -> u64 {
        self.met().load(order)
    }

    pub(crate) fn store(&self, value: u64, order: Ordering) {
        self.met().store(value, order);
    }
}

impl AtomicBool {
    pub(crate) fn new(value: bool) -> Self {
        Self {
            uses: atomic::AtomicUsize::new(0),
            value: atomic::AtomicBool::new(value),
        }
    }

    pub(crate) fn load(&self, order: Ordering) -> bool {
        self.met().load(order)
    }

    pub(crate) fn store(&self, value: bool, order: Ordering) {
        self.met().store(value, order);
    }

    pub(crate) fn swap(&self, value: bool, order: Ordering) -> bool {
        self.met().swap(value, order)
    }
}

impl AtomicU8 {
    pub(crate) fn new(value: u8) -> Self {
        Self {
            uses: atomic::AtomicUsize::new(0),
            value: atomic::AtomicU8::new(value),
        }
    }

    pub(crate) fn load(&self, order: Ordering) -> u8 {
        self.met().load(order)
    }

    pub(crate) fn store(&self, value: u8, order: Ordering) {
        self.met().store(value, order);
    }

    pub(crate) fn swap(&self, value: u8, order: Ordering) -> u8 {
        self.met().swap(value, order)
    }

    pub(crate) fn fetch_or(&self, value: u8, order: Ordering) -> u8 {
        self.met().fetch_or(value, order)
    }

    pub(crate) fn fetch_and(&self, value: u8, order: Ordering) -> u8 {
        self.met().fetch_and(value, order)
    }

    pub(crate) fn compare_exchange(
        &self,
        present: u8,
        new: u8,
        success: Ordering,
        failure: Ordering,
    ) -> Result<u8, u8> {
        self.met().compare_exchange(present, new, success, failure)
    }
}

impl AtomicUsize {
    pub(crate) fn new(value: usize) -> Self {
        Self {
            uses: atomic::AtomicUsize::new(0),
            value: atomic::AtomicUsize::new(value),
        }
    }

    pub(crate) fn load(&self, order: Ordering) -> usize {
        self.met().load(order)
    }

    pub(crate) fn store(&self, value: usize, order: Ordering) {
        self.met().store(value, order);
    }

    pub(crate) fn fetch_add(&self, value: usize, order: Ordering) -> usize {
        self.met().fetch_add(value, order)
    }

    pub(crate) fn fetch_sub(&self, value: usize, order: Ordering) -> usize {
        self.met().fetch_sub(value, order)
    }

    pub(crate) fn fetch_or(&self, value: usize, order: Ordering) -> usize {
        self.met().fetch_or(value, order)
    }

    pub(crate) fn fetch_and(&self, value: usize, order: Ordering) -> usize {
        self.met().fetch_and(value, order)
    }
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

    pub(crate) fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        self.0.try_lock().ok()
    }

    pub(crate) fn get_mut(&mut self) -> &mut T {
        self.0
            .get_mut()
            .expect("no thread panics while it holds the lock")
    }
}
