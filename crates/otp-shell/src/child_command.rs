//! Commands for the children of a supervisor, for programs that have one.

use crate::failure::Failure;
use crate::shell::Shell;
use crate::supervisors::AnySupervisor;
use crate::value;
use clap::{Args, Subcommand};
use otp_core::SupervisorRef;
use otp_core::child_spec::{Child, ChildSpec};

/// What is asked of a supervisor about its children. A program flattens it into its commands.
#[derive(Debug, Subcommand)]
pub enum ChildCommand {
    /// Have the supervisor stop a child for good, and remember it
    #[command(after_help = "Example:\n  terminate superman")]
    Terminate(Id),
    /// Have the supervisor start a child again that does not run
    #[command(after_help = "Example:\n  restart superman")]
    Restart(Id),
    /// Have the supervisor forget a child that does not run
    #[command(after_help = "Example:\n  delete superman")]
    Delete(Id),
    /// Print how a child is started, restarted and stopped
    #[command(after_help = "Example:\n  spec superman")]
    Spec(Id),
    /// List the children of a supervisor, the last one first
    #[command(after_help = "Example:\n  children")]
    Children(Of),
    /// Count the children of a supervisor
    #[command(after_help = "Example:\n  count")]
    Count(Of),
}

/// A supervisor.
#[derive(Debug, Args)]
pub struct Of {
    /// The name of the supervisor, if it is not the one that the program means
    // A program may have an option `--supervisor`: on the command line both are in one grammar.
    #[arg(id = "children_of", value_name = "SUPERVISOR", value_parser = value::name)]
    name: Option<String>,
}

/// A child.
#[derive(Debug, Args)]
pub struct Id {
    /// The id of the child
    #[arg(value_name = "NAME", value_parser = value::name)]
    id: String,
}

impl ChildCommand {
    /// Whether it changes nothing.
    #[must_use]
    pub fn only_looks(&self) -> bool {
        matches!(self, Self::Spec(_) | Self::Children(_) | Self::Count(_))
    }

    /// Asks the supervisor, and prints its answer. The children that are listed and counted are those of the supervisor of the
    /// name `listed`, unless the command names another one.
    ///
    /// # Errors
    ///
    /// The refusal of the supervisor, or there is none of that name.
    pub async fn run(
        self,
        supervisor: &SupervisorRef,
        listed: &str,
        shell: &mut Shell,
    ) -> Result<(), Failure> {
        match self {
            Self::Terminate(Id { id }) => Ok(supervisor.terminate_child(id).await?),
            Self::Restart(Id { id }) => {
                let child = supervisor.restart_child(id).await?;
                shell.print_started(&child)
            }
            Self::Delete(Id { id }) => Ok(supervisor.delete_child(id).await?),
            Self::Spec(Id { id }) => {
                let spec = supervisor.childspec(id.clone()).await?;
                let none = || Failure::new(format_args!("there is no child {id}"));
                let rows = rows(&spec.ok_or_else(none)?);
                shell.print_table(&rows, "")
            }
            Self::Children(of) => {
                let children = of.find(listed, shell)?.children().await?;
                shell.print_children(&children)
            }
            Self::Count(of) => {
                let count = of.find(listed, shell)?.count().await?;
                shell.print_counts(count)
            }
        }
    }
}

impl Of {
    fn find(&self, default: &str, shell: &Shell) -> Result<AnySupervisor, Failure> {
        let name = self.name.as_deref().unwrap_or(default);
        AnySupervisor::named(shell.node(), name)
            .ok_or_else(|| Failure::new(format_args!("no supervisor is registered as {name}")))
    }
}

fn rows(spec: &ChildSpec) -> [[String; 2]; 5] {
    [
        ["id", &spec.id().to_string()],
        ["start", spec.start_call()],
        ["restart", &spec.restart_type().to_string()],
        ["shutdown", &spec.shutdown_value().to_string()],
        ["type", &spec.child_type().to_string()],
    ]
    .map(|row| row.map(str::to_owned))
}

impl Shell {
    /// Prints `undefined` for a child that was started and has no process; a child with a process prints its own line.
    ///
    /// # Errors
    ///
    /// As for [`print`](Self::print).
    pub fn print_started(&self, child: &Child) -> Result<(), Failure> {
        match child.pid() {
            Some(_) => Ok(()),
            None => self.print("undefined"),
        }
    }
}
