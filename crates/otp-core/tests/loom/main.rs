//! What happens when threads meet over a process, run through every order in which they can come to its
//! locks and atomics.
//!
//! The files of the runtime are compiled here as they are, against loom's locks and atomics. A wake-up that
//! is lost leaves all threads of a model waiting, which loom reports as a deadlock, as it does two locks
//! taken in two orders.

#![allow(
    dead_code,
    unreachable_pub,
    unused_imports,
    reason = "of the runtime's files only what is modelled is used"
)]

mod address;
#[path = "../../src/exit.rs"]
mod exit;
#[path = "../../src/large.rs"]
mod large;
mod node;
#[path = "../../src/pid.rs"]
mod pid;
mod process;
mod registry;
#[path = "../../src/stop.rs"]
mod stop;
mod util;

#[path = "stand_ins/outside.rs"]
mod outside;
use outside::time;

use address::name;
use util::{few, numbered};

mod sleeper;
mod stage;

mod alarms;
mod exits;
mod links;
mod monitors;
mod names;
mod observations;
mod queues;
mod registries;
mod rooms;
mod slots;

/// Runs a model in every order in which its threads may come to a lock or an atomic with so few switches between them
/// that it takes seconds. Faults show with one or two.
fn model(run: impl Fn() + Send + Sync + 'static) {
    with_switches(3, run);
}

/// A model of three threads, which have many more orders.
fn model_of_three(run: impl Fn() + Send + Sync + 'static) {
    with_switches(2, run);
}

fn with_switches(switches: usize, run: impl Fn() + Send + Sync + 'static) {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(switches);
    model.check(run);
}
