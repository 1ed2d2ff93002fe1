//! A million timers are set for the same moment, or as soon after it as they can be set, and fire: each sends a message to
//! the process that has set it.

mod floor;
mod ours;

use std::time::Duration;

use super::{WarmUp, Workload};
use crate::goal::Goal;

/// After this time each of them is due. It is part of what is measured, a ten-millionth a timer.
const DELAY: Duration = Duration::from_millis(100);

pub(crate) const TIMERS: Workload = Workload {
    name: "timer, 1,000,000 due",
    operations: 1_000_000,
    step: 1_000_000,
    warm_up: WarmUp::Nothing,
    goal: Goal::ratio(1.00, 1.50),
    floor: floor::timers,
    ours: ours::timers,
};
