//! The processes: the queue, which alone has the database, and the workers, which take their jobs from it.

pub mod queue;
pub mod store;
pub mod worker;
