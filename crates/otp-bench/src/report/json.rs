//! The same as JSON, for programs.

use serde_json::{Value, json};

use crate::cli::Options;
use crate::goal::{Limited, Verdict};
use crate::row::Row;
use crate::spread::Spread;

/// The whole report.
pub(super) fn document(options: &Options, rows: &[Row]) -> Value {
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "optimised": !cfg!(debug_assertions),
        "rounds": options.rounds,
        "quick": options.quick,
        "rows": rows.iter().map(object).collect::<Vec<_>>(),
    })
}

fn object(row: &Row) -> Value {
    json!({
        "workload": row.workload,
        "runtime": row.runtime.to_string(),
        "unit": row.unit.to_string(),
        "floor": spread(&row.floor),
        "ours": spread(&row.ours),
        "ratio": spread(&row.ratio),
        "limited": match row.goal.of {
            Limited::Ratio => "ratio",
            Limited::Ours => "ours",
        },
        "goal": row.goal.aim,
        "line": row.goal.line,
        "verdict": match row.verdict() {
            Verdict::Met => "goal met",
            Verdict::Holds => "line holds",
            Verdict::Missed => "line missed",
        },
    })
}

/// A ratio to nothing is no number, and JSON has only numbers: it comes out as null.
fn spread(spread: &Spread) -> Value {
    json!({ "median": spread.median, "min": spread.min, "max": spread.max })
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::document;
    use crate::cli::Cli;
    use crate::goal::Goal;
    use crate::harness::Rounds;
    use crate::row::{Row, Unit};
    use crate::runtime::RuntimeKind;

    #[test]
    fn a_row_carries_its_spread_and_its_verdict() {
        let options = Cli::parse_from(["otp-bench", "all", "--rounds", "3"]).options;
        let rounds = Rounds::new(vec![100.0], vec![130.0]);
        let goal = Goal::ratio(1.0, 1.15);
        let row = Row::new(
            "call",
            RuntimeKind::MultiThread,
            Unit::Nanoseconds,
            &rounds,
            goal,
        );
        let document = document(&options, &[row]);
        assert_eq!(document["rounds"], 3);
        assert_eq!(document["rows"][0]["runtime"], "mt");
        assert_eq!(document["rows"][0]["ratio"]["median"], 1.3);
        assert_eq!(document["rows"][0]["verdict"], "line missed");
    }
}
