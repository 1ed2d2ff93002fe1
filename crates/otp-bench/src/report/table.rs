//! The table on the screen.

use crate::goal::{Limited, Verdict};
use crate::harness::Samples;
use crate::row::{Row, Unit};
use crate::spread::Spread;

/// What stands where there is no figure.
const NONE: &str = "-";

pub(super) fn heading() -> String {
    format!(
        "{:<26} {:<2} {:<6} {:>7} {:>7} {:>7} {:>7} {:>7} {:>7}  {:>6} {:<13} {:>5} {:>5}  {:>9} {:>9}",
        "workload",
        "on",
        "unit",
        "floor",
        "least",
        "(cpu)",
        "ours",
        "least",
        "(cpu)",
        "ratio",
        " least..most",
        "least",
        "(cpu)",
        "goal",
        "line"
    )
}

pub(super) fn line(row: &Row) -> String {
    let (floor, ours) = (row.floor(), row.ours());
    let median = |spread: Spread| spread.median;
    let show = |figure: Option<f64>| show(figure, row.unit);
    let amount = |samples: Option<&Samples>| show(samples.map(Samples::amount).map(median));
    let least = |samples: Option<&Samples>| samples.map(|samples| samples.amount().min);
    let cpu = |samples: Option<&Samples>| show(samples.and_then(Samples::cpu).map(median));
    let both = floor.zip(ours);
    let over = both.map(|(floor, ours)| ours.over(floor));
    let cpu_over = both.and_then(|(floor, ours)| ours.cpu_over(floor));
    let text = format!(
        "{:<26} {:<2} {:<6} {:>7} {:>7} {:>7} {:>7} {:>7} {:>7}  {:>6} {:<13} {:>5} {:>5}  {:>9} {:>9}  {}",
        row.workload,
        row.runtime,
        row.unit,
        amount(floor),
        show(least(floor)),
        cpu(floor),
        amount(ours),
        show(least(ours)),
        cpu(ours),
        ratio(over.map(|over| over.median)),
        format!(
            "{}..{}",
            ratio(over.map(|over| over.min)),
            ratio(over.map(|over| over.max))
        ),
        ratio(both.map(|(floor, ours)| ours.amount().min / floor.amount().min)),
        ratio(cpu_over.map(|over| over.median)),
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
        .filter(|row| row.verdict() == Some(Verdict::Missed))
        .count();
    match missed {
        0 => "every line holds".to_owned(),
        1 => "1 line is missed (!)".to_owned(),
        many => format!("{many} lines are missed (!)"),
    }
}

fn show(figure: Option<f64>, unit: Unit) -> String {
    let Some(figure) = figure else {
        return NONE.to_owned();
    };
    match unit {
        Unit::Allocations => format!("{figure:.3}"),
        Unit::Factor => format!("{figure:.2}"),
        Unit::Nanoseconds | Unit::Bytes => format!("{figure:.0}"),
    }
}

/// A floor of nothing has no ratio.
fn ratio(figure: Option<f64>) -> String {
    match figure {
        Some(figure) if figure.is_finite() => format!("{figure:.2}"),
        _ => NONE.to_owned(),
    }
}

fn limit(figure: f64, row: &Row) -> String {
    match (row.goal.of, row.unit) {
        (Limited::Ratio, _) => format!("{figure:.2}x"),
        (Limited::OverBeam, _) => format!("{figure:.2}xBEAM"),
        (Limited::Ours, Unit::Factor) => format!("{figure:.2}"),
        (Limited::Ours, _) => format!("{figure:.0}"),
    }
}

fn mark(verdict: Option<Verdict>) -> &'static str {
    match verdict {
        Some(Verdict::Met) | None => "",
        Some(Verdict::Holds) => ".",
        Some(Verdict::Missed) => "! missed",
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{footer, heading, line};
    use crate::contender::{FLOOR, OURS};
    use crate::cost::Cost;
    use crate::goal::Goal;
    use crate::harness::{Figure, Rounds};
    use crate::row::{Row, Unit};
    use crate::runtime::RuntimeKind;

    fn row(ours: u64, goal: Goal) -> Row {
        let figure = |wall| {
            let cost = Cost {
                wall: Duration::from_nanos(wall),
                cpu: Duration::from_nanos(wall - 10),
            };
            Figure::of(cost, 1)
        };
        let figures = |walls: [u64; 3]| walls.map(figure).to_vec();
        Row {
            workload: "call",
            runtime: RuntimeKind::CurrentThread,
            unit: Unit::Nanoseconds,
            rounds: Rounds::new([
                (FLOOR.name, figures([100, 100, 100])),
                (OURS.name, figures([ours, ours - 5, ours + 10])),
            ]),
            goal,
        }
    }

    const GOAL: Goal = Goal::ratio(1.0, 1.15);

    #[test]
    fn a_line_shows_times_ratios_and_limits() {
        let expected = "\
workload                   on unit     floor   least   (cpu)    ours   least   (cpu)   ratio  least..most  least (cpu)       goal      line
call                       ct ns         100     100      90     110     105     100    1.10 1.05..1.20     1.05  1.11      1.00x     1.15x  .";
        let shown = format!("{}\n{}", heading(), line(&row(110, GOAL)));
        assert_eq!(shown, expected);
    }

    #[test]
    fn a_missed_line_is_marked_and_counted() {
        let missed = row(120, GOAL);
        assert!(line(&missed).ends_with("1.15x  ! missed"));
        let met = row(95, GOAL);
        assert!(line(&met).ends_with("1.15x"));
        assert_eq!(footer(&[missed, met.clone()]), "1 line is missed (!)");
        assert_eq!(footer(&[met]), "every line holds");
    }

    #[test]
    fn what_cannot_be_judged_is_shown_without_a_mark() {
        let unjudged = row(120, Goal::over_beam(0.25, 0.4));
        assert!(line(&unjudged).ends_with("0.25xBEAM 0.40xBEAM"));
        assert_eq!(footer(&[unjudged]), "every line holds");
    }
}
