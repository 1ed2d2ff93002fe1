//! Starting a server, until it has acknowledged its start.

use super::{WarmUp, Workload, life};
use crate::goal::Goal;

pub(crate) const START: Workload = Workload {
    name: "start",
    operations: 30_000,
    step: life::BATCH,
    warm_up: WarmUp::Nothing,
    goal: Goal::ratio(0.60, 0.80),
    floor: |runtime, operations| life::floor(runtime, operations).start,
    ours: |runtime, operations| life::ours(runtime, operations).start,
};
