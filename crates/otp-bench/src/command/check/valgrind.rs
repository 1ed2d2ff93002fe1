//! This program once more, under valgrind, which counts its instructions.

use std::env;
use std::io;
use std::process::{Command, Stdio};

use clap::ValueEnum;

use super::Guarded;
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

/// How many instructions a process takes for so many operations, from its first to its last.
///
/// # Errors
///
/// Fails when valgrind or the child fails, or valgrind reports no count.
pub(super) fn instructions(side: Side, guarded: Guarded, operations: u64) -> io::Result<u64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
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
            "valgrind reported no line \"Collected : <number>\", but:\n{}",
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

fn collected(report: &str) -> Option<u64> {
    let line = report.lines().find(|line| line.contains("Collected"))?;
    line.rsplit_once(':')?.1.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::{SUBCOMMAND, collected, word};
    use crate::cli::{Cli, Command, Side};
    use crate::command::check::Guarded;

    #[test]
    fn the_count_is_in_valgrinds_report() {
        let report = "==7== Events    : Ir\n==7== Collected : 10265344\n==7== \n";
        assert_eq!(collected(report), Some(10_265_344));
        assert_eq!(collected("==7== Events    : Ir\n"), None);
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
