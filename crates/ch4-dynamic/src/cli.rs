//! The command line: a project that is started when a command needs it, and lives through a session.
//!
//! Only these files print.

mod command;
mod options;

use self::command::Command;
use self::options::Options;
use crate::api::{Hero, NEWCOMERS, Project, Role, SUPER_VISOR, super_visor};
use crate::boundary::Memory;
use otp_core::process;
use otp_shell::rig::Rig;
use otp_shell::{Aftermath, Failure, Program, Shell, value};
use std::process::ExitCode;
use std::time::Duration;

/// Runs the program with the arguments it was started with; returns its exit code.
pub fn main() -> ExitCode {
    otp_shell::main::<Chapter>()
}

/// The program for tests that run it inside themselves.
pub fn rig() -> Rig {
    Rig::of::<Chapter>()
}

/// One life of the shell.
struct Chapter {
    options: Options,
    project: Option<Project>,
}

impl Program for Chapter {
    const NAME: &'static str = "ch4-dynamic";
    type Options = Options;
    type Command = Command;

    fn about(command: clap::Command) -> clap::Command {
        command
            .version(env!("CARGO_PKG_VERSION"))
            .about("Characters that come and go while the program runs, and are found by name")
            .after_help(
                "Example:\n  ch4-dynamic -e 'add-character yoshi hello' -e 'die yoshi' -e 'say yoshi'",
            )
    }

    fn new(options: &Options) -> Self {
        Self {
            options: options.clone(),
            project: None,
        }
    }

    async fn run(&mut self, command: Command, shell: &mut Shell) -> Result<(), Failure> {
        match command {
            Command::Whereis { name, local } => {
                let project = self.project.as_ref().filter(|it| !local && it.is_alive());
                let found = match project {
                    Some(project) => project.hero(&name).whereis(),
                    None => process::whereis(name),
                };
                match found {
                    Some(pid) => shell.print(pid),
                    None => shell.print("undefined"),
                }
            }
            Command::Stop => {
                let project = self.project.take().filter(Project::is_alive);
                let project = project.ok_or_else(|| Failure::new("the project does not run"))?;
                project.stop().await?;
                shell.print("stopped the project")
            }
            command => {
                let may_start = !self.options.no_start || matches!(command, Command::Start);
                let project = self.project(may_start, shell).await?;
                run(command, &project, shell).await
            }
        }
    }
}

impl Chapter {
    /// The project, which is started unless it runs.
    async fn project(&mut self, may_start: bool, shell: &mut Shell) -> Result<Project, Failure> {
        match &self.project {
            Some(project) if project.is_alive() => Ok(project.clone()),
            _ if !may_start => Err(Failure::new("the project does not run: `start` starts it")),
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
            let lines = project.hero(&it.name).say().await?;
            shell.print(lines)
        }
        Command::Learn {
            hero,
            line,
            fatal,
            unchecked,
        } => {
            if !unchecked {
                value::line(&line).map_err(|error| {
                    Failure::usage(format_args!("invalid line {line:?}: {error}"))
                })?;
            }
            let it = project.hero(&hero.name);
            if !fatal {
                return Ok(it.learn(line.into()).await?);
            }
            cast(&it, &hero.name, project, shell, || {
                it.learn_and_die(line.into())
            })
            .await
        }
        Command::Die { hero, call, times } => {
            let it = project.hero(&hero.name);
            if call {
                let answer = match it.whereis() {
                    Some(pid) => Aftermath::of_end(pid, it.die_by_call()).await,
                    None => it.die_by_call().await,
                };
                calm(project).await;
                return Ok(answer?);
            }
            for _ in 0..times {
                cast(&it, &hero.name, project, shell, || it.die()).await?;
            }
            Ok(())
        }
        Command::Kill(kill) => {
            let find = |name: &str| project.hero(name).whereis();
            kill.run(find, shell).await?;
            calm(project).await;
            Ok(())
        }
        Command::AddCharacter { hero, line, id } => {
            let role = Role::new(hero.name.clone(), line);
            let added = project.add_as(id.unwrap_or(hero.name), &role).await?;
            shell.print_started(&added)
        }
        Command::RemoveCharacter(it) => Ok(project.remove(&it.name).await?),
        Command::Child(command) => {
            let listed = if project.plan().dynamic {
                NEWCOMERS
            } else {
                SUPER_VISOR
            };
            command.run(&super_visor()?, listed, shell).await
        }
        Command::Entries => {
            let entries = project.plan().names.entries().ok_or_else(|| {
                Failure::new(
                    "there is no registry: start the program with --names via or --names own",
                )
            })?;
            let rows = entries
                .into_iter()
                .map(|(name, pid)| [name, pid.to_string()]);
            shell.print_table(&rows.collect::<Vec<_>>(), "no entries")
        }
        Command::Memories => {
            let rows = Memory::rows()?.into_iter();
            let rows = rows.map(|(name, lines)| [name, lines.to_string()]);
            shell.print_table(&rows.collect::<Vec<_>>(), "nothing is kept")
        }
    }
}

/// Casts something that ends a character. A cast returns at once; this waits until all that comes of it has been told.
async fn cast(
    hero: &Hero,
    name: &str,
    project: &Project,
    shell: &mut Shell,
    cast: impl FnOnce(),
) -> Result<(), Failure> {
    let Some(pid) = hero.whereis() else {
        return shell.print(format_args!(
            "nobody has the name {name}, and nobody hears it"
        ));
    };
    Aftermath::of_end(pid, async { cast() }).await;
    calm(project).await;
    Ok(())
}

/// Waits until no supervisor is about to start a child once more. None of them tells, so we look.
async fn calm(project: &Project) {
    while project.is_alive() && !project.is_calm().await {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}
