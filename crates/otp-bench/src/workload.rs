//! The workloads, one a file: each does the same on bare tokio and on otp-core.

mod allocs;
mod call;
mod callers;
mod cast;
mod cast_four;
mod idle;
mod life;
mod ring;
mod start;
mod stop;

use std::time::Duration;

use tokio::runtime::Runtime;

use crate::cli::Options;
use crate::goal::Goal;
use crate::harness::Rounds;
use crate::row::{Row, Unit};

pub(crate) use self::allocs::rows as allocs;
pub(crate) use self::call::CALL;
pub(crate) use self::callers::CALLERS;
pub(crate) use self::cast::CAST;
pub(crate) use self::cast_four::CAST_FOUR;
pub(crate) use self::idle::{measure_here, rows as idle};
pub(crate) use self::ring::RING;
pub(crate) use self::start::START;
pub(crate) use self::stop::STOP;

/// A workload whose cost is time.
#[derive(Debug)]
pub(crate) struct Timed {
    pub(crate) name: &'static str,
    /// How many operations a full round has on each side.
    pub(crate) operations: u64,
    pub(crate) goal: Goal,
    /// Does it on bare tokio.
    pub(crate) floor: Side,
    /// Does it on otp-core.
    pub(crate) ours: Side,
}

/// Runs so many operations and says how long they took.
pub(crate) type Side = fn(&Runtime, u64) -> Duration;

/// The workloads whose cost is time, in the order of the table.
///
/// The lives of servers come first. They are about memory more than the others, so they find the heap as
/// a program finds it, and not what a million messages have left of it.
pub(crate) const TIMED: [&Timed; 7] = [&START, &STOP, &CALL, &CALLERS, &CAST, &CAST_FOUR, &RING];

impl Timed {
    /// Measures the workload on each of the runtimes asked for.
    pub(crate) fn rows(&self, options: &Options) -> Vec<Row> {
        let operations = options.scaled(self.operations);
        let rows = options.runtime.kinds().iter().map(|&kind| {
            // A fresh runtime a sample: no side finds the other's tasks, or its own from before.
            let sample =
                |side: Side| side(&kind.build(), operations).as_nanos() as f64 / operations as f64;
            let rounds =
                Rounds::interleave(options.rounds, || sample(self.floor), || sample(self.ours));
            Row::new(self.name, kind, Unit::Nanoseconds, &rounds, self.goal)
        });
        rows.collect()
    }
}
