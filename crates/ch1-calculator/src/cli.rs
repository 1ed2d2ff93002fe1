//! The command line: one operation on a new calculator, or a session with one that lives on.
//!
//! Only these files print.

mod clock;
mod command;
mod counter;
mod one_shot;
mod session;
mod stack;
mod value;

use self::command::{Command, Options, SessionCommand};
use self::session::Session;
use crate::api::STATE_TIMEOUT;
use otp_core::ExitReason;
use otp_shell::rig::Rig;
use otp_shell::{Failure, Mode, Program, Shell};
use std::process::ExitCode;

/// Runs the program with the arguments it was started with; returns its exit code.
pub fn main() -> ExitCode {
    otp_shell::main::<Cli>()
}

/// The program for tests that run it inside themselves.
pub fn rig() -> Rig {
    Rig::of::<Cli>()
}

/// The program, as the shell runs it.
struct Cli {
    options: Options,
    session: Session,
}

impl Program for Cli {
    const NAME: &'static str = "ch1-calculator";
    type Options = Options;
    type Command = Command;

    fn about(command: clap::Command) -> clap::Command {
        command
            .version(env!("CARGO_PKG_VERSION"))
            .about("A calculator that is a process")
            .after_help(
                "Example:\n  $ ch1-calculator --initial 10 subtract 4\n  6\n\n\
                 The same in a script:\n  $ ch1-calculator -e 'start 10' -e 'subtract 4' -e state\n  \
                 started <0.2.0>\n  6",
            )
    }

    fn new(options: &Options) -> Self {
        Self {
            options: options.clone(),
            session: Session::default(),
        }
    }

    async fn run(&mut self, command: Command, shell: &mut Shell) -> Result<(), Failure> {
        let alone = shell.mode() == Mode::OneShot;
        match command {
            Command::Operation(operation) if alone => {
                let op = Some(operation.into());
                one_shot::run(op, &self.options, STATE_TIMEOUT, shell).await
            }
            Command::Session(SessionCommand::State { limit }) if alone => {
                one_shot::run(None, &self.options, limit, shell).await
            }
            Command::Operation(operation) => self.session.apply(operation.into()),
            Command::Session(command) => self.session.run(command, &self.options, shell).await,
            Command::Stack(command) => stack::run(command, shell).await,
            Command::Counter(command) => counter::run(command, shell).await,
            Command::Clock(command) => clock::run(command, shell).await,
        }
    }

    async fn wait_for(&mut self, name: &str, _: &mut Shell) -> Option<Result<(), Failure>> {
        self.session.wait_for(name).await
    }

    fn names(&self) -> Vec<String> {
        self.session.names()
    }
}

/// A reason for users: what went wrong, without the place in our source that the report names.
fn plain(reason: &ExitReason) -> String {
    match reason {
        ExitReason::Panic(panic) => panic.message.clone(),
        other => other.to_string(),
    }
}
