//! What is asked of the supervisors: another child, one fewer, who there is.

use super::value::{line, name};
use super::{Chapter, show};
use crate::api::{Project, Role, Who};
use ch3_super_duper::api::Aftermath;
use clap::{Args, Subcommand, ValueEnum};
use otp_core::child_spec::Child;
use otp_shell::{Failure, Shell};

#[derive(Debug, Subcommand)]
pub(super) enum ChildCommand {
    /// Start the project, if it does not run
    #[command(after_help = "Example:\n  ch4-dynamic start")]
    Start,
    /// Stop the project, and all that is in it
    #[command(after_help = "Example:\n  stop")]
    Stop,
    AddCharacter(Add),
    /// Stop a character, and have it forgotten
    #[command(after_help = "Example:\n  remove-character yoshi")]
    RemoveCharacter(Id),
    /// Have the supervisor of all characters stop one, and remember it
    #[command(after_help = "Example:\n  terminate superman")]
    Terminate(Id),
    /// Have the supervisor of all characters start one again that does not run
    #[command(after_help = "Example:\n  restart superman")]
    Restart(Id),
    /// Have the supervisor of all characters forget one that does not run
    #[command(after_help = "Example:\n  delete superman")]
    Delete(Id),
    /// List the children of a supervisor, the last one first
    #[command(after_help = "Example:\n  ch4-dynamic children super-visor")]
    Children(Of),
    /// Count the children of a supervisor
    #[command(after_help = "Example:\n  ch4-dynamic count super-visor")]
    Count(Of),
    ProjectRestart(Rounds),
    /// List the entries of the registry
    #[command(after_help = "Example:\n  ch4-dynamic --names via entries")]
    Entries,
    /// List what is kept of the characters in the table that outlives them
    #[command(after_help = "Example:\n  ch4-dynamic --persist memories")]
    Memories,
}

/// Add a character while the project runs
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  add-character yoshi hello")]
pub(super) struct Add {
    /// Its name
    #[arg(value_parser = name)]
    name: String,
    /// What it says
    #[arg(value_parser = line)]
    line: String,
    /// Its id among the children, if that is to be another one
    #[arg(long, value_parser = name)]
    id: Option<String>,
}

/// Have a character die until its supervisor gives up, and the whole project starts again (exercise 4.1)
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  ch4-dynamic --log off project-restart")]
pub(super) struct Rounds {
    /// How often the supervisor is to give up; the fourth time within five seconds is too much for the project
    #[arg(long, value_name = "N", default_value = "1")]
    #[arg(value_parser = clap::value_parser!(u8).range(1..=100))]
    rounds: u8,
}

#[derive(Debug, Args)]
pub(super) struct Id {
    /// Its name
    #[arg(value_parser = name)]
    name: String,
}

/// Which supervisor; by default the one of those who come later.
#[derive(Debug, Args)]
pub(super) struct Of {
    /// Which supervisor; by default the one that newcomers get
    // Not the id of the program's option `--supervisor`: on the command line both are in one grammar.
    #[arg(id = "children_of", value_name = "SUPERVISOR", value_enum)]
    supervisor: Option<SupervisorName>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum SupervisorName {
    /// That of all characters
    #[value(alias = "super_visor")]
    SuperVisor,
    /// The dynamic one
    Newcomers,
}

pub(super) async fn run(
    command: ChildCommand,
    chapter: &mut Chapter,
    shell: &mut Shell,
) -> Result<(), Failure> {
    if let ChildCommand::Stop = command {
        return stop(chapter, shell).await;
    }
    let project = chapter.project(shell).await?;
    match command {
        ChildCommand::Start | ChildCommand::Stop => Ok(()),
        ChildCommand::AddCharacter(Add { name, line, id }) => {
            let role = Role::new(name.clone(), line);
            let added = project.add_as(id.unwrap_or(name), &role).await?;
            print(&added, shell)
        }
        ChildCommand::RemoveCharacter(id) => Ok(project.remove(&id.name).await?),
        ChildCommand::Terminate(id) => Ok(project.terminate(&id.name).await?),
        ChildCommand::Restart(id) => print(&project.restart(&id.name).await?, shell),
        ChildCommand::Delete(id) => Ok(project.delete(&id.name).await?),
        ChildCommand::Children(of) => {
            let who = of.who(project.stage_door());
            show::children(&project.children(who).await?, shell)
        }
        ChildCommand::Count(of) => {
            let who = of.who(project.stage_door());
            show::count(project.count(who).await?, shell)
        }
        ChildCommand::ProjectRestart(Rounds { rounds }) => {
            let project = project.clone();
            for _ in 0..rounds {
                restart(&project, shell).await?;
            }
            Ok(())
        }
        ChildCommand::Entries => show::entries(project.plan().names.entries(), shell),
        ChildCommand::Memories => show::memories(&project.memories()?, shell),
    }
}

/// Returns when another supervisor of the characters runs, if one does: when the project gives up, too, the shell that is
/// linked with it does not survive it.
async fn restart(project: &Project, shell: &mut Shell) -> Result<(), Failure> {
    let before = project.super_visor();
    let victim = project.plan().characters.first();
    let victim =
        victim.ok_or_else(|| Failure::new("there is no character from the start who could die"))?;
    while project.super_visor() == before {
        let hero = project.hero(victim.name());
        let Some(pid) = hero.whereis() else {
            return Err(Failure::new(format_args!(
                "{} is not there to die",
                victim.name()
            )));
        };
        let aftermath = Aftermath::of(pid).await;
        hero.die();
        aftermath.wait().await;
    }
    shell.print("the project has started again")
}

async fn stop(chapter: &mut Chapter, shell: &mut Shell) -> Result<(), Failure> {
    let project = chapter.project.take().filter(Project::is_alive);
    let project = project.ok_or_else(|| Failure::new("the project does not run"))?;
    project.stop().await?;
    shell.print("stopped the project")
}

impl Of {
    fn who(&self, default: Who) -> Who {
        match self.supervisor {
            None => default,
            Some(SupervisorName::SuperVisor) => Who::SuperVisor,
            Some(SupervisorName::Newcomers) => Who::Newcomers,
        }
    }
}

/// One that runs has told so itself.
fn print(child: &Child, shell: &Shell) -> Result<(), Failure> {
    match child.pid() {
        Some(_) => Ok(()),
        None => shell.print("undefined"),
    }
}
