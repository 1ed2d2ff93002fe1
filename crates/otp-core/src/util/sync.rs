//! The shared memory over which processes meet: locks, atomics, and the maps of a node and of a
//! registry.
//!
//! The files between two threads ([`queue`](crate::process::mailbox::queue), [`slot`](crate::process::reply::slot),
//! [`block`](crate::process::life::block), the node, and the code that makes and undoes relations) use only the
//! synchronisation primitives of this module, so that a loom test can compile them unchanged against loom's.

pub(crate) use std::sync::Arc;
pub(crate) use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64, AtomicUsize};

pub(crate) use dashmap::{DashMap, Entry};
pub(crate) use parking_lot::Mutex;

/// Into how many parts, each with a lock, a map is divided that many threads use at a time.
pub(crate) const PARTS: usize = 32;

/// The shared value, if there is no other holder: all accesses of former holders have happened before.
#[inline]
pub(crate) fn unshared<T>(shared: &mut Arc<T>) -> Option<&mut T> {
    Arc::get_mut(shared)
}

/// Drops a reference to a shared value.
#[inline]
pub(crate) fn let_go<T>(shared: Arc<T>) {
    drop(shared);
}

// Here and not in `lock`, which loom tests compile, too: outside of a model there are no locks of loom's.
#[cfg(test)]
mod tests {
    use crate::util::lock::{Lock, in_section, with_both};

    #[test]
    fn what_a_section_returns_is_dropped_outside_of_it() {
        struct Looks;
        impl Drop for Looks {
            fn drop(&mut self) {
                assert!(!in_section(), "dropped under the lock");
            }
        }
        let lock = Lock::new(Some(Looks));
        assert!(
            lock.with(|held| {
                assert!(in_section());
                held.take()
            })
            .is_some()
        );
        assert!(!in_section());
    }

    #[test]
    fn a_panic_leaves_the_section() {
        let lock = Lock::new(0);
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            lock.with(|_| std::panic::resume_unwind(Box::new("on purpose")));
        }));
        assert!(panicked.is_err());
        assert!(!in_section());
        with_both(&lock, &Lock::new(1), |a, b| *a += *b);
        assert_eq!(lock.with(|value| *value), 1);
    }
}
