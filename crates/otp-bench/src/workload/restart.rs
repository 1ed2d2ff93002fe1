//! A supervised server with a name crashes, over and over: from the crash until another answers under its name.
//!
//! It ends with an abnormal reason and does not panic: a panic costs what unwinding costs, and that is the same for all.

mod floor;
mod ours;

use super::{WarmUp, Workload};
use crate::goal::Goal;

/// The name of the server that crashes.
const NAME: &str = "phoenix";

pub(crate) const RESTART: Workload = Workload {
    name: "restart",
    operations: 5_000,
    step: 1,
    warm_up: WarmUp::Tenth,
    goal: Goal::ratio(1.60, 2.00),
    floor: floor::crashes,
    ours: ours::crashes,
};
