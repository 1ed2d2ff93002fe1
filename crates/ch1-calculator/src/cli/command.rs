//! The commands, as they are typed in all three ways to run the program.

use super::clock::ClockCommand;
use super::counter::CounterCommand;
use super::stack::StackCommand;
use super::value::{duration, name, number};
use crate::api::{Boundary, Number, Op, Reducer};
use clap::{Args, Subcommand, ValueEnum};
use std::time::Duration;

/// Options of the whole program.
#[derive(Debug, Clone, Args)]
pub(super) struct Options {
    /// The total to begin with
    #[arg(long, global = true, value_name = "N", default_value = "0")]
    #[arg(value_parser = number, allow_hyphen_values = true)]
    pub(super) initial: Number,

    /// Which server does the work: the one made by hand or the GenServer
    #[arg(long, global = true, value_enum, default_value_t = Choice::Otp)]
    pub(super) boundary: Choice,
}

/// [`Boundary`], as it is typed.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Choice {
    Handmade,
    Otp,
}

impl From<Choice> for Boundary {
    fn from(choice: Choice) -> Self {
        match choice {
            Choice::Handmade => Self::Handmade,
            Choice::Otp => Self::Otp,
        }
    }
}

/// All of them.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    #[command(flatten)]
    Operation(Operation),
    #[command(flatten)]
    Session(SessionCommand),
    /// A stack of texts (exercise 1.3)
    #[command(subcommand)]
    Stack(StackCommand),
    /// A counter (exercise 1.4)
    #[command(subcommand)]
    Counter(CounterCommand),
    /// A clock that ticks (exercise 1.5)
    #[command(subcommand)]
    Clock(ClockCommand),
}

/// What changes a total. In a session nobody waits for it; alone, it happens to a new calculator and prints the total after it.
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
    Fold(List),
}

/// What a calculator that lives on is asked besides.
#[derive(Debug, Subcommand)]
pub(super) enum SessionCommand {
    /// Print the total as it is
    #[command(after_help = "Example:\n  $ ch1-calculator --initial 10 state\n  10")]
    State {
        /// How long to wait for the answer
        #[arg(long, value_name = "DURATION", default_value = "5s", value_parser = duration)]
        limit: Duration,
    },
    /// Start a calculator for the commands that follow, linked with the shell
    #[command(after_help = "Example:\n  start 10 --name calc")]
    Start(Start),
    /// Stop the calculator in good order
    #[command(after_help = "Example:\n  stop")]
    Stop,
    /// Do an operation as a call: wait until it is done, and say so
    #[command(after_help = "Example:\n  call add 5")]
    Call {
        #[command(subcommand)]
        operation: Operation,
    },
    /// Keep the calculator from its work for a while
    #[command(after_help = "Example:\n  busy 100ms")]
    Busy {
        /// How long
        #[arg(value_name = "DURATION", value_parser = duration)]
        time: Duration,
    },
    /// Send whoever asks for totals here one that no calculator has sent
    #[command(after_help = "Example:\n  forge 666")]
    Forge(Operand),
}

#[derive(Debug, Args)]
pub(super) struct Start {
    /// The total to begin with; that of --initial unless given
    #[arg(value_name = "N", value_parser = number, allow_hyphen_values = true)]
    pub(super) total: Option<Number>,

    /// Which server does the work; that of the program's option unless given
    // The same id as the program's own option, which it takes the place of.
    #[arg(long = "boundary", id = "boundary", value_enum)]
    pub(super) boundary: Option<Choice>,

    /// A name, for commands such as info and monitor
    #[arg(long, value_parser = name)]
    pub(super) name: Option<String>,

    /// Link it with nobody: its crash will not be the shell's
    #[arg(long)]
    pub(super) unlinked: bool,
}

#[derive(Debug, Args)]
pub(super) struct Operand {
    /// A decimal number, such as 12, -0.5 or 2e3
    #[arg(value_name = "N", value_parser = number, allow_hyphen_values = true)]
    pub(super) n: Number,
}

#[derive(Debug, Args)]
pub(super) struct List {
    /// The operation; negate, inc and dec do not look at the numbers, only at how many there are
    #[arg(value_name = "OP", value_enum)]
    op: Fold,

    /// Decimal numbers, such as 12, -0.5 or 2e3; none at all leave the total as it is
    #[arg(value_name = "N", value_parser = number, allow_negative_numbers = true)]
    list: Vec<Number>,
}

/// [`Reducer`], as it is typed.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Fold {
    Add,
    Subtract,
    Multiply,
    Divide,
    Negate,
    Inc,
    Dec,
}

impl From<Fold> for Reducer {
    fn from(op: Fold) -> Self {
        match op {
            Fold::Add => Self::Add,
            Fold::Subtract => Self::Subtract,
            Fold::Multiply => Self::Multiply,
            Fold::Divide => Self::Divide,
            Fold::Negate => Self::Negate,
            Fold::Inc => Self::Inc,
            Fold::Dec => Self::Dec,
        }
    }
}

impl From<Operation> for Op {
    fn from(operation: Operation) -> Self {
        match operation {
            Operation::Add(operand) => Self::Add(operand.n),
            Operation::Subtract(operand) => Self::Subtract(operand.n),
            Operation::Multiply(operand) => Self::Multiply(operand.n),
            Operation::Divide(operand) => Self::Divide(operand.n),
            Operation::Negate => Self::Negate,
            Operation::Inc => Self::Inc,
            Operation::Dec => Self::Dec,
            Operation::Clear => Self::Clear,
            Operation::Fold(fold) => Self::Fold(fold.op.into(), fold.list),
        }
    }
}
