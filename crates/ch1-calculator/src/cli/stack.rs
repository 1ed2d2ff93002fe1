//! `stack`: exercise 1.3.

use super::value::name;
use crate::stack::api::StackServer;
use clap::{Args, Subcommand};
use otp_shell::{Failure, Mode, Shell};

#[derive(Debug, Subcommand)]
pub(super) enum StackCommand {
    /// Start a stack of these items, the first at the top
    #[command(after_help = "Example:\n  stack start hello world")]
    Start {
        /// Texts
        #[arg(value_name = "ITEM")]
        items: Vec<String>,
        #[command(flatten)]
        which: Which,
    },
    /// Put an item on the top
    #[command(after_help = "Example:\n  $ ch1-calculator stack push hello\n  [\"hello\"]")]
    Push {
        /// A text
        #[arg(allow_hyphen_values = true)]
        item: String,
        #[command(flatten)]
        which: Which,
    },
    /// Take the item at the top and print it
    #[command(after_help = "Example:\n  stack pop")]
    Pop {
        #[command(flatten)]
        which: Which,
    },
    /// Print all that is there, the top first
    #[command(after_help = "Example:\n  $ ch1-calculator stack state\n  []")]
    State {
        #[command(flatten)]
        which: Which,
    },
}

#[derive(Debug, Args)]
pub(super) struct Which {
    /// The name of the stack; one that is not there is started
    #[arg(long, default_value = "stack", value_parser = name)]
    name: String,
}

impl Which {
    async fn stack(self) -> Result<StackServer, Failure> {
        let stack = StackServer::named(self.name);
        if !stack.is_running() {
            stack.start_link(Vec::new()).await?;
        }
        Ok(stack)
    }
}

pub(super) async fn run(command: StackCommand, shell: &mut Shell) -> Result<(), Failure> {
    match command {
        StackCommand::Start { items, which } => {
            let pid = StackServer::named(which.name).start_link(items).await?;
            shell.print(format_args!("started {pid}"))
        }
        StackCommand::Push { item, which } => {
            let stack = which.stack().await?;
            stack.push(item);
            match shell.mode() {
                // It will not be there when somebody asks.
                Mode::OneShot => print(&stack, shell).await,
                Mode::Script | Mode::Interactive => Ok(()),
            }
        }
        StackCommand::Pop { which } => {
            let item = which.stack().await?.pop().await?;
            shell.print(item)
        }
        StackCommand::State { which } => print(&which.stack().await?, shell).await,
    }
}

async fn print(stack: &StackServer, shell: &mut Shell) -> Result<(), Failure> {
    let items = stack.state().await?;
    shell.print(format_args!("{items:?}"))
}
