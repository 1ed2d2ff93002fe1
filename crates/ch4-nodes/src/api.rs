//! The API of several nodes and their characters.

use crate::boundary::NodeRegistry;
use crate::core::{Address, home};
use crate::supervision;
use ch4_dynamic::api::{Hero, RemoteHero, Stage};
use ch4_dynamic::core::Lines;
use otp_core::prelude::*;
use otp_core::process;
use otp_core::supervisor::StartChildError;
use otp_dist::{Atom, Config, Distribution, RemoteInfo};
use std::fmt::Display;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OnceCell;

/// The time limit for another program to add a character.
const ADD_TIMEOUT: Duration = Duration::from_secs(10);

/// A cluster of nodes: the nodes of this program, and those of the programs that it is connected with.
#[derive(Debug, Clone, Default)]
pub struct Cluster {
    registry: NodeRegistry,
    /// The distribution, after the program has joined other programs.
    joined: Arc<OnceCell<Distribution>>,
}

/// An operation on a node or on a character failed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum NodeError {
    /// No node has this name.
    #[error("there is no node {0}")]
    NoNode(String),
    /// A node with this name exists already.
    #[error("there is a node {0} already")]
    AlreadyStarted(String),
    /// The tree of the node did not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The character did not start.
    #[error(transparent)]
    Character(#[from] StartChildError),
    /// A character of this program did not answer.
    #[error(transparent)]
    Call(#[from] CallError),
    /// An operation between programs failed: the node or the address, and the cause.
    #[error("{0}: {1}")]
    Remote(String, String),
}

impl NodeError {
    fn remote(place: &impl Display, cause: &impl Display) -> Self {
        Self::Remote(place.to_string(), format!("{cause:#}"))
    }
}

/// Operations on nodes.
impl Cluster {
    /// Makes the node of the current process a node of a cluster of programs, with the name `name@host` and an empty tree. Does
    /// nothing if it is one already. Other programs can inspect its processes, call its characters, and add characters with the function
    /// `ch4_nodes:add(Name, Line)`.
    ///
    /// # Errors
    ///
    /// [`NodeError`] if the name is in use or invalid.
    pub async fn join(
        &self,
        name: &str,
        cookie: String,
        epmd_port: u16,
        stage: Stage,
    ) -> Result<(), NodeError> {
        let join = async || {
            let node = process::node();
            let epmd = SocketAddr::from((Ipv4Addr::LOCALHOST, epmd_port));
            // Fails if an epmd runs already, which is used then.
            let _running = Distribution::serve_epmd(&node, epmd).await;
            let config = Config::new(name).cookie(cookie).epmd(epmd);
            let joined = Distribution::start(&node, config).await;
            let dist = joined.map_err(|error| NodeError::remote(&name, &error))?;
            self.add_node(name, &node).await?;
            dist.show_processes();
            let (cluster, adds, node) = (self.clone(), dist.clone(), name.to_owned());
            dist.async_function("ch4_nodes", "add", move |(name, line): (String, String)| {
                let (cluster, dist, stage) = (cluster.clone(), adds.clone(), stage.clone());
                let node = node.clone();
                async move {
                    let address = Address { node, name };
                    let added = cluster.add_here(Some(&dist), &address, line, &stage).await;
                    Ok(added.map_err(|error| error.to_string()))
                }
            });
            Ok(dist)
        };
        self.joined.get_or_try_init(join).await.map(drop)
    }

    /// Starts a node with an empty tree.
    ///
    /// # Errors
    ///
    /// [`NodeError`] if a node with this name exists.
    pub async fn start_node(&self, name: &str) -> Result<(), NodeError> {
        self.add_node(name, &Node::new()).await
    }

    async fn add_node(&self, name: &str, node: &Node) -> Result<(), NodeError> {
        match self.registry.add(name, node) {
            true => Ok(supervision::start(node).await.map(drop)?),
            false => Err(NodeError::AlreadyStarted(name.to_owned())),
        }
    }

    /// Ends a node and all processes on it.
    ///
    /// # Errors
    ///
    /// [`NodeError`] if the node does not exist, or is the node of the program itself.
    pub fn stop_node(&self, name: &str) -> Result<(), NodeError> {
        let own = self.joined.get().map(|dist| dist.name().as_str());
        if own == Some(name) {
            let cause = "it is the node of this program: `exit` ends it";
            return Err(NodeError::remote(&name, &cause));
        }
        let node = self.registry.remove(name);
        let node = node.ok_or_else(|| NodeError::NoNode(name.to_owned()))?;
        supervision::kill_all(&node);
        Ok(())
    }

    /// The names of the nodes, in order. They include the connected nodes of other programs.
    pub fn nodes(&self) -> Vec<String> {
        let remote = self.joined.get().map(Distribution::nodes);
        let remote = remote.iter().flatten().map(|name| name.as_str().to_owned());
        let mut nodes: Vec<String> = self.registry.nodes().into_iter().chain(remote).collect();
        nodes.sort_unstable();
        nodes
    }

    /// The home node of a name, or `None` without nodes.
    pub fn home(&self, name: &str) -> Option<String> {
        home(name, self.nodes())
    }
}

/// Operations on characters. The address of a character contains its node, so the node of the caller does not matter.
impl Cluster {
    /// Adds a character on the node of its address.
    ///
    /// # Errors
    ///
    /// [`NodeError`] if the node does not exist, or the character does not start.
    pub async fn add(&self, at: &Address, line: String, stage: &Stage) -> Result<(), NodeError> {
        let Some(dist) = self.remote(at) else {
            return self.add_here(self.joined.get(), at, line, stage).await;
        };
        let (node, function) = (atom(&at.node)?, (atom("ch4_nodes")?, atom("add")?));
        let added = dist.rpc(&node, function, (&at.name, line));
        let added: Result<Result<(), String>, _> = added.timeout(ADD_TIMEOUT).await;
        let added =
            added.map_err(|error| NodeError::remote(&at.node, &ExitReason::error(error)))?;
        added.map_err(|cause| NodeError::remote(&at.node, &cause))
    }

    /// Adds a character on a node of this program. On the node of the cluster, other programs can call it.
    async fn add_here(
        &self,
        joined: Option<&Distribution>,
        address: &Address,
        line: String,
        stage: &Stage,
    ) -> Result<(), NodeError> {
        let node = self.registry.node(&address.node);
        let supervisor = node.and_then(|node| supervision::find(&node));
        let supervisor = supervisor.ok_or_else(|| NodeError::NoNode(address.node.clone()))?;
        let spec = supervision::character(&self.registry, address, line, stage);
        supervisor.start_child(spec).await?;
        if let Some(dist) = joined.filter(|dist| dist.name().as_str() == address.node) {
            supervision::expose(dist, address);
        }
        Ok(())
    }

    /// Asks a character for its lines, by a call.
    ///
    /// # Errors
    ///
    /// [`NodeError`] if the address has no process, or the process or its node does not answer.
    pub async fn say(&self, address: &Address) -> Result<Lines, NodeError> {
        let Some(dist) = self.remote(address) else {
            return Ok(self.local_hero(address).say().await?);
        };
        let lines = remote_hero(dist, address).say().await;
        lines.map_err(|error| NodeError::remote(address, &ExitReason::error(error)))
    }

    /// Makes a character panic, by a cast. Without a process the cast has no effect.
    pub async fn die(&self, address: &Address) {
        match self.remote(address) {
            Some(dist) => remote_hero(dist, address).die().await,
            None => self.local_hero(address).die(),
        }
    }

    /// The pid that is registered under an address.
    ///
    /// # Errors
    ///
    /// [`NodeError`] if a node of another program does not answer.
    pub async fn whereis(&self, address: &Address) -> Result<Option<Pid>, NodeError> {
        let Some(dist) = self.remote(address) else {
            return Ok(self.local_hero(address).whereis());
        };
        let (name, node) = (atom(&address.name)?, atom(&address.node)?);
        let found = dist.whereis(&name, &node).await;
        found.map_err(|error| NodeError::remote(address, &ExitReason::error(error)))
    }

    /// Information on a process of another program, or `None` if it is dead.
    ///
    /// # Errors
    ///
    /// [`NodeError`] if the node of the process does not answer.
    pub async fn info(&self, pid: Pid) -> Result<Option<RemoteInfo>, NodeError> {
        let dist = self.joined.get();
        let dist =
            dist.ok_or_else(|| NodeError::remote(&pid, &"the program is no node of a cluster"))?;
        let info = dist.process_info(pid).await;
        info.map_err(|error| NodeError::remote(&pid, &ExitReason::error(error)))
    }

    /// The distribution, if the node of an address is not in this program.
    fn remote(&self, address: &Address) -> Option<&Distribution> {
        let is_here = self.registry.node(&address.node).is_some();
        self.joined.get().filter(|_| !is_here)
    }

    /// A handle to a character on a node of this program.
    fn local_hero(&self, address: &Address) -> Hero {
        // If the node does not exist, the registry finds no process from any node.
        let node = self.registry.node(&address.node);
        Hero::named(self.registry.name(address)).on(&node.unwrap_or_else(process::node))
    }
}

/// A handle to a character on a node of another program.
fn remote_hero(dist: &Distribution, address: &Address) -> RemoteHero {
    RemoteHero(dist.server(&address.name, &address.node))
}

fn atom(text: &str) -> Result<Atom, NodeError> {
    Atom::new(text).map_err(|error| NodeError::remote(&text, &error))
}
