//! `node`: exercise 4.4.

use crate::nodes::api::Cluster;
use crate::nodes::core::Address;
use clap::Subcommand;
use otp_shell::value::{line, name};
use otp_shell::{Failure, Shell};
use std::time::Duration;
use tokio::time::sleep;

/// How often we look whether a character is back: nobody tells us, least of all across nodes.
const LOOK: Duration = Duration::from_millis(2);

#[derive(Debug, Subcommand)]
pub(super) enum NodeCommand {
    /// Start a node
    #[command(after_help = "Example:\n  node start b")]
    Start {
        /// Its name
        #[arg(value_parser = name)]
        node: String,
    },
    /// Have a node go away, with everybody on it
    #[command(after_help = "Example:\n  node stop b")]
    Stop {
        /// Its name
        #[arg(value_parser = name)]
        node: String,
    },
    /// List the nodes
    #[command(after_help = "Example:\n  node list")]
    List,
    /// Add a character on a node
    #[command(after_help = "Example:\n  node add b/superman 'I am on b.'")]
    Add {
        /// The node, and its name there
        address: Address,
        /// What it says
        #[arg(value_parser = line)]
        line: String,
    },
    /// Have a character say its line, whichever node it is on
    #[command(after_help = "Example:\n  node say b/superman")]
    Say {
        /// The node, and its name there
        address: Address,
    },
    /// Tell a character to die, and wait until it is back
    #[command(after_help = "Example:\n  node die b/superman")]
    Die {
        /// The node, and its name there
        address: Address,
    },
    /// Print the node on which a name is at home
    #[command(after_help = "Example:\n  node home superman")]
    Home {
        /// The name
        #[arg(value_parser = name)]
        name: String,
    },
}

pub(super) async fn run(
    command: NodeCommand,
    cluster: &Cluster,
    shell: &mut Shell,
) -> Result<(), Failure> {
    match command {
        NodeCommand::Start { node } => Ok(cluster.start_node(&node).await?),
        NodeCommand::Stop { node } => Ok(cluster.stop_node(&node)?),
        NodeCommand::List => match cluster.nodes() {
            nodes if nodes.is_empty() => shell.print("no nodes"),
            nodes => shell.print(nodes.join(", ")),
        },
        NodeCommand::Add { address, line } => {
            let stage = super::stage(shell.printer());
            Ok(cluster.add(&address, line, &stage).await?)
        }
        NodeCommand::Say { address } => {
            let lines = cluster.hero(&address).say().await;
            shell.print(lines?)
        }
        NodeCommand::Die { address } => die(&address, cluster, shell).await,
        NodeCommand::Home { name } => match cluster.home(&name) {
            Some(node) => shell.print(node),
            None => Err(Failure::new(
                "there are no nodes: `node start a` starts one",
            )),
        },
    }
}

async fn die(address: &Address, cluster: &Cluster, shell: &mut Shell) -> Result<(), Failure> {
    let hero = cluster.hero(address);
    let Some(pid) = hero.whereis() else {
        return shell.print(format_args!("nobody is at {address}, and nobody hears it"));
    };
    hero.die();
    // If its node goes away meanwhile, so does the wait.
    while cluster.nodes().contains(&address.node) {
        if hero.whereis().is_some_and(|now| now != pid) && hero.say().await.is_ok() {
            break;
        }
        sleep(LOOK).await;
    }
    Ok(())
}
