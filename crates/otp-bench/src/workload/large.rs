//! Casts of 1 KiB, each made anew, from one sender.

mod floor;
mod ours;

use super::{WarmUp, Workload};
use crate::goal::Goal;

const SIZE: usize = 1_024;

/// How many casts are sent before the sender waits for the server: about what a second cache holds.
const FLOOD: u64 = 500;

pub(crate) const LARGE: Workload = Workload {
    name: "cast of 1 KiB",
    operations: FLOOD * 400,
    step: FLOOD,
    warm_up: WarmUp::Tenth,
    goal: Goal::ratio(1.00, 1.50),
    floor: floor::casts,
    ours: ours::casts,
};

type Bytes = [u8; SIZE];

fn bytes(n: u64) -> Bytes {
    [n as u8; SIZE]
}
