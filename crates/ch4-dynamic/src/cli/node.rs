//! `node`: exercise 4.4.

use crate::nodes::api::Cluster;
use crate::nodes::core::Address;
use clap::{Args, Subcommand};
use otp_dist::read_cookie;
use otp_shell::value::{line, name};
use otp_shell::{Failure, Printer, Shell};
use std::time::Duration;
use tokio::time::sleep;

/// How often we look whether a character is back: nobody tells us, least of all across nodes.
const LOOK: Duration = Duration::from_millis(2);

/// What makes the program a node among others.
#[derive(Debug, Clone, Args)]
pub(super) struct NodeOptions {
    /// Take part in a cluster of programs under this name, name@host, from the first `node` command on
    #[arg(long, global = true, value_name = "NAME", value_parser = name)]
    node: Option<String>,

    /// The cookie of the cluster; the one in ~/.erlang.cookie, unless it is said
    #[arg(long, global = true, value_name = "COOKIE", requires = "node")]
    cookie: Option<String>,

    /// The port of the epmd of this host; if there is none, the program is one
    #[arg(
        long,
        global = true,
        value_name = "PORT",
        default_value_t = 4369,
        hide = true
    )]
    epmd_port: u16,
}

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

/// Makes the program a node, if it was told a name and is none yet.
pub(super) async fn join(
    options: &NodeOptions,
    cluster: &Cluster,
    printer: Printer,
) -> Result<(), Failure> {
    let Some(name) = &options.node else {
        return Ok(());
    };
    let cookie = match &options.cookie {
        Some(cookie) => cookie.clone(),
        None => read_cookie(None)?,
    };
    let stage = super::stage(printer);
    let joined = cluster.join(name, cookie, options.epmd_port, stage).await;
    Ok(joined?)
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
            if let Some(there) = cluster.far_hero(&address) {
                let said = there.say().await?;
                return shell.print(said);
            }
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
    if let Some(there) = cluster.far_hero(address) {
        there.die().await?;
        // What is asked later is answered by the next one, or by nobody yet.
        while let Err(error) = there.say().await {
            if !error.may_pass() {
                return Err(error.into());
            }
            sleep(LOOK).await;
        }
        return Ok(());
    }
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
