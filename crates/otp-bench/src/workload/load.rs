//! How long a call takes while there are many: 32 callers at four servers, whose handlers work for a while.

mod floor;
mod ours;

use super::{WarmUp, Workload};
use crate::goal::Goal;

const CALLERS: u64 = 32;
const SERVERS: u64 = 4;

/// By the time that a handler works, each with three places among the times of all calls.
pub(crate) const LOAD: [Workload; 9] = [
    load::<0, 500>("32 callers, 0 us, p50"),
    load::<0, 990>("32 callers, 0 us, p99"),
    load::<0, 999>("32 callers, 0 us, p99.9"),
    load::<1, 500>("32 callers, 1 us, p50"),
    load::<1, 990>("32 callers, 1 us, p99"),
    load::<1, 999>("32 callers, 1 us, p99.9"),
    load::<10, 500>("32 callers, 10 us, p50"),
    load::<10, 990>("32 callers, 10 us, p99"),
    load::<10, 999>("32 callers, 10 us, p99.9"),
];

const fn load<const MICROS: u64, const PERMILLE: usize>(name: &'static str) -> Workload {
    Workload {
        name,
        // As many as a place in a thousand needs.
        operations: CALLERS * 400,
        step: CALLERS * 400,
        warm_up: WarmUp::Tenth,
        goal: Goal::ratio(1.00, 1.50),
        floor: floor::calls::<MICROS, PERMILLE>,
        ours: ours::calls::<MICROS, PERMILLE>,
    }
}
