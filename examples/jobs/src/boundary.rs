//! The processes: the queue, which owns the database, and the workers, which get their jobs from it.

pub mod queue;
pub mod store;
pub mod worker;
