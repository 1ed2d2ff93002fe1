//! `app`: the tree as a whole.

use super::value::reason;
use super::visor;
use crate::api::{Plan, SuperVisor};
use clap::Subcommand;
use otp_core::ExitReason;
use otp_shell::{Failure, Shell};

#[derive(Debug, Subcommand)]
pub(super) enum AppCommand {
    /// Start the supervisor, linked with the shell, and its children
    #[command(after_help = "Example:\n  app start")]
    Start,
    /// Stop the children, the last one first, and the supervisor
    #[command(after_help = "Example:\n  app stop shutdown")]
    Stop {
        /// Why: normal, shutdown or any text. With another reason than normal the shell goes with it
        #[arg(default_value = "normal", value_parser = reason)]
        reason: ExitReason,
    },
}

pub(super) async fn run(
    command: AppCommand,
    plan: &Plan,
    shell: &mut Shell,
) -> Result<(), Failure> {
    match command {
        AppCommand::Start => {
            SuperVisor::start_link(plan).await?;
            Ok(())
        }
        AppCommand::Stop { reason } => {
            visor(shell)?.stop(reason).await?;
            shell.print("stopped super_visor")
        }
    }
}
