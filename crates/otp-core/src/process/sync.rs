//! The shared memory that [`queue`](super::queue) and [`slot`](super::slot) use. Those two files
//! take nothing of its kind from elsewhere, so that a loom test can compile them against loom's.

pub(crate) use std::sync::atomic::{AtomicBool, AtomicU8};

pub(crate) use parking_lot::Mutex;
