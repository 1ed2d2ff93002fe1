//! The commands and their arguments.

use clap::{Args, Subcommand, ValueEnum};
use otp_core::ExitReason;
use otp_shell::value::{Text, reason, text};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Start the egg timer, linked with the shell
    #[command(after_help = "Example:\n  start")]
    Start,
    Schedule(Schedule),
    /// Cancel an alarm
    #[command(after_help = "Example:\n  cancel eggs")]
    Cancel {
        /// The name of the alarm
        name: String,
    },
    /// Print the pending alarms, sorted by name
    #[command(after_help = "Example:\n  status --format hms")]
    Status {
        /// The output format
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Stop the egg timer
    #[command(after_help = "Example:\n  stop we_broke_something")]
    Stop {
        /// The exit reason: normal, shutdown or any text. Without a reason the command is a call, and the reason is normal
        #[arg(value_parser = reason)]
        reason: Option<ExitReason>,
    },
}

/// The output format of a status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// eggs 4m 40s left
    #[default]
    Plain,
    /// Name, duration and remaining time in hours, minutes and seconds
    Hms,
}

/// Set alarms; as the only command, wait until the last one has rung
#[derive(Debug, Args)]
#[command(
    override_usage = "schedule [OPTIONS] <NAME> <DURATION> [<NAME> <DURATION>]...",
    after_help = "Example:\n  ch2-egg-timer schedule eggs 5m tea 3m30s --message 'take it out'"
)]
pub(super) struct Schedule {
    /// Pairs of a name and a duration. A duration has numbers with units: 90s, 5m, 1h30m
    #[arg(required = true, value_name = "NAME DURATION")]
    pub(super) alarms: Vec<String>,
    /// A message to print when an alarm rings
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true, value_parser = text)]
    pub(super) message: Option<Text>,
    /// Run an action that panics when an alarm rings; the other alarms are not affected
    #[arg(long, conflicts_with = "message")]
    pub(super) panic: bool,
}
