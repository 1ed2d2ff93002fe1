//! The command line.
//!
//! Only this file prints.

use crate::api::{Cluster, NodeError};
use crate::core::Address;
use ch4_dynamic::api::Stage;
use clap::{Args, Subcommand};
use otp_core::Pid;
use otp_dist::read_cookie;
use otp_shell::rig::Rig;
use otp_shell::value::{Text, line, name};
use otp_shell::{Failure, Program, Shell};
use std::process::ExitCode;
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// How often the program looks whether a character is back: no message tells it, least of all across nodes.
const LOOK: Duration = Duration::from_millis(2);

/// How long it looks.
const LIMIT: Duration = Duration::from_secs(5);

/// Runs the program with the arguments it was started with; returns its exit code.
pub fn main() -> ExitCode {
    otp_shell::main::<Nodes>()
}

/// The program for tests that run it inside themselves.
pub fn rig() -> Rig {
    Rig::of::<Nodes>()
}

/// One life of the shell.
struct Nodes {
    options: Options,
}

/// What makes the program a node among others.
#[derive(Debug, Clone, Args)]
struct Options {
    /// Take part in a cluster of programs under this name, name@host, from the first command on
    // An id of its own: clap gives a global option what a positional argument of the same id has got.
    #[arg(id = "own_node", long = "node", global = true, value_name = "NAME", value_parser = name)]
    node: Option<String>,

    /// The cookie of the cluster; the one in ~/.erlang.cookie, unless it is said
    #[arg(long, global = true, value_name = "COOKIE", requires = "own_node")]
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

    /// What all lives of the shell have in common.
    #[arg(skip)]
    cluster: Cluster,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start a node
    #[command(after_help = "Example:\n  start b")]
    Start {
        /// Its name
        #[arg(value_parser = name)]
        node: String,
    },
    /// Have a node go away, with everybody on it
    #[command(after_help = "Example:\n  stop b")]
    Stop {
        /// Its name
        #[arg(value_parser = name)]
        node: String,
    },
    /// List the nodes
    #[command(after_help = "Example:\n  list")]
    List,
    /// Add a character on a node
    #[command(after_help = "Example:\n  add b/superman 'I am on b.'")]
    Add {
        /// The node, and its name there
        address: Address,
        /// What it says
        #[arg(value_parser = line)]
        line: Text,
    },
    /// Have a character say its line, whichever node it is on
    #[command(after_help = "Example:\n  say b/superman")]
    Say {
        /// The node, and its name there
        address: Address,
    },
    /// Tell a character to die, and wait until it is back
    #[command(after_help = "Example:\n  die b/superman")]
    Die {
        /// The node, and its name there
        address: Address,
    },
    /// Print the node on which a name is at home
    #[command(after_help = "Example:\n  home superman")]
    Home {
        /// The name
        #[arg(value_parser = name)]
        name: String,
    },
}

impl Program for Nodes {
    const NAME: &'static str = "ch4-nodes";
    const ABOUT: &'static str =
        "Characters on several nodes, each found by a name that says where it is";
    const EXAMPLE: &'static str =
        "Example:\n  ch4-nodes -e 'start b' -e 'add b/yoshi hello' -e 'say b/yoshi'";
    type Options = Options;
    type Command = Command;

    fn new(options: &Options) -> Self {
        Self {
            options: options.clone(),
        }
    }

    async fn run(&mut self, command: Command, shell: &mut Shell) -> Result<(), Failure> {
        let stage = Stage::printing(shell.printer());
        let cluster = self.cluster(&stage).await?;
        match command {
            Command::Start { node } => Ok(cluster.start_node(&node).await?),
            Command::Stop { node } => Ok(cluster.stop_node(&node)?),
            Command::List => match cluster.nodes() {
                nodes if nodes.is_empty() => shell.print("no nodes"),
                nodes => shell.print(nodes.join(", ")),
            },
            Command::Add { address, line } => {
                Ok(cluster.add(&address, line.into(), &stage).await?)
            }
            Command::Say { address } => {
                let said = cluster.say(&address).await;
                shell.print(said.map_err(|error| failure(&address, error))?)
            }
            Command::Die { address } => die(&address, cluster, shell).await,
            Command::Home { name } => match cluster.home(&name) {
                Some(node) => shell.print(node),
                None => Err(Failure::missing("there are no nodes")),
            },
        }
    }

    fn hint(&self, _: &Shell) -> Option<&'static str> {
        let none = self.options.cluster.nodes().is_empty();
        none.then_some("`start a` starts a node")
    }

    /// An address is the name of a process for all commands.
    async fn find(&mut self, name: &str, shell: &mut Shell) -> Option<Result<Pid, Failure>> {
        let address: Address = name.parse().ok()?;
        let stage = Stage::printing(shell.printer());
        let found = async { Ok(self.cluster(&stage).await?.whereis(&address).await?) };
        match found.await {
            Ok(pid) => {
                Some(pid.ok_or_else(|| Failure::missing(format_args!("nobody is at {address}"))))
            }
            Err(failure) => Some(Err(failure)),
        }
    }

    async fn info(&mut self, pid: Pid, shell: &mut Shell) -> Result<Option<String>, Failure> {
        let stage = Stage::printing(shell.printer());
        let info = self.cluster(&stage).await?.info(pid).await?;
        Ok(info.map(|info| format!("pid           {pid}\n{info}")))
    }
}

impl Nodes {
    /// What it knows of nodes. From now on it takes part in a cluster, if it is to.
    async fn cluster(&self, stage: &Stage) -> Result<&Cluster, Failure> {
        let cluster = &self.options.cluster;
        if let Some(name) = &self.options.node {
            let cookie = match &self.options.cookie {
                Some(cookie) => cookie.clone(),
                None => read_cookie(None)?,
            };
            let port = self.options.epmd_port;
            cluster.join(name, cookie, port, stage.clone()).await?;
        }
        Ok(cluster)
    }
}

/// The failure of a call, with the address as it was typed.
fn failure(address: &Address, error: NodeError) -> Failure {
    match error {
        NodeError::Call(error) => Failure::of_call(address, error),
        other => other.into(),
    }
}

/// Tells a character to die, and waits until another one answers in its place.
async fn die(address: &Address, cluster: &Cluster, shell: &mut Shell) -> Result<(), Failure> {
    let Some(before) = cluster.whereis(address).await? else {
        return shell.print(format_args!("nobody is at {address}, and nobody hears it"));
    };
    cluster.die(address).await?;
    let back = async {
        while cluster
            .whereis(address)
            .await?
            .is_none_or(|now| now == before)
        {
            sleep(LOOK).await;
        }
        // It answers when its start is over.
        cluster.say(address).await
    };
    let back = timeout(LIMIT, back).await;
    back.map_err(|_| Failure::new(format_args!("{address} is not back after 5s")))??;
    Ok(())
}
