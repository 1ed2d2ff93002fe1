//! The program `ch2-egg-timer`: the command line, and what is printed.

mod bars;
mod interrupt;
mod plan;
mod schedule;
mod screen;
mod session;
mod wall_clock;

use clap::{Parser, Subcommand};
use otp_shell::{args, log, out};
use std::process::ExitCode;
use std::{env, io};

/// The exit code of a command line that makes no sense, the same as clap's own.
const USAGE: u8 = 2;
/// The exit code of a program that was interrupted: 128 and the number of SIGINT.
const INTERRUPTED: u8 = 130;

/// An egg timer: sets alarms, and rings them when their time has come
#[derive(Debug, Parser)]
#[command(
    name = "ch2-egg-timer",
    version,
    arg_required_else_help = true,
    after_help = "Example:\n  ch2-egg-timer schedule eggs 5m tea 3m30s"
)]
struct Cli {
    /// How much of the runtime's reports to show on standard error
    #[arg(long, global = true, value_enum, default_value_t, value_name = "LEVEL")]
    log: log::LogLevel,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Schedule(schedule::Args),
}

/// Runs the program with the arguments it was started with.
///
/// Returns its exit code: 0 when every alarm has rung, 1 when something failed, 2 when the command
/// line was wrong, 130 when it was interrupted.
pub fn main() -> ExitCode {
    let words: Vec<_> = env::args_os()
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    if let Some(error) = plan::negative_duration(&words) {
        out::error(&mut io::stderr(), error);
        return ExitCode::from(USAGE);
    }
    let cli = match args::parse::<Cli>() {
        Ok(cli) => cli,
        Err(code) => return code,
    };
    log::init(cli.log);
    match cli.command {
        Command::Schedule(args) => schedule::main(args),
    }
}

#[cfg(test)]
mod tests {
    use super::Cli;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
