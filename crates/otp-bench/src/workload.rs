//! The workloads, one a file: each does the same on bare tokio and on otp-core.

mod allocs;
mod call;
mod callers;
mod cast;
mod cast_four;
mod dispatch;
mod dynamic;
mod event;
mod idle;
mod large;
mod life;
mod load;
mod lookup;
mod notify;
mod pairs;
mod process;
mod quiet;
mod restart;
mod ring;
mod start;
mod stop;
mod table;
mod task;
mod timers;
mod times;
mod tokens;
mod working;

use std::io;
use std::time::Duration;

use tokio::runtime::Runtime;

use crate::cli::Options;
use crate::contender::{FLOOR, OURS};
use crate::cost::Cost;
use crate::goal::Goal;
use crate::harness::{Figure, Rounds};
use crate::row::{Row, Unit};
use crate::sample::Sample;

pub(crate) use self::allocs::rows as allocs;
pub(crate) use self::call::{CALL, CALL_DETECTED, CALL_WATCHED};
pub(crate) use self::callers::CALLERS;
pub(crate) use self::cast::{CAST, CAST_LIMITED};
pub(crate) use self::cast_four::CAST_FOUR;
pub(crate) use self::dispatch::{BROADCAST, DISPATCH};
pub use self::dynamic::growth;
pub(crate) use self::dynamic::{
    DYNAMIC_START, DYNAMIC_TERMINATE_1_000, DYNAMIC_TERMINATE_10_000, DYNAMIC_TERMINATE_100,
};
pub(crate) use self::event::{EVENT_CALL, EVENT_CAST};
pub use self::idle::{Past, grown, idle_floor, idle_ours};
pub(crate) use self::idle::{measure_here, rows as idle};
pub(crate) use self::large::LARGE;
pub(crate) use self::load::LOAD;
pub(crate) use self::lookup::LOOKUP;
pub(crate) use self::notify::NOTIFY;
pub(crate) use self::pairs::PAIRS;
pub(crate) use self::process::PROCESS;
pub(crate) use self::quiet::QUIET;
pub(crate) use self::restart::RESTART;
pub(crate) use self::ring::RING;
pub(crate) use self::start::START;
pub(crate) use self::stop::STOP;
pub(crate) use self::table::{TABLE_COUNT, TABLE_INSERT, TABLE_LOOKUP};
pub(crate) use self::task::TASK;
pub(crate) use self::timers::TIMERS;

/// A workload whose cost is time, and what it is to cost.
#[derive(Debug)]
pub struct Workload {
    /// What it is called in the tables.
    pub name: &'static str,
    /// How many operations a full sample has, for the floor and for ours.
    pub operations: u64,
    /// Operations come in multiples of this: a batch of starts, a round of the ring.
    pub step: u64,
    /// What comes before a sample in the same process.
    pub warm_up: WarmUp,
    /// What it is to cost.
    pub goal: Goal,
    /// Does it on bare tokio.
    pub floor: Side,
    /// Does it on otp-core.
    pub ours: Side,
}

/// Runs so many operations of a workload and says what they cost, without what had to be set up for them.
pub type Side = fn(&Runtime, u64) -> Cost;

/// How long a sample of a tenth of a second may take on a slow and busy machine; without optimisation, ten times that.
const LIMIT: Duration = Duration::from_secs(if cfg!(debug_assertions) { 300 } else { 30 });

/// A step of so many operations takes a second and more.
const LARGE_STEP: u64 = 1_000_000;

/// What comes before a sample in the same process, on another runtime.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WarmUp {
    /// A tenth of the operations: caches, the allocator and the clock are warm then.
    Tenth,
    /// The same, and no fewer than these: a whole flood, as the first of its size pays for the pages of its backlog.
    AtLeast(u64),
    /// Nothing. The lives of servers are about memory more than other workloads are, so they find the heap as a program
    /// finds it, and not as servers who have come and gone have left it.
    Nothing,
}

