//! The command line: a tree that is started for one command, or one that lives through a session.
//!
//! Only these files print.

mod app;
mod child;
mod command;
mod egg;
mod endings;
mod hero;
mod one_shot;
mod options;
mod show;
mod spawn;
mod value;

use self::command::Command;
use self::options::Options;
use crate::api::{Plan, SuperVisor};
use crate::kitchen::api::EggTimer;
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
}

impl Program for Cli {
    const NAME: &'static str = "ch3-super-duper";
    type Options = Options;
    type Command = Command;

    fn about(command: clap::Command) -> clap::Command {
        command
            .version(env!("CARGO_PKG_VERSION"))
            .about("Three characters that crash, and the supervisor that brings them back")
            .after_help(
                "Example:\n  $ ch3-super-duper --strategy one-for-all die superdave\n\n\
                 The same in a script:\n  $ ch3-super-duper --strategy one-for-all -e 'app start' -e children \
                 -e 'die superdave' -e children -e 'app stop'",
            )
    }

    fn new(options: &Options) -> Self {
        Self {
            options: options.clone(),
        }
    }

    async fn run(&mut self, command: Command, shell: &mut Shell) -> Result<(), Failure> {
        let plan = self.options.plan(shell.printer());
        match (shell.mode(), command.company()) {
            (Mode::OneShot, Some(company)) => one_shot::run(company, command, &plan, shell).await,
            _ => run(command, &plan, shell).await,
        }
    }

    fn names(&self) -> Vec<String> {
        self.options.names()
    }

    async fn wait_for(&mut self, name: &str, _: &mut Shell) -> Option<Result<(), Failure>> {
        EggTimer::default()
            .wait(name)
            .await
            .map(|waited| Ok(waited?))
    }
}

async fn run(command: Command, plan: &Plan, shell: &mut Shell) -> Result<(), Failure> {
    match command {
        Command::App(command) => app::run(command, plan, shell).await,
        Command::Hero(command) => hero::run(command, plan, shell).await,
        Command::Child(command) => child::run(command, plan, shell).await,
        Command::Children => show::children(shell).await,
        Command::Count => show::count(shell).await,
        Command::Spec { name } => show::spec(name, shell).await,
        Command::Tree => shell.tree().await,
        Command::Spawn(what) => spawn::spawn(what, shell).await,
        Command::SpawnLink(what) => spawn::spawn_link(what, shell).await,
        Command::SpawnMonitor(what) => spawn::spawn_monitor(what, shell).await,
        Command::Egg(command) => egg::run(command, shell).await,
        Command::Endings => endings::run(shell).await,
    }
}

/// The supervisor, which must run.
fn visor(shell: &Shell) -> Result<SuperVisor, Failure> {
    SuperVisor::find(shell.node())
        .ok_or_else(|| Failure::new("super_visor does not run: `app start` starts it"))
}

/// A reason for users: what went wrong, without the place in our source that the report names.
fn plain(reason: &ExitReason) -> String {
    match reason {
        ExitReason::Panic(panic) => panic.message.clone(),
        other => other.to_string(),
    }
}
