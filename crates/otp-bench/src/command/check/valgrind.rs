//! This program once more, under valgrind, which counts what it takes.

use std::env;
use std::io;
use std::process::{Command, Stdio};

use clap::ValueEnum;

use super::Guarded;
use super::row::Counted;
use crate::cli::Side;

/// The name of the subcommand that the child is started with.
const SUBCOMMAND: &str = "check-child";

/// Whether valgrind can be started.
///
/// # Errors
///
/// Fails when it is there and does not start.
pub(super) fn is_installed() -> io::Result<bool> {
    let started = Command::new("valgrind")
        .arg("--version")
        .stdout(Stdio::null())
        .status();
    match started {
        Ok(status) => Ok(status.success()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// What a process takes for so many operations, from its first instruction to its last: a number for each of what is
/// counted.
///
/// # Errors
///
/// Fails when valgrind or the child fails, or valgrind reports no counts.
pub(super) fn counts(
    side: Side,
    guarded: Guarded,
    operations: u64,
) -> io::Result<[u64; Counted::ALL.len()]> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .args(["--cache-sim=yes", "--branch-sim=yes", "--collect-bus=yes"])
        .arg(env::current_exe()?)
        .args([SUBCOMMAND, &word(&side), &word(&guarded)])
        .arg(operations.to_string())
        .output()?;
    let text = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        return Err(io::Error::other(format!(
            "valgrind failed: {}\n{}",
            output.status,
            text.trim_end()
        )));
    }
    collected(&text).ok_or_else(|| {
        io::Error::other(format!(
            "valgrind reported no lines \"Events : <names>\" and \"Collected : <numbers>\", but:\n{}",
            text.trim_end()
        ))
    })
}

fn word(value: &impl ValueEnum) -> String {
    let value = value
        .to_possible_value()
        .expect("no value is hidden from the command line");
    value.get_name().to_owned()
}

fn collected(report: &str) -> Option<[u64; Counted::ALL.len()]> {
    let words = |title: &str| {
        let line = report.lines().find(|line| line.contains(title))?;
        Some(line.rsplit_once(':')?.1.split_whitespace())
    };
    let mut counts = [0; Counted::ALL.len()];
    for (counted, count) in Counted::ALL.into_iter().zip(&mut counts) {
        for event in counted.events() {
            let place = words("Events")?.position(|name| name == *event)?;
            *count += words("Collected")?.nth(place)?.parse::<u64>().ok()?;
        }
    }
    Some(counts)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::{SUBCOMMAND, collected, word};
    use crate::cli::{Cli, Command, Side};
    use crate::command::check::Guarded;

    #[test]
    fn the_counts_are_in_valgrinds_report() {
        let report =
            "==7== Events    : Ir Dr Dw Bc Bi Ge\n==7== Collected : 900 50 30 7 1 4\n==7== \n";
        assert_eq!(collected(report), Some([900, 80, 8, 4]));
        assert_eq!(collected("==7== Events    : Ir Dr Dw Bc Bi Ge\n"), None);
        assert_eq!(collected("Events : Ir\nCollected : 900\n"), None);
    }

    #[test]
    fn the_child_understands_its_command_line() {
        for guarded in Guarded::ALL {
            let (side, workload) = (word(&Side::Ours), word(&guarded));
            let line = ["otp-bench", SUBCOMMAND, &side, &workload, "10"];
            let cli = Cli::try_parse_from(line).unwrap();
            assert!(matches!(
                cli.command,
                Command::CheckChild { side: Side::Ours, guarded: asked, operations: 10 } if asked == guarded
            ));
        }
    }
}
