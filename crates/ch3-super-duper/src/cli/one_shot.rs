//! One command with a tree of its own: started before it, stopped after it.

use super::command::Command;
use super::show;
use crate::api::{Plan, SuperVisor};
use otp_core::ExitReason;
use otp_shell::{Failure, Shell};

/// What a command needs around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Company {
    /// The tree.
    Tree,
    /// The tree, and a look at the children before and after.
    BeforeAndAfter,
    /// The command is to start the tree itself.
    Alone,
}

pub(super) async fn run(
    company: Company,
    command: Command,
    plan: &Plan,
    shell: &mut Shell,
) -> Result<(), Failure> {
    let visor = SuperVisor::start_link(plan).await?;
    let done = match company {
        Company::Alone => Ok(()),
        Company::Tree => super::run(command, plan, shell).await,
        Company::BeforeAndAfter => {
            let before = show::row(&visor).await?;
            shell.print(format_args!("before: {before}"))?;
            let done = super::run(command, plan, shell).await;
            let after = show::row(&visor).await?;
            shell.print(format_args!("after:  {after}"))?;
            done
        }
    };
    visor.stop(ExitReason::Normal).await?;
    shell.print("stopped super_visor")?;
    done
}