/// The workloads whose cost is time, in the order of the table.
pub const WORKLOADS: &[&Workload] = &[
    &CALL,
    &CALLERS,
    &CAST,
    &CAST_FOUR,
    &RING,
    &PAIRS,
    &LOOKUP,
    &START,
    &STOP,
    &RESTART,
    &DYNAMIC_START,
    &DYNAMIC_TERMINATE_100,
    &DYNAMIC_TERMINATE_1_000,
    &DYNAMIC_TERMINATE_10_000,
    &CALL_WATCHED,
    &CALL_DETECTED,
    &CAST_LIMITED,
    &EVENT_CALL,
    &EVENT_CAST,
    &LARGE,
    &LOAD[0],
    &LOAD[1],
    &LOAD[2],
    &LOAD[3],
    &LOAD[4],
    &LOAD[5],
    &LOAD[6],
    &LOAD[7],
    &LOAD[8],
    &QUIET[0],
    &QUIET[1],
    &QUIET[2],
    &TASK,
    &PROCESS,
    &DISPATCH,
    &BROADCAST,
    &NOTIFY,
    &TABLE_LOOKUP,
    &TABLE_INSERT,
    &TABLE_COUNT,
    &TIMERS,
];

impl Workload {
    /// The nearest number of operations that it can run, one step at least.
    pub fn whole(&self, operations: u64) -> u64 {
        (operations + self.step / 2).max(self.step) / self.step * self.step
    }

    /// How many operations come before a sample of so many, to warm up.
    pub(crate) fn warm_up_operations(&self, operations: u64) -> Option<u64> {
        let few = match self.warm_up {
            WarmUp::Tenth => operations / 10,
            WarmUp::AtLeast(least) => (operations / 10).max(least).min(operations),
            WarmUp::Nothing => return None,
        };
        Some(self.whole(few))
    }

    /// How many rounds are worth their time: a sample that cannot have few operations takes seconds.
    pub fn most_rounds(&self) -> u32 {
        if self.step < LARGE_STEP { u32::MAX } else { 3 }
    }

    /// Measures the workload on each of the runtimes asked for.
    ///
    /// A sample that fails is noted and taken once more. If that fails, too, its contender falls out of the row.
    ///
    /// # Errors
    ///
    /// Those of the rounds; a sample that fails is none.
    pub(crate) fn rows(&self, options: &Options, notes: &mut Vec<String>) -> io::Result<Vec<Row>> {
        let operations = self.whole(options.scaled(self.operations));
        let contenders = [&FLOOR, &OURS];
        let rows = options.runtime.kinds().iter().map(|&runtime| {
            let rounds = options.rounds.min(self.most_rounds());
            let rounds = Rounds::interleave(rounds, &[FLOOR.name, OURS.name], |index| {
                let sample = Sample::new(contenders[index], self, runtime, operations);
                let taken = twice(|| sample.take(LIMIT), notes);
                Ok(taken.map(|cost| Figure::of(cost, operations)))
            });
            Ok(Row {
                workload: self.name,
                runtime,
                unit: Unit::Nanoseconds,
                rounds: rounds?,
                goal: self.goal,
            })
        });
        rows.collect()
    }
}

/// What is tried gives, once more if it fails. Failures are noted.
fn twice<T>(mut attempt: impl FnMut() -> io::Result<T>, notes: &mut Vec<String>) -> Option<T> {
    for _ in 0..2 {
        match attempt() {
            Ok(value) => return Some(value),
            Err(error) => notes.push(error.to_string()),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::cast::FLOOD;
    use super::{CALL, CAST, START, twice};

    #[test]
    fn a_failure_is_noted_and_tried_once_more() {
        let mut notes = Vec::new();
        let mut outcomes = vec![Ok(1), Err(io::Error::other("it hangs"))];
        let mut next = || outcomes.pop().unwrap_or(Err(io::Error::other("it fails")));
        assert_eq!(twice(&mut next, &mut notes), Some(1));
        assert_eq!(notes, ["it hangs"]);
        assert_eq!(twice(&mut next, &mut notes), None);
        assert_eq!(notes, ["it hangs", "it fails", "it fails"]);
    }

    #[test]
    fn a_flood_is_preceded_by_a_whole_one() {
        assert_eq!(CALL.warm_up_operations(1_000), Some(100));
        assert_eq!(CAST.warm_up_operations(CAST.operations), Some(FLOOD));
        assert_eq!(
            CAST.warm_up_operations(100),
            Some(100),
            "no more than are measured"
        );
        assert_eq!(START.warm_up_operations(1_000), None);
    }

    #[test]
    fn operations_come_in_whole_steps() {
        assert_eq!(CALL.whole(7), 7);
        assert_eq!(CALL.whole(0), 1);
        assert_eq!(START.whole(10), 1_000);
        assert_eq!(START.whole(1_499), 1_000);
        assert_eq!(START.whole(1_500), 2_000);
    }
}
