//! The commands, as clap reads them.

use super::calculator::CalculatorCommand;
use super::{messages, schedule, shows};
use crate::api::Design;
use crate::core::Format;
use clap::{Args, Subcommand, ValueEnum};
use otp_core::ExitReason;
use std::convert::Infallible;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    Start(StartArgs),
    Schedule(schedule::Args),
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
        format: Form,
    },
    /// Stop the egg timer: in good order, or with a reason of your own
    #[command(after_help = "Example:\n  stop we_broke_something")]
    Stop {
        /// Why: normal, shutdown or any text; unless given, it is stopped by a call, which is answered
        #[arg(value_parser = reason)]
        reason: Option<ExitReason>,
    },
    SendAfter(messages::Args),
    SendInterval(messages::IntervalArgs),
    /// Stop a timer of send-after or send-interval, and print the time that was left
    #[command(after_help = "Example:\n  cancel-timer 1")]
    CancelTimer {
        /// Its number
        timer: usize,
    },
    /// Print the time left until a timer of send-after or send-interval fires
    #[command(after_help = "Example:\n  read-timer 1")]
    ReadTimer {
        /// Its number
        timer: usize,
    },
    Flood(shows::FloodArgs),
    /// Start a server that returns a value from its callbacks, and show what comes of it
    #[command(after_help = "Example:\n  respond continue")]
    Respond {
        /// What it returns
        #[arg(value_enum)]
        value: shows::Value,
    },
    /// End a server in every way there is, and show whether its terminate runs
    #[command(after_help = "Example:\n  endings --trap-exit")]
    Endings {
        /// Let it trap exits
        #[arg(long = "trap-exit")]
        trap: bool,
    },
    /// The calculator of chapter 1, with calls in place of casts
    Calculator {
        #[command(subcommand)]
        command: CalculatorCommand,
    },
}

/// Start the egg timer, linked with the shell
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  start --naive")]
pub(super) struct StartArgs {
    /// The timer one writes first, which crashes when an alarm is cancelled or set again
    #[arg(long)]
    naive: bool,
}

impl StartArgs {
    pub(super) fn design(&self) -> Design {
        if self.naive {
            Design::Naive
        } else {
            Design::Sane
        }
    }
}

/// A form of the status.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(super) enum Form {
    /// eggs 4m 40s left
    #[default]
    Plain,
    /// Name, duration and rest in hours, minutes and seconds
    Hms,
    /// An array of objects on one line, with milliseconds
    Json,
}

impl From<Form> for Format {
    fn from(form: Form) -> Self {
        match form {
            Form::Plain => Self::Plain,
            Form::Hms => Self::Hms,
            Form::Json => Self::Json,
        }
    }
}

fn reason(text: &str) -> Result<ExitReason, Infallible> {
    Ok(match text {
        "normal" => ExitReason::Normal,
        "shutdown" => ExitReason::Shutdown,
        other => ExitReason::other(other.to_owned()),
    })
}
