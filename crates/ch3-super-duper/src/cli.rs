//! The command line: a tree for a single command, or a tree that runs until the session ends.
//!
//! Only this file and its folder print.

mod command;
mod options;

use self::command::{AppCommand, Command};
use self::options::Options;
use crate::api::{self, Hero, Role, SUPER_VISOR, character};
use otp_core::{DynamicSupervisorRef, ExitReason, SupervisorRef};
use otp_shell::rig::Rig;
use otp_shell::{Aftermath, Failure, Mode, OnDemand, Program, Shell};
use std::process::ExitCode;

/// Runs the program with its command-line arguments, and returns its exit code.
pub fn main() -> ExitCode {
    otp_shell::main::<Cli>()
}

/// The program for tests that run it in their own process.
pub fn rig() -> Rig {
    Rig::of::<Cli>()
}

/// The state of a shell process. A new shell process has a new state.
struct Cli {
    options: Options,
    no_start: bool,
    /// Whether this shell has started a tree or a character.
    started: bool,
}

impl Program for Cli {
    const NAME: &'static str = "ch3-super-duper";
    const ABOUT: &'static str = "Three characters that crash, and a supervisor that restarts them";
    const EXAMPLE: &'static str = "Example:\n  $ ch3-super-duper --strategy one-for-all die superdave\n\n\
                 The same in a script:\n  $ ch3-super-duper --strategy one-for-all -e 'app start' -e children \
                 -e 'die superdave' -e children -e 'app stop'";
    type Options = OnDemand<Options>;
    type Command = Command;

    fn new(it: &OnDemand<Options>) -> Self {
        Self {
            options: it.options.clone(),
            no_start: it.no_start,
            started: false,
        }
    }

    async fn run(&mut self, command: Command, shell: &mut Shell) -> Result<(), Failure> {
        let needs_tree = command.needs_tree();
        // A single command has a tree of its own, and shows the children before and after it.
        let one_shot = shell.mode() == Mode::OneShot;
        let shows = one_shot && needs_tree && !command.only_looks();
        let may_start = !self.started && !self.no_start;
        if needs_tree && (one_shot || may_start && !matches!(command, Command::Kill(_))) {
            self.started = true;
            let plan = self.options.plan(shell.printer());
            shell.start_linked(|| api::start_link(&plan)).await?;
        }
        if shows {
            print_children("before: ", shell).await?;
        }
        let done = self.perform(command, shell).await;
        if shows {
            print_children("after:  ", shell).await?;
        }
        match visor(shell) {
            Ok(visor) if one_shot => stop(&visor, ExitReason::Normal, shell).await.and(done),
            _ => done,
        }
    }

    fn hint(&self, shell: &Shell) -> Option<&'static str> {
        (visor(shell).is_err()).then_some("`app start` starts the characters")
    }

    fn names(&self) -> Vec<String> {
        Role::names().map(str::to_owned).collect()
    }
}

impl Cli {
    async fn perform(&mut self, command: Command, shell: &mut Shell) -> Result<(), Failure> {
        let plan = &self.options.plan(shell.printer());
        match command {
            Command::App(AppCommand::Start { options }) => {
                self.started = true;
                let plan = options.or(&self.options).plan(shell.printer());
                shell.start_linked(|| api::start_link(&plan)).await?;
                Ok(())
            }
            Command::App(AppCommand::Run) => {
                let status = api::run(shell.node(), plan, shell.interrupted()).await;
                shell.print_exit("super_duper", status)
            }
            Command::App(AppCommand::Stop { reason }) => stop(&visor(shell)?, reason, shell).await,
            Command::Start { it, line } => {
                self.started = true;
                let hero = Hero::named(it.name);
                hero.start_link(line.map(String::from), plan).await?;
                Ok(())
            }
            Command::Say(it) => {
                let line = Hero::named(it.name).say().await?;
                shell.print(line)
            }
            Command::Die(die) => {
                let hero = &Hero::named(die.name().to_owned());
                let call = || hero.die_by_call();
                die.run(|| hero.whereis(), || hero.die(), call, shell).await
            }
            Command::Kill(kill) => kill.run(|_| None, shell).await,
            Command::Stop { it, reason } => {
                let (pid, hero) = (shell.target(&it.name).ok(), Hero::named(it.name));
                Ok(Aftermath::of_attempt(pid, hero.stop(reason)).await?)
            }
            Command::Add(add) => {
                let (visor, line) = (visor(shell)?, add.line.map(String::from));
                let spec = character(plan, &add.it.name, line, add.declared);
                let child = match add.crowd {
                    true => crowd(shell)?.start_child(spec).await?,
                    false => visor.start_child(spec).await?,
                };
                shell.print_started(&child)
            }
            Command::Remove(it) => {
                let pid = shell.target(&it.name)?;
                Ok(crowd(shell)?.terminate_child(pid).await?)
            }
            Command::Child(command) => command.run(&visor(shell)?, SUPER_VISOR, shell).await,
        }
    }
}

async fn print_children(label: &str, shell: &mut Shell) -> Result<(), Failure> {
    let children = visor(shell)?.which_children().await?;
    shell.print_row(label, &children)
}

async fn stop(visor: &SupervisorRef, reason: ExitReason, shell: &mut Shell) -> Result<(), Failure> {
    api::stop(visor, reason).await?;
    shell.print(format_args!("stopped {SUPER_VISOR}"))
}

/// The running top supervisor.
fn visor(shell: &Shell) -> Result<SupervisorRef, Failure> {
    api::super_visor(shell.node()).ok_or_else(|| Failure::missing("super_visor does not run"))
}

/// The running dynamic supervisor.
fn crowd(shell: &Shell) -> Result<DynamicSupervisorRef, Failure> {
    let none = "crowd does not run: type `app stop`, then `app start --with crowd`";
    api::crowd(shell.node()).ok_or_else(|| Failure::new(none))
}
