//! A fresh process of this program, in which the servers live.

use std::env;
use std::io::{self, Write};
use std::process::{Command, Stdio};

use clap::ValueEnum;

use super::bar::Bar;
use super::life::Life;
use super::{floor, ours};
use crate::cli::Side;
use crate::runtime::RuntimeKind;

/// The name of the subcommand that the child is started with.
const SUBCOMMAND: &str = "scale-child";

/// Starts a child, in which so many servers live and die; its progress shows on standard error.
///
/// # Errors
///
/// Fails when the child cannot be started, fails itself, or reports no figures.
pub(super) fn start(side: Side, servers: u64, runtime: RuntimeKind) -> io::Result<Life> {
    let side = side
        .to_possible_value()
        .expect("no side is hidden from the command line");
    let output = Command::new(env::current_exe()?)
        .args([SUBCOMMAND, side.get_name(), &servers.to_string()])
        .args(["--runtime", &runtime.to_string()])
        .stderr(Stdio::inherit())
        .output()?;
    if !output.status.success() {
        return Err(io::Error::other(format!(
            "the process with {servers} servers ({}, {runtime}) failed: {}",
            side.get_name(),
            output.status
        )));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    Life::parse(&text).ok_or_else(|| {
        io::Error::other(format!(
            "the process with {servers} servers reported {text:?}: expected ten numbers"
        ))
    })
}

/// Lets so many servers live and die in this process, and writes what it cost.
///
/// # Errors
///
/// Fails when they do not live or die as they should, and when the system does not say how much memory is
/// resident.
pub(crate) fn run(
    side: Side,
    servers: u64,
    runtime: RuntimeKind,
    out: &mut dyn Write,
) -> io::Result<()> {
    let bar = Bar::new(runtime, side);
    let runtime = runtime.build();
    let life = match side {
        Side::Floor => floor::live(&runtime, servers, &bar),
        Side::Ours => ours::live(&runtime, servers, &bar),
    };
    bar.clear();
    writeln!(out, "{}", life?.line())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::SUBCOMMAND;
    use crate::cli::{Cli, Command, Runtimes, Side};

    #[test]
    fn the_child_understands_its_command_line() {
        let line = ["otp-bench", SUBCOMMAND, "ours", "10", "--runtime", "mt"];
        let cli = Cli::try_parse_from(line).unwrap();
        assert_eq!(cli.options.runtime, Runtimes::Mt);
        assert!(matches!(
            cli.command,
            Command::ScaleChild {
                side: Side::Ours,
                servers: 10
            }
        ));
    }
}
