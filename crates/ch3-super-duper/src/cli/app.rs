//! `app`: the tree as a whole.

use super::value::reason;
use super::{plain, visor};
use crate::api::{self, Plan, SuperVisor};
use clap::Subcommand;
use otp_core::ExitReason;
use otp_core::application::ExitStatus;
use otp_shell::{Failure, Shell};

#[derive(Debug, Subcommand)]
pub(super) enum AppCommand {
    /// Start the supervisor, linked with the shell, and its children
    #[command(after_help = "Example:\n  app start")]
    Start,
    /// Run the tree as an application, as a service does: until Ctrl-C, or until it gives up
    #[command(after_help = "Example:\n  $ ch3-super-duper --trap app run")]
    Run,
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
        AppCommand::Run => {
            let signal = shell.interrupted();
            match api::run(shell.node(), plan, signal).await {
                ExitStatus::Stopped => shell.print("stopped super_duper"),
                ExitStatus::NotStarted(error) => Err(error.into()),
                ExitStatus::Failed {
                    application,
                    reason,
                } => Err(Failure::new(format_args!(
                    "application {application} has ended: {}",
                    plain(&reason)
                ))),
                ExitStatus::Interrupted => Err(Failure::interrupted()),
            }
        }
        AppCommand::Stop { reason } => {
            visor(shell)?.stop(reason).await?;
            shell.print("stopped super_visor")
        }
    }
}
