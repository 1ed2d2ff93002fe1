//! The command line.

use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use clap::Parser;

use crate::driver;
use crate::plan::Plan;
use crate::progress;
use crate::report::Report;
use crate::soak::Soak;
use crate::stop::Stop;

/// Does everything at once to otp-core for a long time, and counts what is left over
///
/// Ctrl-C ends it early, with the table. The exit code is 1 if anything is left over, if anything happened that must not
/// happen, or if memory went on growing.
#[derive(Debug, Parser)]
#[command(
    name = "otp-soak",
    version,
    after_help = "Examples:\n  otp-soak\n  otp-soak --for 30s --seed 7\n  otp-soak --for 1m --only hostile"
)]
struct Cli {
    /// How long to go on
    #[arg(long = "for", value_name = "TIME", default_value = "10m", value_parser = length)]
    length: Duration,
    /// What the random numbers begin with [default: another one each time]
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// How many drivers work at the same time
    #[arg(long, value_name = "NUMBER", default_value = "16", value_parser = clap::value_parser!(u16).range(1..=1000))]
    drivers: u16,
    /// Do only what has this word in its name, such as `hostile` or `timers`
    #[arg(long, value_name = "WORD", value_parser = known)]
    only: Option<String>,
}

/// The exit code of a program that was interrupted.
const INTERRUPTED: u8 = 130;

/// Runs the program; `bytes` says how much memory is in use.
#[must_use]
pub fn run(bytes: fn() -> usize) -> ExitCode {
    let cli = Cli::parse();
    let plan = Plan {
        drivers: cli.drivers.into(),
        ..Plan::new(cli.length, cli.seed.unwrap_or_else(now))
    };
    let only = cli.only.unwrap_or_default();
    match soak(plan, &only, bytes, &mut io::stdout()) {
        Ok(report) if !report.is_clean() => ExitCode::FAILURE,
        Ok(report) if report.was_interrupted => ExitCode::from(INTERRUPTED),
        Ok(_) => ExitCode::SUCCESS,
        Err(error) => {
            // With standard error gone there is nobody left to tell.
            let _ = writeln!(io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn soak(plan: Plan, only: &str, bytes: fn() -> usize, out: &mut dyn Write) -> io::Result<Report> {
    let stop = Stop::default();
    let flag = stop.clone();
    ctrlc::set_handler(move || flag.raise()).map_err(io::Error::other)?;
    writeln!(
        out,
        "{} rounds of {}, {} drivers, --seed {}\n",
        plan.rounds,
        humantime::format_duration(plan.round()),
        plan.drivers,
        plan.seed
    )?;
    out.flush()?;

    let soak = Soak::of(only, plan, stop, bytes);
    let (node, ledger) = (soak.node(), soak.ledger());
    let (running, over) = mpsc::channel();
    let report = thread::scope(|scope| {
        scope.spawn(move || progress::tell(&plan, &node, &ledger, bytes, &over));
        let report = soak.run();
        drop(running);
        report
    });
    writeln!(out, "{report}")?;
    Ok(report)
}

/// At least a second, and not so long that clocks have no number for it.
fn length(text: &str) -> Result<Duration, String> {
    let expected = "expected a number and a unit, such as 30s, 10m or 8h";
    let length = otp_text::duration::parse(text).map_err(|error| error.or(expected))?;
    let bounds = Duration::from_secs(1)..=Duration::from_secs(30 * 24 * 3600);
    match bounds.contains(&length) {
        true => Ok(length),
        false => Err("expected at least 1s and at most 30d".to_owned()),
    }
}

/// A word in the name of an operation.
fn known(word: &str) -> Result<String, String> {
    match driver::operations().iter().any(|it| it.name.contains(word)) {
        true => Ok(word.to_owned()),
        false => Err("no operation has this word in its name".to_owned()),
    }
}

/// Another seed each time.
fn now() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0, |now| now.as_secs())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use clap::CommandFactory;

    use super::{Cli, length};

    #[test]
    fn the_grammar_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_length_is_a_number_with_a_unit() {
        assert_eq!(length("10m"), Ok(Duration::from_secs(600)));
        assert_eq!(length("1m 30s"), Ok(Duration::from_secs(90)));
        for wrong in ["", "ten", "10", "0s", "1ms", "31d", "9999999999999y"] {
            let error = length(wrong).unwrap_err();
            assert!(error.contains("expected"), "{wrong}: {error}");
        }
    }
}
