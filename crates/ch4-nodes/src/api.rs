//! Several nodes as their users see them.

use crate::boundary::Atlas;
use crate::core::{Address, home};
use crate::supervision;
use ch4_dynamic::api::{FarHero, Hero, Stage};
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

/// How long another program may take to add a character.
const PATIENCE: Duration = Duration::from_secs(10);

/// Nodes that know each other by name: those of this program, and those of the programs that it is connected with.
#[derive(Debug, Clone, Default)]
pub struct Cluster {
    atlas: Atlas,
    /// Its part in a cluster of programs.
    joined: Arc<OnceCell<Distribution>>,
}

/// What could not be done on a node.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum NodeError {
    /// No node has this name.
    #[error("there is no node {0}")]
    NoNode(String),
    /// A node has this name.
    #[error("there is a node {0} already")]
    Taken(String),
    /// Its tree did not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The character did not start.
    #[error(transparent)]
    Character(#[from] StartChildError),
    /// A character of this program did not answer.
    #[error(transparent)]
    Call(#[from] CallError),
    /// It is not possible between programs: for which node or address, and why.
    #[error("{0}: {1}")]
    Far(String, String),
}

impl NodeError {
    fn far(place: &impl Display, why: &impl Display) -> Self {
        Self::Far(place.to_string(), why.to_string())
    }
}

/// The nodes.
impl Cluster {
    /// Makes the node of the current process known to other programs, unless that was done before: by its name, `name@host`, and
    /// with an empty tree. Others can look at its processes, call its characters, and add some by the
    /// function `ch4_nodes:add(Name, Line)`.
    ///
    /// # Errors
    ///
    /// [`NodeError`] if the name is taken, or cannot be one.
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
            // An epmd that runs already is as good.
            let _taken = Distribution::serve_epmd(&node, epmd).await;
            let config = Config::new(name).cookie(cookie).epmd(epmd);
            let joined = Distribution::start(&node, config).await;
            let dist = joined.map_err(|error| NodeError::far(&name, &error))?;
            self.enter(name, &node).await?;
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
    /// [`NodeError`] if there is one of this name.
    pub async fn start_node(&self, name: &str) -> Result<(), NodeError> {
        self.enter(name, &Node::new()).await
    }

    async fn enter(&self, name: &str, node: &Node) -> Result<(), NodeError> {
        match self.atlas.add(name, node) {
            true => Ok(supervision::start(node).await.map(drop)?),
            false => Err(NodeError::Taken(name.to_owned())),
        }
    }

    /// Ends a node, with all processes on it.
    ///
    /// # Errors
    ///
    /// [`NodeError`] if there is none, or if it is that of the program.
    pub fn stop_node(&self, name: &str) -> Result<(), NodeError> {
        let own = self.joined.get().map(|dist| dist.name().as_str());
        if own == Some(name) {
            let own = "it is the node of this program, and ends with it";
            return Err(NodeError::far(&name, &own));
        }
        let node = self.atlas.remove(name);
        let node = node.ok_or_else(|| NodeError::NoNode(name.to_owned()))?;
        supervision::cut_off(&node);
        Ok(())
    }

    /// The names of the nodes, in order; also of other programs, as far as they are connected.
    pub fn nodes(&self) -> Vec<String> {
        let far = self.joined.get().map(Distribution::nodes);
        let far = far.iter().flatten().map(|name| name.as_str().to_owned());
        let mut nodes: Vec<String> = self.atlas.nodes().into_iter().chain(far).collect();
        nodes.sort_unstable();
        nodes
    }

    /// The node on which a name is at home.
    pub fn home(&self, name: &str) -> Option<String> {
        home(name, self.nodes())
    }
}

/// The characters. The address says on which node a character is looked up, whatever node the caller is on.
impl Cluster {
    /// Adds a character on the node of its address.
    ///
    /// # Errors
    ///
    /// [`NodeError`].
    pub async fn add(&self, at: &Address, line: String, stage: &Stage) -> Result<(), NodeError> {
        let Some(dist) = self.far(at) else {
            return self.add_here(self.joined.get(), at, line, stage).await;
        };
        let (node, function) = (atom(&at.node)?, (atom("ch4_nodes")?, atom("add")?));
        let added = dist.rpc(&node, function, (&at.name, line));
        let added: Result<Result<(), String>, _> = added.timeout(PATIENCE).await;
        let added = added.map_err(|error| NodeError::far(&at.node, &error))?;
        added.map_err(|why| NodeError::far(&at.node, &why))
    }

    /// Adds a character on a node of this program. If other programs know the node, they know the character.
    async fn add_here(
        &self,
        joined: Option<&Distribution>,
        address: &Address,
        line: String,
        stage: &Stage,
    ) -> Result<(), NodeError> {
        let node = self.atlas.node(&address.node);
        let supervisor = node.and_then(|node| supervision::find(&node));
        let supervisor = supervisor.ok_or_else(|| NodeError::NoNode(address.node.clone()))?;
        let spec = supervision::character(&self.atlas, address, line, stage);
        supervisor.start_child(spec).await?;
        if let Some(dist) = joined.filter(|dist| dist.name().as_str() == address.node) {
            supervision::expose(dist, address);
        }
        Ok(())
    }

    /// Calls a character for its lines.
    ///
    /// # Errors
    ///
    /// [`NodeError`].
    pub async fn say(&self, address: &Address) -> Result<Lines, NodeError> {
        let Some(dist) = self.far(address) else {
            return Ok(self.here(address).say().await?);
        };
        let said = there(dist, address).say().await;
        said.map_err(|error| NodeError::far(address, &error))
    }

    /// Tells a character to die, and returns at once.
    ///
    /// # Errors
    ///
    /// [`NodeError`].
    pub async fn die(&self, address: &Address) -> Result<(), NodeError> {
        let Some(dist) = self.far(address) else {
            self.here(address).die();
            return Ok(());
        };
        there(dist, address).die().await;
        Ok(())
    }

    /// The process that has an address.
    ///
    /// # Errors
    ///
    /// [`NodeError`].
    pub async fn whereis(&self, address: &Address) -> Result<Option<Pid>, NodeError> {
        let Some(dist) = self.far(address) else {
            return Ok(self.here(address).whereis());
        };
        let (name, node) = (atom(&address.name)?, atom(&address.node)?);
        let found = dist.whereis(&name, &node).await;
        found.map_err(|error| NodeError::far(address, &error))
    }

    /// What the node of another program tells of a process; `None` if it is dead.
    ///
    /// # Errors
    ///
    /// [`NodeError`].
    pub async fn info(&self, pid: Pid) -> Result<Option<RemoteInfo>, NodeError> {
        let dist = self.joined.get();
        let dist =
            dist.ok_or_else(|| NodeError::far(&pid, &"the program is no node of a cluster"))?;
        let told = dist.process_info(pid).await;
        told.map_err(|error| NodeError::far(&pid, &error))
    }

    /// The way to an address on a node of another program.
    fn far(&self, address: &Address) -> Option<&Distribution> {
        let is_here = self.atlas.node(&address.node).is_some();
        self.joined.get().filter(|_| !is_here)
    }

    /// The character on a node of this program.
    fn here(&self, address: &Address) -> Hero {
        // No process has an address on a node that is not there, whichever node is asked.
        let node = self.atlas.node(&address.node);
        Hero::named(self.atlas.name(address)).on(&node.unwrap_or_else(process::node))
    }
}

/// The character on a node of another program.
fn there(dist: &Distribution, address: &Address) -> FarHero {
    FarHero(dist.server(&address.name, &address.node))
}

fn atom(text: &str) -> Result<Atom, NodeError> {
    Atom::new(text).map_err(|error| NodeError::far(&text, &error))
}
