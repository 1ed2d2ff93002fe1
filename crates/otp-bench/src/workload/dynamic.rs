//! Children come and go under one dynamic supervisor.

mod floor;
mod ours;

use super::{WarmUp, Workload};
use crate::cost::Cost;
use crate::goal::Goal;
use crate::harness::Rounds;
use crate::row::{Row, Unit};

/// A hundred times as many children do not fit the processor's caches as a hundred do: that much may be seen.
const FLAT: Goal = Goal::ours(1.10, 1.30);

/// How many children live at the same time while starts are measured.
const BATCH: u64 = 1_000;

pub(crate) const DYNAMIC_START: Workload = Workload {
    name: "dynamic start",
    operations: 10_000,
    step: BATCH,
    warm_up: WarmUp::Nothing,
    goal: Goal::ratio(1.35, 1.60),
    floor: |runtime, operations| floor::lives(runtime, operations, BATCH).start,
    ours: |runtime, operations| ours::lives(runtime, operations, BATCH).start,
};

pub(crate) const DYNAMIC_TERMINATE_100: Workload = Workload {
    name: "dynamic terminate, 100",
    floor: |runtime, operations| floor::lives(runtime, operations, 100).terminate,
    ours: |runtime, operations| ours::lives(runtime, operations, 100).terminate,
    ..terminate(100)
};

pub(crate) const DYNAMIC_TERMINATE_1_000: Workload = Workload {
    name: "dynamic terminate, 1,000",
    floor: |runtime, operations| floor::lives(runtime, operations, 1_000).terminate,
    ours: |runtime, operations| ours::lives(runtime, operations, 1_000).terminate,
    ..terminate(1_000)
};

pub(crate) const DYNAMIC_TERMINATE_10_000: Workload = Workload {
    name: "dynamic terminate, 10,000",
    floor: |runtime, operations| floor::lives(runtime, operations, 10_000).terminate,
    ours: |runtime, operations| ours::lives(runtime, operations, 10_000).terminate,
    ..terminate(10_000)
};

/// By which factor the cost of ending a child grows from 100 children to 10,000, for all contenders that ran both: a
/// supervisor that finds a child in constant time has no such factor.
pub fn growth(rows: &[Row]) -> Vec<Row> {
    let (few, many) = (DYNAMIC_TERMINATE_100.name, DYNAMIC_TERMINATE_10_000.name);
    let of = |workload| rows.iter().filter(move |row| row.workload == workload);
    let grown = of(many).filter_map(|many| {
        let few = of(few).find(|few| few.runtime == many.runtime)?;
        Some(Row {
            workload: "dynamic terminate, growth",
            runtime: many.runtime,
            unit: Unit::Factor,
            rounds: Rounds::growth(&few.rounds, &many.rounds),
            goal: FLAT,
        })
    });
    grown.collect()
}

/// What the workloads have in common that end each of so many children.
const fn terminate(children: u64) -> Workload {
    Workload {
        operations: 20_000,
        step: children,
        goal: Goal::over_beam(0.25, 0.40),
        ..DYNAMIC_START
    }
}

/// What the two halves of so many lives cost.
#[derive(Debug, Default)]
struct Lives {
    start: Cost,
    terminate: Cost,
}

#[cfg(test)]
mod tests {
    use super::{DYNAMIC_TERMINATE_10_000, DYNAMIC_TERMINATE_100, growth};
    use crate::contender::{FLOOR, OURS};
    use crate::goal::Verdict;
    use crate::harness::{Figure, Rounds};
    use crate::row::{Row, Unit};
    use crate::runtime::RuntimeKind;
    use crate::workload::Workload;

    fn row(workload: &Workload, runtime: RuntimeKind, floor: f64, ours: f64) -> Row {
        let one = |amount| vec![Figure::counted(amount)];
        Row {
            workload: workload.name,
            runtime,
            unit: Unit::Nanoseconds,
            rounds: Rounds::new([(FLOOR.name, one(floor)), (OURS.name, one(ours))]),
            goal: workload.goal,
        }
    }

    #[test]
    fn growth_is_taken_on_each_runtime_by_itself() {
        let (ct, mt) = (RuntimeKind::CurrentThread, RuntimeKind::MultiThread);
        let (few, many) = (&DYNAMIC_TERMINATE_100, &DYNAMIC_TERMINATE_10_000);
        let rows = [
            row(few, ct, 10.0, 10.0),
            row(few, mt, 10.0, 20.0),
            row(many, ct, 10.0, 30.0),
            row(many, mt, 11.0, 20.0),
        ];
        let growth = growth(&rows);
        assert_eq!(growth.len(), 2);
        assert_eq!((growth[0].runtime, growth[0].judged()), (ct, Some(3.0)));
        assert_eq!(growth[0].verdict(), Some(Verdict::Missed));
        assert_eq!((growth[1].runtime, growth[1].judged()), (mt, Some(1.0)));
    }

    #[test]
    fn one_number_of_children_alone_does_not_grow() {
        let only = row(&DYNAMIC_TERMINATE_100, RuntimeKind::CurrentThread, 1.0, 1.0);
        assert!(growth(&[only]).is_empty());
    }
}
