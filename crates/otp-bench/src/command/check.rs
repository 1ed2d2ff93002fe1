//! Fails when a line that must hold is missed by a wide margin.

use std::io::{self, Write};
use std::process::ExitCode;

use crate::cli::Options;
use crate::row::Row;

/// Judges the rows of the first runtime that was measured.
///
/// That is current_thread, unless only the other was asked for: where tokio places tasks on two
/// workers moves the ratios of the other by more than any margin worth having.
///
/// # Errors
///
/// Fails when nothing can be written to `out`.
pub(super) fn check(
    rows: &[Row],
    options: &Options,
    margin: f64,
    out: &mut dyn Write,
) -> io::Result<ExitCode> {
    let gate = options.runtime.kinds()[0];
    let mut missed = rows
        .iter()
        .filter(|row| {
            row.runtime == gate
                && row
                    .judged()
                    .is_some_and(|figure| row.goal.far_beyond(figure, margin))
        })
        .peekable();
    if missed.peek().is_none() {
        return Ok(ExitCode::SUCCESS);
    }
    if !options.json {
        for row in missed {
            writeln!(
                out,
                "missed by more than {margin} times the line: {} ({}): {:.2}, the line is {:.2}",
                row.workload,
                row.runtime,
                row.judged().unwrap_or(f64::NAN),
                row.goal.line,
            )?;
        }
    }
    Ok(ExitCode::FAILURE)
}

#[cfg(test)]
mod tests {
    use std::process::ExitCode;

    use clap::Parser;

    use super::check;
    use crate::cli::Cli;
    use crate::contender::{FLOOR, OURS};
    use crate::goal::Goal;
    use crate::harness::{Figure, Rounds};
    use crate::row::{Row, Unit};
    use crate::runtime::RuntimeKind;

    fn verdict(arguments: &[&str], runtime: RuntimeKind, ratio: f64) -> (ExitCode, String) {
        let options = Cli::parse_from(arguments).options;
        let one = |amount| vec![Figure::counted(amount)];
        let row = Row {
            workload: "call",
            runtime,
            unit: Unit::Nanoseconds,
            rounds: Rounds::new([(FLOOR.name, one(1.0)), (OURS.name, one(ratio))]),
            goal: Goal::ratio(1.0, 1.2),
        };
        let mut out = Vec::new();
        let code = check(&[row], &options, 1.25, &mut out).unwrap();
        (code, String::from_utf8(out).unwrap())
    }

    #[test]
    fn a_line_missed_by_far_fails_the_check_and_is_named() {
        let (code, text) = verdict(&["otp-bench", "check"], RuntimeKind::CurrentThread, 1.6);
        assert_eq!(code, ExitCode::FAILURE);
        assert!(text.contains("call (ct): 1.60, the line is 1.20"), "{text}");
    }

    #[test]
    fn a_line_missed_by_little_does_not() {
        let (code, text) = verdict(&["otp-bench", "check"], RuntimeKind::CurrentThread, 1.4);
        assert_eq!(code, ExitCode::SUCCESS);
        assert_eq!(text, "");
    }

    #[test]
    fn two_workers_are_judged_only_when_they_alone_are_asked_for() {
        let (code, _) = verdict(&["otp-bench", "check"], RuntimeKind::MultiThread, 1.6);
        assert_eq!(code, ExitCode::SUCCESS);
        let alone = ["otp-bench", "check", "--runtime", "mt"];
        let (code, _) = verdict(&alone, RuntimeKind::MultiThread, 1.6);
        assert_eq!(code, ExitCode::FAILURE);
    }
}
