//! The command line.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use otp_bench::{Past, Sample};

use crate::entrants::{self, ENTRANTS};
use crate::options::Options;
use crate::run;

/// Measures what otp-core costs next to bare tokio, to other actor libraries and to the BEAM
///
/// Each workload runs on all of them in rounds of the same run. The ratio to bare tokio (the floor) is what counts; times
/// and bytes depend on the machine.
#[derive(Debug, Parser)]
#[command(
    name = "otp-bench-peers",
    version,
    after_help = "Examples:\n  otp-bench-peers all\n  otp-bench-peers all --runtime ct --only call --only cast\n  otp-bench-peers all --json numbers.json"
)]
struct Cli {
    /// What to do
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Every workload on every runtime by everybody: a table for each runtime
    All(Options),
    /// Takes a sample in this process, for the process that started it
    #[command(hide = true)]
    Sample(Sample),
    /// Measures idle servers in this process, for the process that started it
    #[command(hide = true)]
    Idle {
        /// Whose
        contender: String,
        /// What they have had to do before
        past: Past,
        /// How many
        servers: u64,
    },
}

/// Runs the program and says how it ends.
pub(crate) fn main() -> ExitCode {
    let command = Cli::parse().command;
    match carry_out(&command, &mut io::stdout()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            // With standard error gone there is nobody left to tell.
            let _ = writeln!(io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn carry_out(command: &Command, out: &mut dyn Write) -> io::Result<()> {
    match command {
        Command::All(options) => run::all(options, out),
        Command::Sample(sample) => {
            sample.take_here(&ENTRANTS.each_ref().map(|entrant| &entrant.contender), out)
        }
        Command::Idle {
            contender,
            past,
            servers,
        } => {
            let idle = entrants::find(contender)?.idle;
            writeln!(out, "{}", idle(*past, *servers)?)
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::{Cli, Command};

    #[test]
    fn the_grammar_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_children_understand_their_command_lines() {
        let parse = |line: &[&str]| Cli::try_parse_from(line).unwrap().command;
        let sample = [
            "otp-bench-peers",
            "sample",
            "ractor",
            "four casters",
            "mt",
            "100",
        ];
        assert!(matches!(parse(&sample), Command::Sample(_)));
        let idle = ["otp-bench-peers", "idle", "floor", "used", "100"];
        assert!(matches!(parse(&idle), Command::Idle { servers: 100, .. }));
    }
}
