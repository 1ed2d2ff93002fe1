//! Stopping a server, until whoever asked for it knows that it is gone.

use super::{WarmUp, Workload, life};
use crate::goal::Goal;

pub(crate) const STOP: Workload = Workload {
    name: "stop",
    operations: 30_000,
    step: life::BATCH,
    warm_up: WarmUp::Nothing,
    goal: Goal::ratio(1.30, 1.60),
    floor: |runtime, operations| life::floor(runtime, operations).stop,
    ours: |runtime, operations| life::ours(runtime, operations).stop,
};
