//! The one lock type that [`queue`](super::queue) and [`slot`](super::slot) use. Those two files
//! name nothing else outside std, so that a loom test can compile them against loom's lock.

pub(crate) use parking_lot::Mutex;
