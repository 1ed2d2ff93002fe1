//! `calculator`: the commands of exercise 2.1.

use crate::calculator::api::{Calculator, Number, Op};
use clap::Subcommand;
use otp_core::{CallError, ExitReason};
use otp_shell::{Failure, Shell};

#[derive(Debug, Subcommand)]
pub(super) enum CalculatorCommand {
    /// Start it, linked with the shell
    Start {
        /// The total to begin with
        #[arg(default_value = "0", allow_hyphen_values = true, value_parser = number)]
        total: Number,
    },
    /// Add N to the total
    Add(Operand),
    /// Subtract N from the total
    Subtract(Operand),
    /// Multiply the total by N
    Multiply(Operand),
    /// Divide the total by N
    Divide(Operand),
    /// Start again from zero
    Clear,
    /// Print the total
    State,
}

/// A number.
#[derive(Debug, clap::Args)]
pub(super) struct Operand {
    /// A decimal number
    #[arg(allow_hyphen_values = true, value_parser = number)]
    n: Number,
}

/// The calculator of a session, if it was started.
#[derive(Default)]
pub(super) struct Slot(Option<Calculator>);

impl Slot {
    pub(super) async fn run(
        &mut self,
        command: CalculatorCommand,
        shell: &mut Shell,
    ) -> Result<(), Failure> {
        match command {
            CalculatorCommand::Start { total } => self.start(total, shell).await,
            CalculatorCommand::Add(it) => self.apply(Op::Add(it.n), shell).await,
            CalculatorCommand::Subtract(it) => self.apply(Op::Subtract(it.n), shell).await,
            CalculatorCommand::Multiply(it) => self.apply(Op::Multiply(it.n), shell).await,
            CalculatorCommand::Divide(it) => self.apply(Op::Divide(it.n), shell).await,
            CalculatorCommand::Clear => self.apply(Op::Clear, shell).await,
            CalculatorCommand::State => {
                let total = self.get()?.state().await;
                shell.print(total.map_err(|error| failure(&error))?)
            }
        }
    }

    async fn start(&mut self, total: Number, shell: &mut Shell) -> Result<(), Failure> {
        if let Some(calculator) = self.0.as_ref().filter(|it| it.is_alive()) {
            let pid = calculator.pid();
            return Err(Failure::new(format_args!(
                "the calculator has been started already, as {pid}"
            )));
        }
        let calculator = self.0.insert(Calculator::start_link(total).await?);
        shell.print(format_args!("started {}", calculator.pid()))
    }

    async fn apply(&self, op: Op, shell: &mut Shell) -> Result<(), Failure> {
        let done = self.get()?.apply(op).await;
        done.map_err(|error| failure(&error))?;
        shell.print("ok")
    }

    fn get(&self) -> Result<&Calculator, Failure> {
        let none = "there is no calculator: expected calculator start before";
        self.0.as_ref().ok_or_else(|| Failure::new(none))
    }
}

/// Why there is no answer, without the place in our source that the report names.
fn failure(error: &CallError) -> Failure {
    match error {
        CallError::Exited {
            reason: ExitReason::Panic(panic),
            ..
        } => Failure::new(format_args!(
            "the calculator has crashed: {}",
            panic.message
        )),
        other => Failure::new(other),
    }
}

/// The parser names the text itself, so only the rest of the error is given.
fn number(text: &str) -> Result<Number, String> {
    text.parse::<Number>()
        .map_err(|error| error.problem().to_string())
}
