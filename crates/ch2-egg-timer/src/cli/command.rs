//! The commands, and the alarms that are meant by their words.

use clap::{Args, Subcommand, ValueEnum};
use otp_core::ExitReason;
use otp_shell::value::{Text, reason, text};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Start the egg timer, linked with the shell
    #[command(after_help = "Example:\n  start")]
    Start,
    Schedule(Schedule),
    /// Take an alarm back
    #[command(after_help = "Example:\n  cancel eggs")]
    Cancel {
        /// The name of the alarm
        name: String,
    },
    /// Tell how the pending alarms stand, sorted by name
    #[command(after_help = "Example:\n  status --format hms")]
    Status {
        /// How to show them
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Stop the egg timer: in good order, or with a reason
    #[command(after_help = "Example:\n  stop we_broke_something")]
    Stop {
        /// Why: normal, shutdown or any text; unless given, it is stopped by a call, which is answered
        #[arg(value_parser = reason)]
        reason: Option<ExitReason>,
    },
}

/// How to show a status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// eggs 4m 40s left
    #[default]
    Plain,
    /// Name, duration and rest in hours, minutes and seconds
    Hms,
}

/// Set alarms; as the only command, wait until the last one has rung
#[derive(Debug, Args)]
#[command(
    override_usage = "schedule [OPTIONS] <NAME> <DURATION> [<NAME> <DURATION>]...",
    after_help = "Example:\n  ch2-egg-timer schedule eggs 5m tea 3m30s --message 'take it out'"
)]
pub(super) struct Schedule {
    /// Names and durations in turn. A duration is made of numbers with units: 90s, 5m, 1h30m
    #[arg(required = true, value_name = "NAME DURATION")]
    pub(super) alarms: Vec<String>,
    /// What to say when an alarm rings
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true, value_parser = text)]
    pub(super) message: Option<Text>,
    /// Run an action that panics when an alarm rings, to see what becomes of the others
    #[arg(long, conflicts_with = "message")]
    pub(super) panic: bool,
}
