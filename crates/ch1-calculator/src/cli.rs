//! The command line: one operation on a new calculator, and the total after it.
//!
//! This is the only file that prints.

use crate::api::{Boundary, Calculator, Letter, Number, Op, Reducer, STATE_TIMEOUT, StateError};
use clap::{Args, Parser, Subcommand, ValueEnum};
use otp_core::{ExitReason, Node, prelude::Mailbox};
use otp_shell::{
    log::{self, LogLevel},
    out,
};
use std::{io::Write, process::ExitCode};

/// A calculator that is a process.
///
/// Starts a calculator, asks it for one operation, prints the total after it.
#[derive(Debug, Parser)]
#[command(
    version,
    arg_required_else_help = true,
    after_help = "Example:\n  $ ch1-calculator --initial 10 subtract 4\n  6"
)]
pub struct Cli {
    #[command(flatten)]
    options: Options,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Args)]
struct Options {
    /// The total to begin with
    #[arg(long, global = true, value_name = "N", default_value = "0")]
    #[arg(value_parser = number, allow_hyphen_values = true)]
    initial: Number,

    /// Which server does the work: the one made by hand or the GenServer
    #[arg(long, global = true, value_enum, default_value_t = Choice::Otp)]
    boundary: Choice,

    /// How much the runtime reports on standard error
    #[arg(long, global = true, value_name = "LEVEL", value_enum, default_value_t)]
    log: LogLevel,
}

/// [`Boundary`], as it is typed.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Choice {
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

#[derive(Debug, Subcommand)]
enum Command {
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
    /// Print the total as it is
    #[command(after_help = "Example:\n  $ ch1-calculator --initial 10 state\n  10")]
    State,
    /// Take a list of numbers, one after the other, through an operation
    #[command(after_help = "Example:\n  $ ch1-calculator --initial 10 fold subtract 1 2 3\n  4")]
    Fold(List),
}

#[derive(Debug, Args)]
struct Operand {
    /// A decimal number, such as 12, -0.5 or 2e3
    #[arg(value_name = "N", value_parser = number, allow_hyphen_values = true)]
    n: Number,
}

#[derive(Debug, Args)]
struct List {
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

impl Command {
    /// What to ask for; `None` to leave the total alone.
    fn into_op(self) -> Option<Op> {
        Some(match self {
            Self::Add(operand) => Op::Add(operand.n),
            Self::Subtract(operand) => Op::Subtract(operand.n),
            Self::Multiply(operand) => Op::Multiply(operand.n),
            Self::Divide(operand) => Op::Divide(operand.n),
            Self::Negate => Op::Negate,
            Self::Inc => Op::Inc,
            Self::Dec => Op::Dec,
            Self::Clear => Op::Clear,
            Self::Fold(fold) => Op::Fold(fold.op.into(), fold.list),
            Self::State => return None,
        })
    }
}

/// Runs the command line, prints the total on `out` or what went wrong on `err`, and returns the
/// program's exit code.
pub fn run(cli: Cli, out: &mut impl Write, err: &mut impl Write) -> ExitCode {
    log::init(cli.options.log);
    let Options {
        initial, boundary, ..
    } = cli.options;
    let total = match total_after(boundary.into(), initial, cli.command.into_op()) {
        Ok(total) => total,
        Err(problem) => {
            out::error(err, problem);
            return ExitCode::FAILURE;
        }
    };
    match out::line(out, total) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) if problem.is_closed() => ExitCode::SUCCESS,
        Err(problem) => {
            out::error(err, problem);
            ExitCode::FAILURE
        }
    }
}

/// Enters a node as a process of its own, as a user of the calculator.
fn total_after(boundary: Boundary, initial: Number, op: Option<Op>) -> Result<Number, String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .map_err(|error| format!("cannot start the runtime: {error}"))?;
    runtime.block_on(async {
        Node::new()
            .run_with(move |me| ask(me, boundary, initial, op))
            .await
            .unwrap_or_else(|reason| Err(format!("the client has crashed: {}", plain(&reason))))
    })
}

async fn ask(
    mut me: Mailbox<Letter>,
    boundary: Boundary,
    initial: Number,
    op: Option<Op>,
) -> Result<Number, String> {
    let calculator = Calculator::start(boundary, initial)
        .await
        .map_err(|error| format!("cannot start the calculator: {error}"))?;
    // Before the operation, so that no end can come too early to be seen.
    let watch = calculator.watch(&mut me);
    if let Some(op) = op {
        calculator.apply(op);
    }
    calculator
        .state_or_end(&mut me, watch, STATE_TIMEOUT)
        .await
        .map_err(|error| match error {
            StateError::Ended(reason) => format!("the calculator has crashed: {}", plain(&reason)),
            other => other.to_string(),
        })
}

/// A reason for users: what went wrong, without the place in our source that the report names.
fn plain(reason: &ExitReason) -> String {
    match reason {
        ExitReason::Panic(panic) => panic.message.clone(),
        other => other.to_string(),
    }
}

/// The parser names the text itself, so only the rest of the error is given.
fn number(text: &str) -> Result<Number, String> {
    text.parse::<Number>()
        .map_err(|error| error.problem().to_string())
}
