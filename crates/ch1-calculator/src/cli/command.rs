//! The commands.

use super::running::Boundary;
use crate::api::{Number, Op};
use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use otp_shell::value::{duration, name};
use std::time::Duration;

#[derive(Debug, Clone, Args)]
pub(super) struct Options {
    /// The initial total
    #[arg(long, global = true, value_name = "N", default_value = "0")]
    #[arg(allow_hyphen_values = true)]
    pub(super) initial: Number,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    #[command(flatten)]
    Operation(Operation),
    /// Print the total
    #[command(after_help = "Example:\n  $ ch1-calculator --initial 10 state\n  10")]
    State {
        /// The time limit for the answer
        #[arg(long, value_name = "DURATION", default_value = "5s", value_parser = duration)]
        limit: Duration,
    },
    /// Start a calculator for the commands that follow
    #[command(after_help = "Example:\n  start 10 --name calc")]
    Start(Start),
    /// Keep the calculator busy, so that it handles no message
    #[command(after_help = "Example:\n  busy 100ms")]
    Busy {
        /// The time
        #[arg(value_name = "DURATION", value_parser = duration)]
        time: Duration,
    },
}

/// An operation on the total. As the only command it prints the total; in a session it prints nothing.
#[derive(Debug, Subcommand)]
pub(super) enum Operation {
    #[command(flatten)]
    Op(Op),
    /// Apply an operation to the total once for each number of a list
    #[command(after_help = "Example:\n  $ ch1-calculator --initial 10 fold subtract 1 2 3\n  4")]
    Fold {
        /// The operation
        #[arg(value_name = "OP", value_parser = reducers())]
        op: String,
        /// Decimal numbers
        #[arg(value_name = "N", allow_negative_numbers = true)]
        list: Vec<Number>,
    },
}

/// The operations that `fold` accepts: all that use the total, so not `clear`.
fn reducers() -> PossibleValuesParser {
    let ops = Op::augment_subcommands(clap::Command::new(""));
    let names = ops.get_subcommands().map(|op| op.get_name().to_owned());
    PossibleValuesParser::new(names.filter(|name| name != "clear"))
}

impl From<Operation> for Op {
    fn from(operation: Operation) -> Self {
        match operation {
            Operation::Op(op) => op,
            Operation::Fold { op, list } => {
                let step = |n: Number| {
                    read(&[op.as_str(), &n.to_string()]).or_else(|| read(&[op.as_str()]))
                };
                Self::Fold(list.into_iter().filter_map(step).collect())
            }
        }
    }
}

/// Parses the words of a command.
pub(super) fn read<C: Subcommand>(words: &[&str]) -> Option<C> {
    let line = C::augment_subcommands(clap::Command::new("").multicall(true));
    C::from_arg_matches(&line.try_get_matches_from(words).ok()?).ok()
}

#[derive(Debug, Args)]
pub(super) struct Start {
    /// The initial total
    #[arg(value_name = "N", default_value = "0", allow_hyphen_values = true)]
    pub(super) total: Number,
    /// The kind of server
    #[arg(long, value_enum, default_value_t = Boundary::Otp)]
    pub(super) boundary: Boundary,
    /// The name to register, for commands such as info and monitor
    #[arg(long, value_parser = name)]
    pub(super) name: Option<String>,
}
