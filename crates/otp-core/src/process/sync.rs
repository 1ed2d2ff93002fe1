//! The shared memory over which processes meet: locks, atomics, and the maps of a node and of a
//! registry.
//!
//! The files between two threads ([`queue`](super::queue), [`slot`](super::slot),
//! [`block`](super::block), the node and what makes and undoes relations) take nothing of its kind
//! from elsewhere, so that a loom test can compile them, as they are, against loom's.

pub(crate) use std::sync::Arc;
pub(crate) use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize};

pub(crate) use dashmap::{DashMap, Entry};
pub(crate) use parking_lot::{Mutex, MutexGuard};

/// What is shared, if nobody else holds it any more: all that they did with it has happened then.
#[inline]
pub(crate) fn unshared<T>(shared: &mut Arc<T>) -> Option<&mut T> {
    Arc::get_mut(shared)
}

/// Ends a hold on what is shared.
#[inline]
pub(crate) fn let_go<T>(shared: Arc<T>) {
    drop(shared);
}
