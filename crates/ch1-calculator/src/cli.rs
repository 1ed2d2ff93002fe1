//! The command line: one operation on a new calculator, or a session with one that lives on.

mod command;
mod running;

use self::command::{Command, Message, Options, Start};
use self::running::{Running, asker, crashed};
use crate::api::{Handmade, Op, STATE_TIMEOUT};
use clap::Parser;
use otp_core::{Pid, process};
use otp_shell::rig::Rig;
use otp_shell::{Failure, Mode, Program, Shell};
use std::process::ExitCode;
use std::time::Duration;

/// Runs the program with the arguments it was started with; returns its exit code.
pub fn main() -> ExitCode {
    otp_shell::main::<Cli>()
}

/// The program for tests that run it inside themselves.
pub fn rig() -> Rig {
    Rig::of::<Cli>()
}

/// The name by which `await` knows the calculator, whatever its own is.
const CALCULATOR: &str = "calculator";

struct Cli {
    options: Options,
    calculator: Option<Running>,
}

impl Program for Cli {
    const NAME: &'static str = "ch1-calculator";
    type Options = Options;
    type Command = Command;

    fn about(command: clap::Command) -> clap::Command {
        command
            .version(env!("CARGO_PKG_VERSION"))
            .about("A calculator that is a process")
            .after_help("Example:\n  $ ch1-calculator --initial 10 subtract 4\n  6")
    }

    fn new(options: &Options) -> Self {
        Self {
            options: options.clone(),
            calculator: None,
        }
    }

    async fn run(&mut self, command: Command, shell: &mut Shell) -> Result<(), Failure> {
        let alone = shell.mode() == Mode::OneShot;
        match command {
            Command::Operation(op) if alone => {
                self.once(Some(op.into()), STATE_TIMEOUT, shell).await
            }
            Command::State { limit } if alone => self.once(None, limit, shell).await,
            Command::Operation(op) => {
                self.calculator()?.apply(op.into());
                Ok(())
            }
            Command::State { limit } => {
                let total = self.calculator()?.state(limit, shell).await?;
                shell.print(total)
            }
            Command::Start(start) => self.start(start, shell).await,
            Command::Stop => {
                self.calculator()?.stop().await?;
                self.calculator = None;
                Ok(())
            }
            Command::Busy { time } => {
                self.calculator()?.busy(time);
                Ok(())
            }
        }
    }

    async fn wait_for(&mut self, name: &str, _: &mut Shell) -> Option<Result<(), Failure>> {
        let calculator = self.calculator.as_ref().filter(|_| name == CALCULATOR)?;
        calculator.ended().await;
        Some(Ok(()))
    }

    fn send(&mut self, to: Pid, text: &str, shell: &mut Shell) -> Option<Result<(), Failure>> {
        let calculator = Handmade::find(shell.node(), to)?;
        Some(match Message::try_parse_from(text.split_whitespace()) {
            Ok(Message::Operation(op)) => {
                calculator.apply(op.into());
                Ok(())
            }
            Ok(Message::State) => {
                calculator.ask(asker(shell));
                Ok(())
            }
            Err(_) => Err(Failure::usage(format_args!(
                "invalid message {text:?}: expected state, or an operation such as add 10"
            ))),
        })
    }

    fn names(&self) -> Vec<String> {
        let calculator = self.calculator.iter().map(|_| CALCULATOR.to_owned());
        calculator.collect()
    }
}

impl Cli {
    /// One operation on a new calculator, and the total after it.
    async fn once(
        &self,
        op: Option<Op>,
        limit: Duration,
        shell: &mut Shell,
    ) -> Result<(), Failure> {
        let Options { initial, boundary } = self.options.clone();
        let calculator = Running::start_alone(boundary, initial).await?;
        if let Some(op) = op {
            calculator.apply(op);
        }
        let total = tokio::select! {
            biased;
            reason = calculator.ended() => return Err(crashed(&reason)),
            total = calculator.state(limit, shell) => total,
        };
        match total {
            Ok(total) => shell.print(total),
            // It had ended when it was asked, and has left its reason.
            Err(_) if !shell.node().is_alive(calculator.pid()) => {
                Err(crashed(&calculator.ended().await))
            }
            Err(error) => Err(error),
        }
    }

    async fn start(&mut self, start: Start, shell: &mut Shell) -> Result<(), Failure> {
        let boundary = start.boundary.unwrap_or(self.options.boundary);
        let total = start.total.unwrap_or_else(|| self.options.initial.clone());
        let calculator = Running::start(boundary, total).await?;
        let pid = calculator.pid();
        if let Some(name) = start.name
            && let Err(taken) = process::register(name, pid)
        {
            calculator.stop().await?;
            return Err(taken.into());
        }
        self.calculator = Some(calculator);
        shell.print(format_args!("started {pid}"))
    }

    fn calculator(&self) -> Result<&Running, Failure> {
        self.calculator.as_ref().ok_or_else(|| {
            Failure::new("no calculator: start one first, with a command such as `start 10`")
        })
    }
}
