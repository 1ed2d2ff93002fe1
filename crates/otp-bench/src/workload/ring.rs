//! A token goes around a ring of servers: each hop wakes a server that was asleep.

mod floor;
mod ours;

use super::Timed;
use crate::goal::Goal;

/// How many servers the ring has.
const MEMBERS: u64 = 100;

pub(crate) const RING: Timed = Timed {
    name: "ring hop",
    // Whole rounds, also of a quick run: the token ends where it began.
    operations: MEMBERS * 4_000,
    goal: Goal::ratio(0.90, 1.00),
    floor: floor::hops,
    ours: ours::hops,
};
