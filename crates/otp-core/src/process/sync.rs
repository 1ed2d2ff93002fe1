//! The shared memory that [`queue`](super::queue) and [`slot`](super::slot) use. Those two files
//! take nothing of its kind from elsewhere, so that a loom test can compile them against loom's.

pub(crate) use std::sync::Arc;
pub(crate) use std::sync::atomic::{AtomicBool, AtomicU8};

pub(crate) use parking_lot::Mutex;

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
