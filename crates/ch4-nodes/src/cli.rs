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

/// The interval of the look-ups while the program waits for a restart. No message reports a restart.
const POLL_INTERVAL: Duration = Duration::from_millis(2);

/// The time limit of this wait.
const RESTART_TIMEOUT: Duration = Duration::from_secs(5);

/// Runs the program with its command-line arguments, and returns its exit code.
pub fn main() -> ExitCode {
    otp_shell::main::<Nodes>()
}

/// The program for tests that run it in their own process.
pub fn rig() -> Rig {
    Rig::of::<Nodes>()
}

/// The state of a shell process. The cluster is shared by all shell processes.
struct Nodes {
    options: Options,
}

/// The options of the program.
#[derive(Debug, Clone, Args)]
struct Options {
    /// Join a cluster of programs under this name, name@host, at the first command
    // The id differs from the positional arguments `node`, because clap would give their values to this global option.
    #[arg(id = "own_node", long = "node", global = true, value_name = "NAME", value_parser = name)]
    node: Option<String>,

    /// The cookie of the cluster [default: the text of ~/.erlang.cookie]
    #[arg(long, global = true, value_name = "COOKIE", requires = "own_node")]
    cookie: Option<String>,

    /// The port of the epmd of this host; if none runs, the program serves as epmd
    #[arg(
        long,
        global = true,
        value_name = "PORT",
        env = "ERL_EPMD_PORT",
        default_value_t = 4369,
        hide = true
    )]
    epmd_port: u16,

    /// The nodes, shared by all shell processes.
    #[arg(skip)]
    cluster: Cluster,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start a node
    #[command(after_help = "Example:\n  start b")]
    Start {
        /// The name of the node
        #[arg(value_parser = name)]
        node: String,
    },
    /// Stop a node and all processes on it
    #[command(after_help = "Example:\n  stop b")]
    Stop {
        /// The name of the node
        #[arg(value_parser = name)]
        node: String,
    },
    /// List the nodes
    #[command(after_help = "Example:\n  list")]
    List,
    /// Add a character on a node
    #[command(after_help = "Example:\n  add b/superman 'I am on b.'")]
    Add {
        /// The node and the name of the character, such as b/superman
        address: Address,
        /// The first line
        #[arg(value_parser = line)]
        line: Text,
    },
    /// Print the lines of a character on any node
    #[command(after_help = "Example:\n  say b/superman")]
    Say {
        /// The node and the name of the character, such as b/superman
        address: Address,
    },
    /// Make a character panic, and wait until it is restarted
    #[command(after_help = "Example:\n  die b/superman")]
    Die {
        /// The node and the name of the character, such as b/superman
        address: Address,
    },
    /// Print the home node of a name
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
        "Characters on several nodes, each with a name that contains its node";
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
                let lines = cluster.say(&address).await;
                shell.print(lines.map_err(|error| failure(&address, error))?)
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

    /// All commands accept an address as the name of a process.
    async fn find(&mut self, name: &str, shell: &mut Shell) -> Option<Result<Pid, Failure>> {
        let address: Address = name.parse().ok()?;
        let stage = Stage::printing(shell.printer());
        let found = async { Ok(self.cluster(&stage).await?.whereis(&address).await?) };
        match found.await {
            Ok(pid) => Some(pid.ok_or_else(|| {
                Failure::missing(format_args!("no process is registered as {address}"))
            })),
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
    /// The nodes. Joins the cluster of programs first, if an option asks for it.
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

/// The message for a failed call, with the address as the user typed it.
fn failure(address: &Address, error: NodeError) -> Failure {
    match error {
        NodeError::Call(error) => Failure::of_call(address, error),
        other => other.into(),
    }
}

/// Makes a character panic, and waits until the restarted character answers.
async fn die(address: &Address, cluster: &Cluster, shell: &mut Shell) -> Result<(), Failure> {
    let Some(before) = cluster.whereis(address).await? else {
        return shell.print(format_args!(
            "no process has the address {address}: the message is dropped"
        ));
    };
    cluster.die(address).await;
    let restarted = async {
        while cluster
            .whereis(address)
            .await?
            .is_none_or(|now| now == before)
        {
            sleep(POLL_INTERVAL).await;
        }
        // The character answers when its `init` has returned.
        cluster.say(address).await
    };
    let restarted = timeout(RESTART_TIMEOUT, restarted).await;
    restarted
        .map_err(|_| Failure::new(format_args!("{address} was not restarted within 5s")))??;
    Ok(())
}
