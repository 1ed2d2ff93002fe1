//! A token goes around a ring of servers: each hop wakes a server that was asleep.

mod floor;
mod ours;

use super::{WarmUp, Workload};
use crate::goal::Goal;

/// How many servers the ring has.
const MEMBERS: u64 = 100;

pub(crate) const RING: Workload = Workload {
    name: "ring hop",
    operations: MEMBERS * 4_000,
    // Whole rounds: the token ends where it began.
    step: MEMBERS,
    warm_up: WarmUp::Tenth,
    goal: Goal::ratio(0.90, 1.00),
    floor: floor::hops,
    ours: ours::hops,
};
