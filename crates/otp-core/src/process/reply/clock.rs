//! The runtime's timers, as the alarm of a process uses them: a loom test puts its own in their place.

pub(crate) use tokio::time::{Instant, Sleep, sleep_until};
