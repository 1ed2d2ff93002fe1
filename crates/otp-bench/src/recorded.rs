//! A report that was written as JSON, read again: for the chart and for the table of a page.

use std::io;

use serde_json::Value;

use crate::contender::{FLOOR, OURS};
use crate::row::Unit;
use crate::runtime::RuntimeKind;

/// A report that has been read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Report {
    pub(crate) rounds: u64,
    /// What it was measured on; reports of earlier versions do not say.
    pub(crate) processor: Option<String>,
    pub(crate) rows: Vec<Row>,
}

/// A row of the report.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    pub(crate) workload: String,
    pub(crate) runtime: String,
    pub(crate) unit: String,
    /// What it costs the floor.
    pub(crate) floor: f64,
    /// The others' ratios to that.
    pub(crate) ratios: Vec<(String, f64)>,
    /// What it costs us.
    pub(crate) ours: f64,
    /// Our ratio to the floor in time on the processor.
    pub(crate) cpu: Option<f64>,
    /// The figure that is limited, if it could be measured, and its limits.
    pub(crate) limited: String,
    pub(crate) judged: Option<f64>,
    pub(crate) goal: f64,
    pub(crate) line: f64,
    pub(crate) verdict: Option<String>,
}

impl Report {
    /// Reads a report.
    ///
    /// # Errors
    ///
    /// Fails when the text is no JSON, or not that of a report.
    pub(crate) fn parse(text: &str) -> io::Result<Self> {
        let document: Value = serde_json::from_str(text)
            .map_err(|error| invalid(&format!("it is no JSON: {error}")))?;
        let rows = list(&document, "rows")?
            .iter()
            .filter_map(|row| Row::read(row).transpose());
        Ok(Self {
            rounds: document["rounds"]
                .as_u64()
                .ok_or_else(|| missing("rounds"))?,
            processor: document["processor"].as_str().map(str::to_owned),
            rows: rows.collect::<io::Result<_>>()?,
        })
    }

    /// The rows to be drawn for a runtime: costs in time on it, and the memory that is resident, which does not depend
    /// on the runtime. Counts are left out: a ratio to next to nothing says nothing.
    pub(crate) fn rows_on(&self, runtime: RuntimeKind) -> Vec<&Row> {
        let (ns, bytes) = (Unit::Nanoseconds.to_string(), Unit::Bytes.to_string());
        let is_drawn = |row: &&Row| {
            let time = row.unit == ns && row.runtime == runtime.to_string();
            time || row.unit == bytes && row.workload.ends_with("resident")
        };
        let rows: Vec<_> = self.rows.iter().filter(is_drawn).collect();
        if rows.iter().any(|row| row.unit == ns) {
            rows
        } else {
            Vec::new()
        }
    }

    /// Everybody but the floor, ours first and the others as the report has them.
    pub(crate) fn contenders(&self) -> Vec<&str> {
        let mut contenders = vec![OURS.name];
        for (contender, _) in self.rows.iter().flat_map(|row| &row.ratios) {
            if !contenders.contains(&contender.as_str()) {
                contenders.push(contender);
            }
        }
        contenders
    }
}

impl Row {
    /// Reads a row; nothing if the floor or ours is missing, and so the ratio.
    fn read(row: &Value) -> io::Result<Option<Self>> {
        let (mut floor, mut ours, mut cpu) = (None, None, None);
        let mut ratios = Vec::new();
        for figures in list(row, "contenders")? {
            let contender = text(figures, "contender")?;
            if contender == OURS.name {
                ours = figures["amount"]["median"].as_f64();
                cpu = figures["cpu_ratio"]["median"].as_f64();
            }
            if contender == FLOOR.name {
                floor = figures["amount"]["median"].as_f64();
            } else if let Some(ratio) = figures["ratio"]["median"].as_f64() {
                ratios.push((contender, ratio));
            }
        }
        let (Some(floor), Some(ours)) = (floor, ours) else {
            return Ok(None);
        };
        let limit = |key| row[key].as_f64().ok_or_else(|| missing(key));
        Ok(Some(Self {
            workload: text(row, "workload")?,
            runtime: text(row, "runtime")?,
            unit: text(row, "unit")?,
            floor,
            ratios,
            ours,
            cpu,
            limited: text(row, "limited")?,
            judged: row["judged"].as_f64(),
            goal: limit("goal")?,
            line: limit("line")?,
            verdict: row["verdict"].as_str().map(str::to_owned),
        }))
    }
}

fn list<'a>(value: &'a Value, key: &str) -> io::Result<&'a Vec<Value>> {
    value[key].as_array().ok_or_else(|| missing(key))
}

fn text(value: &Value, key: &str) -> io::Result<String> {
    let text = value[key].as_str().ok_or_else(|| missing(key))?;
    Ok(text.to_owned())
}

fn missing(key: &str) -> io::Error {
    invalid(&format!(
        "it has no {key:?} where a report has it: expected the JSON of `otp-bench all --json`"
    ))
}

fn invalid(problem: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, problem.to_owned())
}

#[cfg(test)]
mod tests {
    use super::Report;
    use crate::contender::{FLOOR, OURS};
    use crate::goal::Goal;
    use crate::harness::{Figure, Rounds};
    use crate::machine::processor;
    use crate::report::document;
    use crate::row::{Row, Unit};
    use crate::runtime::RuntimeKind;

    fn row(workload: &'static str, runtime: RuntimeKind, unit: Unit) -> Row {
        let one = |amount| vec![Figure::counted(amount)];
        Row {
            workload,
            runtime,
            unit,
            rounds: Rounds::new([
                (FLOOR.name, one(100.0)),
                ("peer", one(250.0)),
                (OURS.name, one(50.0)),
            ]),
            goal: Goal::ratio(1.0, 1.0),
        }
    }

    #[test]
    fn a_report_is_read_as_it_was_written() {
        let (ct, mt) = (RuntimeKind::CurrentThread, RuntimeKind::MultiThread);
        let rows = [
            row("call", ct, Unit::Nanoseconds),
            row("call", mt, Unit::Nanoseconds),
            row("idle, resident", ct, Unit::Bytes),
            row("allocs per call", mt, Unit::Allocations),
        ];
        let report = Report::parse(&document(7, false, &rows).to_string()).unwrap();
        assert_eq!(report.rounds, 7);
        assert_eq!(report.processor, Some(processor()));
        assert_eq!(report.contenders(), [OURS.name, "peer"]);
        let drawn = report.rows_on(mt);
        let workloads: Vec<_> = drawn.iter().map(|row| &*row.workload).collect();
        assert_eq!(workloads, ["call", "idle, resident"]);
        assert_eq!(drawn[0].floor, 100.0);
        let ratios = [("peer".to_owned(), 2.5), (OURS.name.to_owned(), 0.5)];
        assert_eq!(drawn[0].ratios, ratios);
    }

    #[test]
    fn what_is_no_report_is_refused_with_what_is_missing() {
        let error = |text: &str| Report::parse(text).unwrap_err().to_string();
        assert!(error("<svg>").starts_with("it is no JSON: "));
        assert!(error("{}").starts_with("it has no \"rows\" "));
        assert!(error(r#"{"rows": []}"#).starts_with("it has no \"rounds\" "));
    }
}
