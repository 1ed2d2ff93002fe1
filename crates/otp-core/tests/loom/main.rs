//! What happens when threads meet over a process, run through every order in which they can come to its
//! locks and atomics.
//!
//! The files of the runtime are compiled here as they are, against loom's locks and atomics. A wake-up that
//! is lost leaves all threads of a model waiting, which loom reports as a deadlock, as it does two locks
//! taken in two orders.

#![allow(
    dead_code,
    unreachable_pub,
    reason = "of the runtime's files only what is modelled is used"
)]

#[path = "../../src/exit.rs"]
mod exit;
#[path = "../../src/name.rs"]
mod name;
#[path = "../../src/node.rs"]
mod node;
#[path = "../../src/numbered.rs"]
mod numbered;
#[path = "../../src/pid.rs"]
mod pid;
mod process;
mod registry;

#[path = "stand_ins/outside.rs"]
mod outside;
use outside::{report, timer};

mod sleeper;
mod stage;

mod exits;
mod links;
mod monitors;
mod names;
mod queues;
mod registries;
mod slots;

/// A model that is too large to be run in every order, which would take minutes. Faults show with a few switches
/// between threads.
fn bounded(run: impl Fn() + Send + Sync + 'static) {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(2);
    model.check(run);
}
