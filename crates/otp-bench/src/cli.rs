//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::command::{check, scale};
use crate::runtime::RuntimeKind;
use crate::sample::Sample;
use crate::workload::Past;

/// Measures what otp-core costs next to bare tokio
///
/// Each workload runs on bare tokio (the floor) and on otp-core in rounds of the same run. The ratio
/// of the two is what counts; times and bytes depend on the machine.
#[derive(Debug, Parser)]
#[command(
    name = "otp-bench",
    version,
    after_help = "Examples:\n  otp-bench all\n  otp-bench call --runtime ct --rounds 15\n  otp-bench all --json > numbers.json"
)]
pub(crate) struct Cli {
    /// What to measure
    #[command(subcommand)]
    pub(crate) command: Command,
    /// How to measure it
    #[command(flatten)]
    pub(crate) options: Options,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// One caller, one server: a call and its answer; also with a watchdog that looks after long polls, and while cycles of calls are detected
    Call,
    /// 64 callers at one server
    Callers,
    /// How long a call takes while 32 callers share four servers, which work for 0, 1 or 10 microseconds
    Load,
    /// How long a call takes while another server is flooded with casts
    Flood,
    /// A flood of casts from one sender, then one call to know that all are handled; also within a limit, and of 1 KiB
    Cast,
    /// The same from four senders at once
    CastFour,
    /// A token around a ring of 100 servers, per hop
    Ring,
    /// A thousand pairs of servers, each batting a ball to and fro, per cast
    Pairs,
    /// Finding one of 10,000 servers by its name and casting to it
    Lookup,
    /// Starting a server, until it has acknowledged its start
    Start,
    /// Stopping a server, until it is gone
    Stop,
    /// From a supervised server's crash until another answers under its name
    Restart,
    /// Starting a child of a dynamic supervisor
    DynamicStart,
    /// Terminating a child of a dynamic supervisor that has 100, 1,000 and 10,000
    DynamicTerminate,
    /// Spawning a task and awaiting it, and a process and waiting for its end
    Spawn,
    /// A message to each of a thousand subscribers of a topic, and an event to each of a thousand handlers
    Dispatch,
    /// Looking up, inserting and counting in a table that two processes use
    Table,
    /// A million timers that are due at the same time
    Timers,
    /// Bytes per idle server, at 100,000 of them: those that have had nothing to do yet, and those that have
    Idle,
    /// Allocations per call and per cast
    Allocs,
    /// Every workload, in one table
    All,
    /// Counts instructions, memory operands, branches and locked instructions per operation with valgrind; fails when a path
    /// has become longer by a tenth
    Check(check::Args),
    /// Counts instructions and time of a call and a cast while the one looks whom the variable OTP_BENCH_LOOKS names: nobody, page, or
    /// in a build with the features spans or metrics listener
    Telemetry,
    /// Starts a million servers, calls each, kills half of them and stops the rest; fails when one is lost
    Scale(scale::Args),
    /// Draws the ratios of a report as an SVG picture
    Chart {
        /// The JSON of `otp-bench all --json` or of the peers' program
        file: PathBuf,
    },
    /// Writes the ratios of a report as a table in Markdown
    Markdown {
        /// The JSON of `otp-bench all --json` or of the peers' program
        file: PathBuf,
    },
    /// Lets so many servers live and die in this process, for the process that started it
    #[command(hide = true)]
    ScaleChild {
        /// Which servers
        side: Side,
        /// How many of them
        servers: u64,
    },
    /// Runs a workload in this process, for the valgrind that started it
    #[command(hide = true)]
    CheckChild {
        /// What runs it
        side: Side,
        /// The workload
        guarded: check::Guarded,
        /// How many operations it has
        operations: u64,
    },
    /// Takes a sample in this process, for the process that started it
    #[command(hide = true)]
    Sample(Sample),
    /// Measures idle servers in this process, for the process that started it
    #[command(hide = true)]
    IdleChild {
        /// What to start
        side: Side,
        /// What they have had to do before
        past: Past,
        /// How many of them
        count: u64,
    },
}

/// Which of the two is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Side {
    /// Bare tokio
    Floor,
    /// otp-core
    Ours,
}

/// How to measure.
#[derive(Debug, Clone, Args)]
pub(crate) struct Options {
    /// Which runtime: ct (current_thread), mt (two workers) or both
    #[arg(long, global = true, value_enum, default_value_t = Runtimes::Both, value_name = "KIND")]
    pub(crate) runtime: Runtimes,
    /// How many rounds; the median is reported
    #[arg(long, global = true, default_value_t = 11, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) rounds: u32,
    /// A tenth of the operations: quicker, and noisier
    #[arg(long, global = true)]
    pub(crate) quick: bool,
    /// Prints JSON in place of the table
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

/// The choice of runtimes on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Runtimes {
    /// The current_thread runtime: steady
    Ct,
    /// The multi_thread runtime with two workers: depends on where tokio places the tasks
    Mt,
    /// First one, then the other
    Both,
}

impl Runtimes {
    pub(crate) fn kinds(self) -> &'static [RuntimeKind] {
        match self {
            Self::Ct => &[RuntimeKind::CurrentThread],
            Self::Mt => &[RuntimeKind::MultiThread],
            Self::Both => &[RuntimeKind::CurrentThread, RuntimeKind::MultiThread],
        }
    }
}

impl Options {
    /// Scales a full number of operations down when the run is to be quick.
    pub(crate) fn scaled(&self, operations: u64) -> u64 {
        if self.quick {
            operations / 10
        } else {
            operations
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::{Cli, Command, Runtimes};

    #[test]
    fn the_grammar_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn options_may_follow_the_subcommand() {
        let cli =
            Cli::try_parse_from(["otp-bench", "call", "--runtime", "ct", "--rounds", "3"]).unwrap();
        assert!(matches!(cli.command, Command::Call));
        assert_eq!(cli.options.runtime, Runtimes::Ct);
        assert_eq!(cli.options.rounds, 3);
    }

    #[test]
    fn no_rounds_are_refused() {
        assert!(Cli::try_parse_from(["otp-bench", "call", "--rounds", "0"]).is_err());
    }
}
