//! Allocations per call and per cast.

use std::io;

use tokio::runtime::Runtime;

use super::{CALL, CAST, Side};
use crate::cli::Options;
use crate::contender::{FLOOR, OURS};
use crate::counter;
use crate::goal::Goal;
use crate::harness::{Figure, Rounds};
use crate::row::{Row, Unit};

const GOAL: Goal = Goal::ours(0.0, 0.0);

/// Counts are exact: a second round is there to show that they do not vary.
const ROUNDS: u32 = 2;

/// Counts on each of the runtimes asked for, in this process: what an operation allocates does not depend on what was
/// allocated before.
///
/// # Errors
///
/// None of its own.
pub(crate) fn rows(options: &Options) -> io::Result<Vec<Row>> {
    let counted = [("allocs per call", &CALL), ("allocs per cast", &CAST)];
    let kinds = options.runtime.kinds();
    let rows = counted.iter().flat_map(|&(name, workload)| {
        kinds.iter().map(move |&runtime| {
            let operations = options.scaled(workload.operations);
            let sides = [workload.floor, workload.ours];
            let count = |index: usize| {
                let count = per_operation(&runtime.build(), operations, sides[index]);
                Ok(Some(Figure::counted(count)))
            };
            // The first time pays for what is allocated once in a program's life.
            let contenders = [FLOOR.name, OURS.name];
            Rounds::interleave(1, &contenders, count)?;
            let rounds = Rounds::interleave(ROUNDS.min(options.rounds), &contenders, count)?;
            Ok(Row {
                workload: name,
                runtime,
                unit: Unit::Allocations,
                rounds,
                goal: GOAL,
            })
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
