//! How long the calls to one server take while another one is flooded with casts, at each of which it works for a
//! microsecond.

mod floor;
mod ours;

use super::{WarmUp, Workload};
use crate::goal::Goal;

/// How many casts are sent before the sender waits for the flooded server.
const FLOOD: u64 = 1_000;

/// The work of a flooded server at each cast.
const MICROS: u64 = 1;

/// Three places among the times of all calls.
pub(crate) const QUIET: [Workload; 3] = [
    quiet::<500>("beside a flood, p50"),
    quiet::<990>("beside a flood, p99"),
    quiet::<999>("beside a flood, p99.9"),
];

const fn quiet<const PERMILLE: usize>(name: &'static str) -> Workload {
    Workload {
        name,
        // As many as a place in a thousand needs.
        operations: 10_000,
        step: 10_000,
        warm_up: WarmUp::Tenth,
        goal: Goal::ratio(1.10, 1.50),
        floor: floor::calls::<PERMILLE>,
        ours: ours::calls::<PERMILLE>,
    }
}
