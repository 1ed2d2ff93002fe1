//! The commands.

use crate::api::{Number, Op, Reducer};
use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::time::Duration;

/// The server behind a calculator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Boundary {
    /// The process made by hand
    Handmade,
    /// The GenServer
    Otp,
}

#[derive(Debug, Clone, Args)]
pub(super) struct Options {
    /// The total to begin with
    #[arg(long, global = true, value_name = "N", default_value = "0")]
    #[arg(allow_hyphen_values = true)]
    pub(super) initial: Number,

    /// Which server does the work
    #[arg(long, global = true, value_enum, default_value_t = Boundary::Otp)]
    pub(super) boundary: Boundary,
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
    /// Start a calculator; a GenServer is linked with the shell, a process made by hand is not
    #[command(after_help = "Example:\n  start 10 --name calc")]
    Start(Start),
    /// Stop the calculator
    #[command(after_help = "Example:\n  stop")]
    Stop,
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
    /// The total to begin with; that of --initial unless given
    #[arg(value_name = "N", allow_hyphen_values = true)]
    pub(super) total: Option<Number>,
    /// Which server does the work; that of the program's option unless given
    // The same id as the program's own option, which it takes the place of.
    #[arg(long = "boundary", id = "boundary", value_enum)]
    pub(super) boundary: Option<Boundary>,
    /// A name, for commands such as info and monitor
    #[arg(long, value_parser = NonEmptyStringValueParser::new())]
    pub(super) name: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct Operand {
    /// A decimal number, such as 12, -0.5 or 2e3
    #[arg(value_name = "N", allow_hyphen_values = true)]
    n: Number,
}

/// A message to a calculator made by hand, as `send` reads it.
#[derive(Debug, Parser)]
#[command(multicall = true)]
pub(super) enum Message {
    #[command(flatten)]
    Operation(Operation),
    /// Send the total to the shell
    State,
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

fn duration(text: &str) -> Result<Duration, String> {
    otp_text::duration::parse(text)
        .map_err(|error| error.or("expected numbers with units, such as 500ms, 5s or 1m30s"))
}
