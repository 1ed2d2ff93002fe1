//! The program `ch2-egg-timer`: its commands, and what is printed.

mod bars;
mod calculator;
mod command;
mod kitchen;
mod lines;
mod messages;
mod one_shot;
mod plan;
mod schedule;
mod screen;
mod shows;
mod wall_clock;

use self::command::Command;
use self::kitchen::Kitchen;
use otp_shell::rig::Rig;
use otp_shell::{Failure, NoOptions, Program, Shell, out};
use std::process::ExitCode;
use std::{env, io};

/// Runs the program with the arguments it was started with.
///
/// Returns its exit code: 0 when all went well, 1 when something failed, 2 when a command made no
/// sense, 130 when it was interrupted, 143 by SIGTERM and 129 by SIGHUP.
pub fn main() -> ExitCode {
    let words: Vec<_> = env::args_os()
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    if let Some(error) = plan::negative_duration(&words) {
        let usage = Failure::usage(error);
        out::error(&mut io::stderr(), &usage);
        return ExitCode::from(usage.exit_code());
    }
    otp_shell::main::<Chapter>()
}

/// The program for tests that run it inside themselves.
pub fn rig() -> Rig {
    Rig::of::<Chapter>()
}

/// The state of a session: the egg timer, and what else was started.
#[derive(Default)]
struct Chapter {
    kitchen: Kitchen,
    timers: messages::Timers,
    calculator: calculator::Slot,
}

impl Program for Chapter {
    const NAME: &'static str = "ch2-egg-timer";
    type Options = NoOptions;
    type Command = Command;

    fn about(command: clap::Command) -> clap::Command {
        command
            .about("An egg timer: sets alarms, and rings them when their time has come")
            .version(env!("CARGO_PKG_VERSION"))
            .after_help("Example:\n  ch2-egg-timer schedule eggs 5m tea 3m30s")
    }

    fn new(_: &NoOptions) -> Self {
        Self::default()
    }

    async fn run(&mut self, command: Command, shell: &mut Shell) -> Result<(), Failure> {
        match command {
            Command::Start(args) => self.kitchen.start(args.design(), shell).await,
            Command::Schedule(args) => schedule::run(args, &mut self.kitchen, shell).await,
            Command::Cancel { name } => self.kitchen.cancel(&name, shell).await,
            Command::Status { format } => self.kitchen.status(format.into(), shell).await,
            Command::Stop { reason } => self.kitchen.stop(reason).await,
            Command::SendAfter(args) => self.timers.send_after(args, shell),
            Command::SendInterval(args) => self.timers.send_interval(args, shell),
            Command::CancelTimer { timer } => self.timers.cancel(timer, shell),
            Command::ReadTimer { timer } => self.timers.read(timer, shell),
            Command::Flood(args) => shows::flood(&args, shell).await,
            Command::Respond { value } => shows::respond(value, shell).await,
            Command::Endings { trap } => shows::endings(trap, shell).await,
            Command::Calculator { command } => self.calculator.run(command, shell).await,
        }
    }

    async fn wait_for(&mut self, name: &str, _: &mut Shell) -> Option<Result<(), Failure>> {
        self.kitchen.wait_for(name).await
    }

    fn names(&self) -> Vec<String> {
        self.kitchen.names()
    }
}
