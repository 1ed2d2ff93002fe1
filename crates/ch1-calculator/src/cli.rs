//! The command line: one operation on a new calculator, or a session with a calculator that keeps running.

mod command;
mod running;

use self::command::{Command, Options, Start, read};
use self::running::{Running, crashed, total_recipient};
use crate::api::{Calculator, Handmade, Op, STATE_TIMEOUT};
use otp_core::{CallError, Pid, process};
use otp_shell::{Failure, Mode, Program, Shell, rig::Rig};
use std::process::ExitCode;

/// Runs the program with its command-line arguments, and returns its exit code.
pub fn main() -> ExitCode {
    otp_shell::main::<Cli>()
}

/// The program for tests that run it in their own process.
pub fn rig() -> Rig {
    Rig::of::<Cli>()
}

/// The calculator's name for the command `await`. It works beside the name of `start --name`.
const CALCULATOR: &str = "calculator";

struct Cli {
    options: Options,
    calculator: Option<Running>,
}

impl Program for Cli {
    const NAME: &'static str = "ch1-calculator";
    const ABOUT: &'static str = "A calculator that is a process";
    const EXAMPLE: &'static str = "Example:\n  $ ch1-calculator --initial 10 subtract 4\n  6";
    type Options = Options;
    type Command = Command;

    fn new(options: &Options) -> Self {
        Self {
            options: options.clone(),
            calculator: None,
        }
    }

    async fn run(&mut self, command: Command, shell: &mut Shell) -> Result<(), Failure> {
        let one_shot = shell.mode() == Mode::OneShot;
        match command {
            Command::Operation(op) if one_shot => return self.once(Some(op.into()), shell).await,
            Command::State { .. } if one_shot => return self.once(None, shell).await,
            Command::Operation(op) => self.calculator()?.apply(op.into()),
            Command::State { limit } => {
                let total = self.calculator()?.state(limit, shell).await?;
                shell.print(total)?;
            }
            Command::Start(start) => self.start(start, shell).await?,
            Command::Busy { time } => self.calculator()?.process().send(time),
        }
        Ok(())
    }

    async fn wait_for(&mut self, name: &str, _: &mut Shell) -> Option<Result<(), Failure>> {
        let calculator = self.calculator.as_ref().filter(|_| name == CALCULATOR)?;
        calculator.process().wait().await;
        Some(Ok(()))
    }

    fn send(&mut self, to: Pid, text: &str, shell: &mut Shell) -> Result<bool, Failure> {
        let Some(calculator) = Handmade::find(shell.node(), to) else {
            return Ok(false);
        };
        let expected = "expected state, or an operation such as add 10";
        let invalid = || Failure::usage(format_args!("invalid message {text:?}: {expected}"));
        let words = Vec::from_iter(text.split_whitespace());
        match read(&words).ok_or_else(invalid)? {
            Command::Operation(op) => calculator.apply(op.into()),
            Command::State { .. } => calculator.ask(total_recipient(shell)),
            _ => return Err(invalid()),
        }
        Ok(true)
    }

    fn hint(&self, _: &Shell) -> Option<&'static str> {
        self.calculator.is_none().then_some("type `start 10` first")
    }

    fn names(&self) -> Vec<String> {
        Vec::from_iter(self.calculator.as_ref().map(|_| CALCULATOR.to_owned()))
    }
}

impl Cli {
    /// Applies an operation to a new calculator, and prints the total.
    async fn once(&self, op: Option<Op>, shell: &mut Shell) -> Result<(), Failure> {
        // Without a link, a crash of the calculator does not end the shell, which prints the reason.
        let calculator = Calculator::start(self.options.initial.clone()).await?;
        if let Some(op) = op {
            calculator.apply(op);
        }
        match calculator.state(STATE_TIMEOUT).await {
            Ok(total) => shell.print(total),
            Err(error @ CallError::Timeout { .. }) => Err(error.into()),
            // The calculator ended before or during the call.
            Err(_) => Err(crashed(&calculator.process().wait().await)),
        }
    }

    async fn start(&mut self, start: Start, shell: &mut Shell) -> Result<(), Failure> {
        if let Some(pid) = start.name.clone().and_then(process::whereis) {
            return Err(Failure::new(format_args!(
                "the name is registered for {pid}: choose another name"
            )));
        }
        let calculator = Running::start(start.boundary, start.total).await?;
        let pid = calculator.process().pid();
        if let Some(name) = start.name {
            process::register(name, pid)?;
        }
        self.calculator = Some(calculator);
        shell.print(format_args!("started {pid}"))
    }

    fn calculator(&self) -> Result<&Running, Failure> {
        let calculator = self.calculator.as_ref();
        calculator.ok_or_else(|| Failure::new("no calculator: type `start 10` first"))
    }
}
