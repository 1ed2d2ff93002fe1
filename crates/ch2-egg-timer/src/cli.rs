//! The program `ch2-egg-timer`: its commands and its output.

mod command;
mod kitchen;
mod lines;

use self::command::Command;
use self::kitchen::Kitchen;
use clap::Args;
use otp_core::timer::WallClock;
use otp_shell::{Failure, Program, Shell, rig::Rig};
use std::collections::BTreeSet;
use std::process::ExitCode;

/// Runs the program with its command-line arguments, and returns its exit code.
pub fn main() -> ExitCode {
    otp_shell::main::<Kitchen>()
}

/// The program for tests that run it in their own process.
pub fn rig() -> Rig {
    rig_by(WallClock::system())
}

/// The program for tests, with another clock.
pub fn rig_by(clock: WallClock) -> Rig {
    Rig::with::<Kitchen>(move |options| options.clock = clock.clone())
}

/// The options of the program. Tests set them; the command line does not.
#[derive(Clone, Debug, Args)]
pub(crate) struct Options {
    #[arg(skip = WallClock::system())]
    clock: WallClock,
}

impl Program for Kitchen {
    const NAME: &'static str = "ch2-egg-timer";
    const ABOUT: &'static str = "An egg timer: sets alarms, and rings them when they are due";
    const EXAMPLE: &'static str = "Example:\n  ch2-egg-timer schedule eggs 5m tea 3m30s";
    type Options = Options;
    type Command = Command;

    fn new(options: &Options) -> Self {
        Self {
            clock: options.clock.clone(),
            timer: None,
            scheduled: BTreeSet::new(),
        }
    }

    async fn run(&mut self, command: Command, shell: &mut Shell) -> Result<(), Failure> {
        match command {
            Command::Start => self.start(shell).await,
            Command::Schedule(schedule) => self.schedule(schedule, shell).await,
            Command::Cancel { name } => self.cancel(&name, shell).await,
            Command::Status { format } => self.status(format, shell).await,
            Command::Stop { reason } => self.stop(reason).await,
        }
    }

    async fn wait_for(&mut self, name: &str, _: &mut Shell) -> Option<Result<(), Failure>> {
        let alarm = self.scheduled.iter().find(|alarm| alarm.as_str() == name)?;
        let rung = self.timer.as_ref()?.wait(alarm.clone()).await;
        Some(rung.map_err(Failure::from))
    }

    fn hint(&self, _: &Shell) -> Option<&'static str> {
        (self.timer().is_err()).then_some("type `start` or `schedule` first")
    }

    async fn leave(&mut self, shell: &mut Shell) -> Result<(), Failure> {
        self.pending(shell).await
    }

    fn names(&self) -> Vec<String> {
        self.scheduled.iter().map(ToString::to_string).collect()
    }
}
