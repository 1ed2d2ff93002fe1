//! The commands.

use super::running::Boundary;
use crate::api::{Number, Op, Reducer};
use clap::{Args, FromArgMatches, Subcommand};
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

impl Command {
    /// Reads a message to a calculator made by hand.
    pub(super) fn read(text: &str) -> Option<Self> {
        let line = Self::augment_subcommands(clap::Command::new("").multicall(true));
        let words = line.try_get_matches_from(text.split_whitespace());
        Self::from_arg_matches(&words.ok()?).ok()
    }
}

/// An operation on the total. In a session no answer comes; alone it prints the total after it.
#[derive(Debug, Subcommand)]
pub(super) enum Operation {
    /// Add N to the total
    #[command(after_help = "Example:\n  $ ch1-calculator --initial 10 add -5\n  5")]
    Add(Operand),
    /// Subtract N from the total
    #[command(after_help = "Example:\n  $ ch1-calculator --initial 10 subtract 4\n  6")]
    Subtract(Operand),
    /// Multiply the total by N
    #[command(after_help = "Example:\n  $ ch1-calculator --initial 10 multiply 0.5\n  5")]
    Multiply(Operand),
    /// Divide the total by N, which crashes the calculator if N is zero
    #[command(after_help = "Example:\n  $ ch1-calculator --initial 10 divide 4\n  2.5")]
    Divide(Operand),
    /// Change the sign of the total
    #[command(after_help = "Example:\n  $ ch1-calculator --initial 10 negate\n  -10")]
    Negate,
    /// Add one to the total
    #[command(after_help = "Example:\n  $ ch1-calculator --initial 10 inc\n  11")]
    Inc,
    /// Subtract one from the total
    #[command(after_help = "Example:\n  $ ch1-calculator --initial 10 dec\n  9")]
    Dec,
    /// Start again from zero
    #[command(after_help = "Example:\n  $ ch1-calculator --initial 10 clear\n  0")]
    Clear,
    /// Take a list of numbers, one after the other, through an operation
    #[command(after_help = "Example:\n  $ ch1-calculator --initial 10 fold subtract 1 2 3\n  4")]
    Fold {
        /// The operation
        #[arg(value_name = "OP", value_enum)]
        op: Reducer,
        /// Decimal numbers; none at all leave the total as it is
        #[arg(value_name = "N", allow_negative_numbers = true)]
        list: Vec<Number>,
    },
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

#[derive(Debug, Args)]
pub(super) struct Operand {
    /// A decimal number, such as 12, -0.5 or 2e3
    #[arg(value_name = "N", allow_hyphen_values = true)]
    n: Number,
}

impl From<Operation> for Op {
    fn from(operation: Operation) -> Self {
        match operation {
            Operation::Add(Operand { n }) => Self::Add(n),
            Operation::Subtract(Operand { n }) => Self::Subtract(n),
            Operation::Multiply(Operand { n }) => Self::Multiply(n),
            Operation::Divide(Operand { n }) => Self::Divide(n),
            Operation::Negate => Self::Negate,
            Operation::Inc => Self::Inc,
            Operation::Dec => Self::Dec,
            Operation::Clear => Self::Clear,
            Operation::Fold { op, list } => Self::Fold(op, list),
        }
    }
}
