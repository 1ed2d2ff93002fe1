//! The same as JSON, for programs.

use serde_json::{Value, json};

use crate::harness::Samples;
use crate::machine::processor;
use crate::row::Row;
use crate::spread::Spread;

/// The whole report as one document, which `otp-bench chart` draws.
///
/// `quick` says that the samples had fewer operations than usual.
pub fn document(rounds: u32, quick: bool, rows: &[Row]) -> Value {
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "optimised": !cfg!(debug_assertions),
        "processor": processor(),
        "rounds": rounds,
        "quick": quick,
        "rows": rows.iter().map(object).collect::<Vec<_>>(),
    })
}

fn object(row: &Row) -> Value {
    let contenders = row.rounds.contenders().iter();
    json!({
        "workload": row.workload,
        "runtime": row.runtime.to_string(),
        "unit": row.unit.to_string(),
        "contenders": contenders.map(|samples| figures(row, samples)).collect::<Vec<_>>(),
        "limited": row.goal.of.to_string(),
        "goal": row.goal.aim,
        "line": row.goal.line,
        "judged": row.judged(),
        "verdict": row.verdict().map(|verdict| verdict.to_string()),
    })
}

fn figures(row: &Row, samples: &Samples) -> Value {
    let floor = row.floor();
    json!({
        "contender": samples.contender(),
        "amount": spread(samples.amount()),
        "cpu": samples.cpu().map(spread),
        "ratio": floor.map(|floor| spread(samples.over(floor))),
        "cpu_ratio": floor.and_then(|floor| samples.cpu_over(floor)).map(spread),
    })
}

/// A ratio to nothing is no number, and JSON has only numbers: it comes out as null.
fn spread(spread: Spread) -> Value {
    json!({ "median": spread.median, "min": spread.min, "max": spread.max })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::document;
    use crate::contender::{FLOOR, OURS};
    use crate::cost::Cost;
    use crate::goal::Goal;
    use crate::harness::{Figure, Rounds};
    use crate::row::{Row, Unit};
    use crate::runtime::RuntimeKind;

    #[test]
    fn a_row_carries_its_spread_and_its_verdict() {
        let figure = |wall, cpu| {
            let (wall, cpu) = (Duration::from_nanos(wall), Duration::from_nanos(cpu));
            vec![Figure::of(Cost { wall, cpu }, 10)]
        };
        let row = Row {
            workload: "call",
            runtime: RuntimeKind::MultiThread,
            unit: Unit::Nanoseconds,
            rounds: Rounds::new([
                (FLOOR.name, figure(1_000, 800)),
                (OURS.name, figure(1_300, 1_200)),
            ]),
            goal: Goal::ratio(1.0, 1.15),
        };
        let document = document(3, false, &[row]);
        assert_eq!(document["rounds"], 3);
        let row = &document["rows"][0];
        assert_eq!(row["runtime"], "mt");
        assert_eq!(row["verdict"], "line missed");
        let ours = &row["contenders"][1];
        assert_eq!(ours["contender"], "otp-core");
        assert_eq!(ours["amount"]["median"], 130.0);
        assert_eq!(ours["cpu"]["median"], 120.0);
        assert_eq!(ours["ratio"]["median"], 1.3);
        assert_eq!(ours["cpu_ratio"]["median"], 1.5);
    }
}
