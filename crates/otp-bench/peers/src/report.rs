//! A table a runtime, and JSON.

use otp_bench::{FLOOR, OURS, Row, RuntimeKind, Samples, Spread, Unit, document};
use serde_json::json;

use crate::entrants::Entrant;
use crate::options::Options;

/// How wide the columns are that have no name of a contender above them.
const LABEL: usize = 26;
const AMOUNT: usize = 8;

/// What stands where there is no figure.
const NONE: &str = "-";

/// How a table looks: a line a workload, a column a contender.
#[derive(Debug)]
pub(crate) struct Table {
    contenders: Vec<&'static str>,
    /// Whether times are those of the processors.
    cpu: bool,
}

impl Table {
    pub(crate) fn new(entrants: &[&Entrant], cpu: bool) -> Self {
        Self {
            contenders: entrants.iter().map(|entrant| entrant.name()).collect(),
            cpu,
        }
    }

    /// Two lines: who stands in a column, and what.
    pub(crate) fn heading(&self, runtime: RuntimeKind) -> String {
        let on = match runtime {
            RuntimeKind::CurrentThread => "current_thread",
            RuntimeKind::MultiThread => "multi_thread, two workers",
        };
        let time = if self.cpu { "cpu ns" } else { "ns" };
        let mut names = format!("{on:<LABEL$}");
        let mut units = " ".repeat(LABEL);
        for (name, unit) in [(FLOOR.name, time), (OURS.name, time)] {
            names += &format!("{name:>0$}", AMOUNT + 1);
            units += &format!("{unit:>0$}", AMOUNT + 1);
        }
        for (name, width) in self.compared() {
            names += &format!("{name:>width$}");
            units += &format!("{:>width$}", "x floor");
        }
        format!("{names}\n{units}")
    }

    /// The line of a workload.
    pub(crate) fn line(&self, row: &Row) -> String {
        let mut line = format!("{:<LABEL$}", row.workload);
        for samples in [row.floor(), row.ours()] {
            let amount = samples.and_then(|samples| self.amount(samples, row.unit));
            line += &format!("{:>1$}", show(amount, row.unit), AMOUNT + 1);
        }
        for (name, width) in self.compared() {
            let figure = row.rounds.find(name).and_then(|samples| {
                // A factor has no unit that a floor would have to take away.
                if row.unit == Unit::Factor {
                    return self.amount(samples, row.unit);
                }
                self.ratio(samples, row.floor()?, row.unit)
            });
            line += &format!("{:>width$}", show(figure, Unit::Factor));
        }
        line
    }

    /// Whoever is compared with the floor, and how wide the column is.
    fn compared(&self) -> impl Iterator<Item = (&'static str, usize)> {
        let others = self.contenders.iter().filter(|name| **name != FLOOR.name);
        others.map(|name| (*name, name.len().max("x floor".len()) + 2))
    }

    fn amount(&self, samples: &Samples, unit: Unit) -> Option<Spread> {
        if self.cpu && unit == Unit::Nanoseconds {
            samples.cpu()
        } else {
            Some(samples.amount())
        }
    }

    fn ratio(&self, samples: &Samples, floor: &Samples, unit: Unit) -> Option<Spread> {
        if self.cpu && unit == Unit::Nanoseconds {
            samples.cpu_over(floor)
        } else {
            Some(samples.over(floor))
        }
    }
}

/// Everything as one document: that of `otp-bench`, which draws it, with who took part and what went wrong.
pub(crate) fn json(
    options: &Options,
    rows: &[Row],
    versions: &[String],
    notes: &[String],
) -> String {
    let mut document = document(options.rounds, options.quick, rows);
    document["versions"] = json!(versions);
    document["notes"] = json!(notes);
    format!("{document:#}\n")
}

fn show(spread: Option<Spread>, unit: Unit) -> String {
    match (spread, unit) {
        (Some(spread), _) if !spread.median.is_finite() => NONE.to_owned(),
        (Some(spread), Unit::Factor) => format!("{:.2}", spread.median),
        (Some(spread), _) => format!("{:.0}", spread.median),
        (None, _) => NONE.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use otp_bench::{FLOOR, Figure, Goal, OURS, Rounds, Row, RuntimeKind, Unit};

    use super::Table;

    fn row(unit: Unit, amounts: &[(&'static str, f64)]) -> Row {
        let samples = amounts
            .iter()
            .map(|&(name, amount)| (name, vec![Figure::counted(amount)]));
        Row {
            workload: "call",
            runtime: RuntimeKind::MultiThread,
            unit,
            rounds: Rounds::new(samples),
            goal: Goal::ratio(1.0, 1.15),
        }
    }

    #[test]
    fn a_line_has_two_amounts_and_a_ratio_for_everybody_but_the_floor() {
        let table = Table {
            contenders: vec![FLOOR.name, OURS.name, "tokio-actors", "BEAM"],
            cpu: false,
        };
        let heading = table.heading(RuntimeKind::MultiThread);
        let lines = [
            "multi_thread, two workers     floor otp-core  otp-core  tokio-actors     BEAM",
            "                                 ns       ns   x floor       x floor  x floor",
        ];
        assert_eq!(heading.lines().collect::<Vec<_>>(), lines);
        let amounts = [(FLOOR.name, 200.0), (OURS.name, 190.0), ("BEAM", 800.0)];
        assert_eq!(
            table.line(&row(Unit::Nanoseconds, &amounts)),
            "call                            200      190      0.95             -     4.00"
        );
        let factors = [(FLOOR.name, 1.0), (OURS.name, 1.5), ("BEAM", 4.0)];
        assert_eq!(
            table.line(&row(Unit::Factor, &factors)),
            "call                           1.00     1.50      1.50             -     4.00"
        );
    }
}
