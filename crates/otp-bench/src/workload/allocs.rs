//! Allocations per call and per cast.

use tokio::runtime::Runtime;

use super::{CALL, CAST, Side};
use crate::cli::Options;
use crate::counter;
use crate::goal::Goal;
use crate::harness::Rounds;
use crate::row::{Row, Unit};

const GOAL: Goal = Goal::ours(0.0, 0.0);

/// Counts are exact: a second round is there to show that they do not vary.
const ROUNDS: u32 = 2;

pub(crate) fn rows(options: &Options) -> Vec<Row> {
    let counted = [("allocs per call", &CALL), ("allocs per cast", &CAST)];
    let kinds = options.runtime.kinds();
    let rows = counted.iter().flat_map(|(name, workload)| {
        kinds.iter().map(|&kind| {
            let operations = options.scaled(workload.operations);
            let floor = || per_operation(&kind.build(), operations, workload.floor);
            let ours = || per_operation(&kind.build(), operations, workload.ours);
            let rounds = Rounds::interleave(ROUNDS.min(options.rounds), floor, ours);
            Row::new(name, kind, Unit::Allocations, &rounds, GOAL)
        })
    });
    rows.collect()
}

/// What so many operations allocate more than half as many do: the set-up is in both and cancels out.
fn per_operation(runtime: &Runtime, operations: u64, side: Side) -> f64 {
    let half = operations / 2;
    let few = counter::allocations(|| _ = side(runtime, half));
    let many = counter::allocations(|| _ = side(runtime, half * 2));
    many.saturating_sub(few) as f64 / half as f64
}
