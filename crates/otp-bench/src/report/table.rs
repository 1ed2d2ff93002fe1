//! The table on the screen.

use crate::goal::{Limited, Verdict};
use crate::row::{Row, Unit};

pub(super) fn heading() -> String {
    format!(
        "{:<16} {:<2} {:<6} {:>8} {:>8}  {:>6} {:<13} {:>7} {:>7}",
        "workload", "on", "unit", "floor", "ours", "ratio", " least..most", "goal", "line"
    )
}

pub(super) fn line(row: &Row) -> String {
    let text = format!(
        "{:<16} {:<2} {:<6} {:>8} {:>8}  {:>6} {:<13} {:>7} {:>7}  {}",
        row.workload,
        row.runtime,
        row.unit,
        amount(row.floor.median, row.unit),
        amount(row.ours.median, row.unit),
        ratio(row.ratio.median),
        format!("{}..{}", ratio(row.ratio.min), ratio(row.ratio.max)),
        limit(row.goal.aim, row),
        limit(row.goal.line, row),
        mark(row.verdict()),
    );
    text.trim_end().to_owned()
}

/// What the marks mean, if there are any.
pub(super) fn footer(rows: &[Row]) -> String {
    let missed = rows
        .iter()
        .filter(|row| row.verdict() == Verdict::Missed)
        .count();
    match missed {
        0 => "every line holds".to_owned(),
        1 => "1 line is missed (!)".to_owned(),
        many => format!("{many} lines are missed (!)"),
    }
}

fn amount(figure: f64, unit: Unit) -> String {
    match unit {
        Unit::Allocations => format!("{figure:.3}"),
        Unit::Nanoseconds | Unit::Bytes => format!("{figure:.0}"),
    }
}

/// A floor of nothing has no ratio.
fn ratio(figure: f64) -> String {
    if figure.is_finite() {
        format!("{figure:.2}")
    } else {
        "-".to_owned()
    }
}

fn limit(figure: f64, row: &Row) -> String {
    match row.goal.of {
        Limited::Ratio => format!("{figure:.2}x"),
        Limited::Ours => format!("{figure:.0}"),
    }
}

fn mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Met => "",
        Verdict::Holds => ".",
        Verdict::Missed => "! missed",
    }
}

#[cfg(test)]
mod tests {
    use super::{footer, line};
    use crate::goal::Goal;
    use crate::harness::Rounds;
    use crate::row::{Row, Unit};
    use crate::runtime::RuntimeKind;

    fn row(ours: f64) -> Row {
        let rounds = Rounds::new(
            vec![100.0, 100.0, 100.0],
            vec![ours, ours - 5.0, ours + 10.0],
        );
        let goal = Goal::ratio(1.0, 1.15);
        Row::new(
            "call",
            RuntimeKind::CurrentThread,
            Unit::Nanoseconds,
            &rounds,
            goal,
        )
    }

    #[test]
    fn a_line_shows_times_ratios_and_limits() {
        let expected =
            "call             ct ns          100      110    1.10 1.05..1.20      1.00x   1.15x  .";
        assert_eq!(line(&row(110.0)), expected);
    }

    #[test]
    fn a_missed_line_is_marked_and_counted() {
        assert!(line(&row(120.0)).ends_with("1.15x  ! missed"));
        assert!(line(&row(95.0)).ends_with("1.15x"));
        assert_eq!(footer(&[row(120.0), row(95.0)]), "1 line is missed (!)");
        assert_eq!(footer(&[row(95.0)]), "every line holds");
    }
}
