//! A recorded report as a table in Markdown, for `docs/speed.md`.

use crate::contender::{BEAM, OURS};
use crate::goal::{Limited, Verdict};
use crate::recorded::{Report, Row};
use crate::row::Unit;
use crate::runtime::RuntimeKind;

/// One line a workload: the limited figure on each runtime, its limits, and the same figure of the others.
///
/// The figure of time on the processor stands in brackets. A figure that misses the line is bold.
pub(crate) fn table(report: &Report) -> String {
    let processor = report.processor.as_deref().unwrap_or("processor unknown");
    let mut table = format!(
        "| {processor} | ct | mt | goal | line | best peer | BEAM |\n|---|---|---|---|---|---|---|\n"
    );
    for (index, row) in report.rows.iter().enumerate() {
        let name = &row.workload;
        if report.rows[..index].iter().any(|row| row.workload == *name) {
            continue;
        }
        let on = |runtime: RuntimeKind| {
            let is_it = |row: &&Row| row.workload == *name && row.runtime == runtime.to_string();
            report.rows.iter().find(is_it).map(ours).unwrap_or_default()
        };
        let cells = [
            described(row),
            on(RuntimeKind::CurrentThread),
            on(RuntimeKind::MultiThread),
            row.number(row.goal),
            row.number(row.line),
            row.of(|name| name != OURS.name && name != BEAM),
            row.of(|name| name == BEAM),
        ];
        table += &format!("| {} |\n", cells.join(" | "));
    }
    table
}

/// The workload, and what its figures are if they are no ratios to the floor.
fn described(row: &Row) -> String {
    let name = &row.workload;
    if row.is_limited_by(Limited::OverBeam) {
        format!("{name}, beside the BEAM")
    } else if row.unit == Unit::Bytes.to_string() {
        format!("{name}, bytes")
    } else {
        name.clone()
    }
}

fn ours(row: &Row) -> String {
    let Some(judged) = row.judged else {
        return String::new();
    };
    let figure = row.number(judged);
    let figure = if row.verdict == Some(Verdict::Missed.to_string()) {
        format!("**{figure}**")
    } else {
        figure
    };
    match row.cpu {
        Some(cpu) if row.is_limited_by(Limited::Ratio) => format!("{figure} ({cpu:.2})"),
        _ => figure,
    }
}

impl Row {
    fn is_limited_by(&self, limited: Limited) -> bool {
        self.limited == limited.to_string()
    }

    /// A figure of this row: memory has no digits after the point.
    fn number(&self, figure: f64) -> String {
        if self.unit == Unit::Bytes.to_string() {
            format!("{figure:.0}")
        } else {
            format!("{figure:.2}")
        }
    }

    /// The least of the others' figures, in the measure of ours.
    fn of(&self, is_meant: impl Fn(&str) -> bool) -> String {
        let ratios = self.ratios.iter().filter(|(name, _)| is_meant(name));
        let least = ratios.map(|(_, ratio)| *ratio).min_by(f64::total_cmp);
        let ours = self.ratios.iter().find(|(name, _)| name == OURS.name);
        match (least, ours, self.judged) {
            (Some(least), Some((_, ours)), Some(judged)) => self.number(judged * least / ours),
            _ => String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::table;
    use crate::recorded::Report;

    /// A page tells what its report says. `otp-bench markdown docs/bench.json` writes the table anew.
    #[test]
    fn the_page_has_the_figures_of_the_recorded_report() {
        let report = Report::parse(include_str!("../../../docs/bench.json")).unwrap();
        let page = include_str!("../../../docs/speed.md");
        assert!(page.contains(&table(&report)), "{}", table(&report));
    }

    #[test]
    fn a_figure_that_misses_the_line_is_bold() {
        let row = |runtime: &str, ratio: f64, verdict: &str| {
            format!(
                r#"{{"workload": "cast", "runtime": "{runtime}", "unit": "ns", "goal": 0.75, "line": 0.9,
                    "limited": "ratio to the floor", "judged": {ratio}, "verdict": "{verdict}", "contenders": [
                    {{"contender": "floor", "amount": {{"median": 10}}, "ratio": {{"median": 1}}}},
                    {{"contender": "otp-core", "amount": {{"median": 5}}, "ratio": {{"median": {ratio}}},
                      "cpu_ratio": {{"median": 0.4}}}},
                    {{"contender": "a peer", "amount": {{"median": 20}}, "ratio": {{"median": 2}}}},
                    {{"contender": "BEAM", "amount": {{"median": 30}}, "ratio": {{"median": 3}}}}]}}"#
            )
        };
        let rows = [row("ct", 0.5, "goal met"), row("mt", 1.25, "line missed")].join(",");
        let text = format!(r#"{{"rounds": 5, "processor": "A", "rows": [{rows}]}}"#);
        let table = table(&Report::parse(&text).unwrap());
        let lines: Vec<_> = table.lines().collect();
        assert_eq!(lines[0], "| A | ct | mt | goal | line | best peer | BEAM |");
        let cast = "| cast | 0.50 (0.40) | **1.25** (0.40) | 0.75 | 0.90 | 2.00 | 3.00 |";
        assert_eq!(lines[2..], [cast]);
    }
}
