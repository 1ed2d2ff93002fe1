//! Stopping a server, until whoever asked for it knows that it is gone.

use super::{Timed, life};
use crate::goal::Goal;

pub(crate) const STOP: Timed = Timed {
    name: "stop",
    operations: 40_000,
    goal: Goal::ratio(1.40, 1.80),
    floor: |runtime, operations| life::floor(runtime, operations).stop,
    ours: |runtime, operations| life::ours(runtime, operations).stop,
};
