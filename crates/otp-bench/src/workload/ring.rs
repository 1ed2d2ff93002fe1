//! A token goes around a ring of servers: each hop wakes a server that was asleep.

use super::tokens::{Shape, floor, ours};
use super::{WarmUp, Workload};
use crate::goal::Goal;

const SHAPE: Shape = Shape {
    rings: 1,
    members: 100,
};

pub(crate) const RING: Workload = Workload {
    name: "ring hop",
    operations: SHAPE.members * 2_500,
    // Whole rounds: the token ends where it began.
    step: SHAPE.members,
    warm_up: WarmUp::Tenth,
    goal: Goal::ratio(0.95, 1.05),
    floor: |runtime, operations| floor::hops(runtime, operations, SHAPE),
    ours: |runtime, operations| ours::hops(runtime, operations, SHAPE),
};
