//! A thousand pairs of servers, each of which bats a ball to and fro: all workers have work at all times.

use super::tokens::{Shape, floor, ours};
use super::{WarmUp, Workload};
use crate::goal::Goal;

const SHAPE: Shape = Shape {
    rings: 1_000,
    members: 2,
};

pub(crate) const PAIRS: Workload = Workload {
    name: "pairs",
    operations: 300_000,
    // To and fro in each pair.
    step: SHAPE.rings * SHAPE.members,
    warm_up: WarmUp::Tenth,
    goal: Goal::ratio(0.95, 1.05),
    floor: |runtime, operations| floor::hops(runtime, operations, SHAPE),
    ours: |runtime, operations| ours::hops(runtime, operations, SHAPE),
};
