//! The runtime's timers, as the alarm of a process uses them: a loom test puts its own in their place.

pub(crate) use tokio::time::{Instant, Sleep};

pub(crate) use crate::time::try_sleep_until;
