//! The command line. The first command that needs the project starts it, and the project runs until the session ends.
//!
//! Only this file and its folder print.

mod command;
mod options;

use self::command::Command;
use self::options::Options;
use crate::api::{NEWCOMERS, Names, Project, Role, SUPER_VISOR, super_visor};
use otp_core::process;
use otp_shell::rig::Rig;
use otp_shell::{Failure, OnDemand, Program, Shell};
use std::process::ExitCode;

/// Runs the program with its command-line arguments, and returns its exit code.
pub fn main() -> ExitCode {
    otp_shell::main::<Chapter>()
}

/// The program for tests that run it in their own process.
pub fn rig() -> Rig {
    Rig::of::<Chapter>()
}

/// The state of a shell process. A new shell process has a new state.
struct Chapter {
    options: Options,
    no_start: bool,
    project: Option<Project>,
}

impl Program for Chapter {
    const NAME: &'static str = "ch4-dynamic";
    const ABOUT: &'static str =
        "Characters that are added and removed at run time, and are found by name";
    const EXAMPLE: &'static str =
        "Example:\n  ch4-dynamic -e 'add-character yoshi hello' -e 'die yoshi' -e 'say yoshi'";
    type Options = OnDemand<Options>;
    type Command = Command;

    fn new(it: &OnDemand<Options>) -> Self {
        Self {
            options: it.options.clone(),
            no_start: it.no_start,
            project: None,
        }
    }

    async fn run(&mut self, command: Command, shell: &mut Shell) -> Result<(), Failure> {
        match command {
            Command::Whereis { name, local } => {
                let project = self.project.as_ref().filter(|it| !local && it.is_alive());
                shell.print_pid(match project {
                    Some(project) => project.hero(&name).whereis(),
                    None => process::whereis(name),
                })
            }
            Command::Stop => {
                let project = self.project.take().filter(Project::is_alive);
                let project =
                    project.ok_or_else(|| Failure::missing("the project does not run"))?;
                project.stop().await?;
                shell.print("stopped the project")
            }
            command => {
                let may_start = !self.no_start || matches!(command, Command::Start);
                let project = self.project(may_start, shell).await?;
                run(command, &project, shell).await
            }
        }
    }

    fn hint(&self, _: &Shell) -> Option<&'static str> {
        let runs = self.project.as_ref().is_some_and(Project::is_alive);
        (!runs).then_some("`start` starts the characters")
    }
}

impl Chapter {
    /// The project. Starts it if it does not run and may be started.
    async fn project(&mut self, may_start: bool, shell: &mut Shell) -> Result<Project, Failure> {
        match &self.project {
            Some(project) if project.is_alive() => Ok(project.clone()),
            _ if !may_start => Err(Failure::missing("the project does not run")),
            _ => {
                let plan = self.options.plan(shell.printer());
                let started = shell
                    .start_linked(|| Project::start_link(plan.clone()))
                    .await?;
                Ok(self.project.insert(started).clone())
            }
        }
    }
}

async fn run(command: Command, project: &Project, shell: &mut Shell) -> Result<(), Failure> {
    match command {
        Command::Start | Command::Stop | Command::Whereis { .. } => Ok(()),
        Command::Say(it) => {
            let lines = project.hero(&it.name).say().await;
            shell.print(lines.map_err(|error| Failure::of_call(&it.name, error))?)
        }
        Command::Learn { it, line } => {
            let learned = project.hero(&it.name).learn(line.into()).await;
            learned.map_err(|error| Failure::of_call(&it.name, error))
        }
        Command::Die(die) => {
            let hero = &project.hero(die.name());
            let name = die.name().to_owned();
            let call = || async {
                let died = hero.die_by_call().await;
                died.map_err(|error| Failure::of_call(&name, error))
            };
            die.run(|| hero.whereis(), || hero.die(), call, shell).await
        }
        Command::Kill(kill) => {
            let find = |name: &str| project.hero(name).whereis();
            kill.run(find, shell).await
        }
        Command::AddCharacter { it, line, id } => {
            let role = Role::new(it.name.clone(), line);
            let added = project.add(id.unwrap_or(it.name), &role).await?;
            shell.print_started(&added)
        }
        Command::RemoveCharacter(it) => Ok(project.remove(&it.name).await?),
        Command::Child(command) => {
            let listed = if project.plan.dynamic {
                NEWCOMERS
            } else {
                SUPER_VISOR
            };
            command.run(&super_visor()?, listed, shell).await
        }
        Command::Entries => {
            let none = "there is no registry: start the program with `--names via`";
            let Names::Via(registry) = &project.plan.names else {
                return Err(Failure::new(none));
            };
            let mut entries = registry.select(|name, pid, ()| Some((name.clone(), pid)));
            entries.sort();
            shell.print_pairs(entries, "no entries")
        }
    }
}
