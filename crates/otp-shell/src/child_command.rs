//! Commands for the children of a supervisor, for programs that have one.

use crate::failure::Failure;
use crate::shell::Shell;
use crate::value;
use clap::{Args, Subcommand};
use otp_core::SupervisorRef;
use otp_core::child_spec::Child;

/// What is asked of a supervisor about one of its children. A program flattens it into its commands.
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
}

/// A child.
#[derive(Debug, Args)]
pub struct Id {
    /// The id of the child
    #[arg(value_name = "NAME", value_parser = value::name)]
    id: String,
}

impl ChildCommand {
    /// Asks the supervisor, and prints its answer.
    ///
    /// # Errors
    ///
    /// The refusal of the supervisor.
    pub async fn run(self, supervisor: &SupervisorRef, shell: &mut Shell) -> Result<(), Failure> {
        match self {
            Self::Terminate(Id { id }) => Ok(supervisor.terminate_child(id).await?),
            Self::Restart(Id { id }) => {
                let child = supervisor.restart_child(id).await?;
                shell.print_started(&child)
            }
            Self::Delete(Id { id }) => Ok(supervisor.delete_child(id).await?),
            Self::Spec(Id { id }) => {
                let spec = supervisor.childspec(id.clone()).await?;
                let spec =
                    spec.ok_or_else(|| Failure::new(format_args!("there is no child {id}")))?;
                let [id, start, restart] = [
                    spec.id().to_string(),
                    spec.start_call().to_string(),
                    spec.restart_type().to_string(),
                ];
                let [shutdown, child_type] = [
                    spec.shutdown_value().to_string(),
                    spec.child_type().to_string(),
                ];
                let rows = [
                    ["id", &id],
                    ["start", &start],
                    ["restart", &restart],
                    ["shutdown", &shutdown],
                    ["type", &child_type],
                ];
                shell.print_table(&rows.map(|row| row.map(str::to_owned)), "")
            }
        }
    }
}

impl Shell {
    /// Prints `undefined` for a child that was started and has no process; one that has tells so itself.
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
