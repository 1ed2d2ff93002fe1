//! What is asked of the supervisor: another child, or one fewer.

use super::value::name;
use super::visor;
use crate::api::{Crowd, Plan};
use clap::{Args, Subcommand, ValueEnum};
use otp_core::child_spec::{Child, ChildType};
use otp_shell::{Failure, Shell};

#[derive(Debug, Subcommand)]
pub(super) enum ChildCommand {
    /// Add a character to the tree (exercise 3.7)
    #[command(after_help = "Example:\n  add supernova 'I will be brief.'")]
    Add {
        /// Its name
        #[arg(value_parser = name)]
        name: String,
        /// What it says
        line: Option<String>,
        /// What it is declared as
        #[arg(long = "as", value_enum, default_value_t = Declared::Worker)]
        declared: Declared,
        /// Put it under the dynamic supervisor (exercise 3.6)
        #[arg(long)]
        crowd: bool,
    },
    /// Remove a character from the dynamic supervisor (exercise 3.6)
    #[command(after_help = "Example:\n  remove supernova")]
    Remove {
        /// Its name
        #[arg(value_parser = name)]
        name: String,
    },
    /// Have the supervisor stop a child for good, and remember it
    #[command(after_help = "Example:\n  terminate superman")]
    Terminate(Id),
    /// Have the supervisor start a child again that does not run
    #[command(after_help = "Example:\n  restart superman")]
    Restart(Id),
    /// Have the supervisor forget a child that does not run
    #[command(after_help = "Example:\n  delete superman")]
    Delete(Id),
}

#[derive(Debug, Args)]
pub(super) struct Id {
    /// The child's id
    #[arg(value_parser = name)]
    name: String,
}

/// [`ChildType`], as it is typed.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Declared {
    /// Something that does the work
    Worker,
    /// A supervisor, which is believed
    Supervisor,
}

pub(super) async fn run(
    command: ChildCommand,
    plan: &Plan,
    shell: &mut Shell,
) -> Result<(), Failure> {
    let visor = visor(shell)?;
    match command {
        ChildCommand::Add {
            name,
            line,
            crowd: true,
            ..
        } => print(&crowd(shell)?.add(plan, &name, line).await?, shell),
        ChildCommand::Add {
            name,
            line,
            declared,
            ..
        } => {
            let declared = match declared {
                Declared::Worker => ChildType::Worker,
                Declared::Supervisor => ChildType::Supervisor,
            };
            print(&visor.add(plan, &name, line, declared).await?, shell)
        }
        ChildCommand::Remove { name } => Ok(crowd(shell)?.remove(&name).await?),
        ChildCommand::Terminate(id) => Ok(visor.terminate(id.name).await?),
        ChildCommand::Restart(id) => print(&visor.restart(id.name).await?, shell),
        ChildCommand::Delete(id) => Ok(visor.delete(id.name).await?),
    }
}

/// The supervisor for those who come later, which must run.
fn crowd(shell: &Shell) -> Result<Crowd, Failure> {
    Crowd::find(shell.node()).ok_or_else(|| {
        Failure::new("crowd does not run: start the tree with the option --with crowd")
    })
}

/// One that runs has told so itself.
fn print(child: &Child, shell: &Shell) -> Result<(), Failure> {
    match child.pid() {
        Some(_) => Ok(()),
        None => shell.print("undefined"),
    }
}
