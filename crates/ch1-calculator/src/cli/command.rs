//! The commands.

use super::running::Boundary;
use crate::api::{Number, Op};
use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use otp_shell::value::{duration, name};
use std::time::Duration;

#[derive(Debug, Clone, Args)]
pub(super) struct Options {
    /// The total to begin with
    #[arg(long, global = true, value_name = "N", default_value = "0")]
    #[arg(allow_hyphen_values = true)]
    pub(super) initial: Number,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    #[command(flatten)]
    Operation(Operation),
    /// Print the total as it is
    #[command(after_help = "Example:\n  $ ch1-calculator --initial 10 state\n  10")]
    State {
        /// How long to wait for the answer
        #[arg(long, value_name = "DURATION", default_value = "5s", value_parser = duration)]
        limit: Duration,
    },
    /// Start a calculator for the commands that follow
    #[command(after_help = "Example:\n  start 10 --name calc")]
    Start(Start),
    /// Keep the calculator from its work for a while
    #[command(after_help = "Example:\n  busy 100ms")]
    Busy {
        /// How long
        #[arg(value_name = "DURATION", value_parser = duration)]
        time: Duration,
    },
}

/// An operation on the total. In a session no answer comes; alone it prints the total after it.
#[derive(Debug, Subcommand)]
pub(super) enum Operation {
    #[command(flatten)]
    Op(Op),
    /// Take a list of numbers, one after the other, through an operation
    #[command(after_help = "Example:\n  $ ch1-calculator --initial 10 fold subtract 1 2 3\n  4")]
    Fold {
        /// The operation. One that needs no number is done once for each
        #[arg(value_name = "OP", value_parser = reducers())]
        op: String,
        /// Decimal numbers; none at all leave the total as it is
        #[arg(value_name = "N", allow_negative_numbers = true)]
        list: Vec<Number>,
    },
}

/// The operations that go on from a total: all but `clear`.
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

/// Reads the words of a command.
pub(super) fn read<C: Subcommand>(words: &[&str]) -> Option<C> {
    let line = C::augment_subcommands(clap::Command::new("").multicall(true));
    C::from_arg_matches(&line.try_get_matches_from(words).ok()?).ok()
}

#[derive(Debug, Args)]
pub(super) struct Start {
    /// The total to begin with
    #[arg(value_name = "N", default_value = "0", allow_hyphen_values = true)]
    pub(super) total: Number,
    /// Which server does the work
    #[arg(long, value_enum, default_value_t = Boundary::Otp)]
    pub(super) boundary: Boundary,
    /// A name, for commands such as info and monitor
    #[arg(long, value_parser = name)]
    pub(super) name: Option<String>,
}
