//! Several nodes as their users see them.

use crate::boundary::Atlas;
use crate::core::{Address, home};
use crate::supervision;
use ch3_super_duper::core::Role;
use ch4_dynamic::api as dynamic;
use ch4_dynamic::boundary::{Call, Cast, Character, Stage};
use ch4_dynamic::core::Lines;
use otp_core::prelude::*;
use otp_core::supervisor::StartChildError;
use otp_core::{CallError as Here, process};
use otp_dist::{Atom, CallError, Config, Distribution, RemoteInfo, RemoteServer};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OnceCell;

/// How long another program may take to add a character.
const PATIENCE: Duration = Duration::from_secs(10);

/// Nodes that know each other by name.
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
    /// It is the program's own node.
    #[error("{0} is the node of this program, and goes away with it")]
    Own(String),
    /// Its tree did not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The character did not start.
    #[error(transparent)]
    Character(#[from] StartChildError),
    /// The program cannot take part in a cluster.
    #[error("{0}")]
    Join(String),
    /// A character of this program did not answer.
    #[error(transparent)]
    Call(#[from] Here),
    /// Nobody has the address, on a node of another program.
    #[error("{0}: {1}")]
    Nobody(String, String),
    /// A node of another program did not do it.
    #[error("{0}: {1}")]
    Far(String, String),
}

impl NodeError {
    /// Whether nobody has the address now: the character may be between two of its lives.
    pub fn is_nobody(&self) -> bool {
        let gone = |error: &_| matches!(error, Here::NoProcess { .. } | Here::Exited { .. });
        matches!(self, Self::Nobody(..)) || matches!(self, Self::Call(error) if gone(error))
    }

    fn far(address: &Address, error: &CallError) -> Self {
        let (place, why) = (address.to_string(), error.to_string());
        match error {
            CallError::NoProcess | CallError::Exited(_) => Self::Nobody(place, why),
            _ => Self::Far(place, why),
        }
    }
}

/// A character by its address: on a node of this program, or of another one.
#[derive(Debug, Clone)]
pub enum Hero {
    /// On a node of this program.
    Here(dynamic::Hero),
    /// On a node of another program.
    Far(Address, RemoteServer<Character>),
}

impl Hero {
    /// Calls for its lines.
    ///
    /// # Errors
    ///
    /// [`NodeError`] if nobody has the address, or the node cannot be reached.
    pub async fn say(&self) -> Result<Lines, NodeError> {
        match self {
            Self::Here(hero) => Ok(hero.say().await?),
            Self::Far(address, server) => {
                let said = server.call(Call::Say).await;
                said.map_err(|error| NodeError::far(address, &error))
            }
        }
    }

    /// Tells it to die, and returns at once. If nobody has the address, nothing happens.
    ///
    /// # Errors
    ///
    /// [`NodeError`] if the node cannot be reached.
    pub async fn die(&self) -> Result<(), NodeError> {
        match self {
            Self::Here(hero) => hero.die(),
            Self::Far(address, server) => {
                let told = server.cast(&Cast::Die).await;
                told.map_err(|error| NodeError::far(address, &error.into()))?;
            }
        }
        Ok(())
    }
}

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
            // Somebody else's is as good.
            let _taken = Distribution::serve_epmd(&node, epmd).await;
            let config = Config::new(name).cookie(cookie).epmd(epmd);
            let joined = Distribution::start(&node, config).await;
            let dist = joined.map_err(|error| NodeError::Join(error.to_string()))?;
            if !self.atlas.add(name, &node, true) {
                return Err(NodeError::Taken(name.to_owned()));
            }
            supervision::start(&node).await?;
            dist.show_processes();
            let (atlas, adds, node) = (self.atlas.clone(), dist.clone(), name.to_owned());
            dist.async_function("ch4_nodes", "add", move |(name, line): (String, String)| {
                let (atlas, dist, stage) = (atlas.clone(), adds.clone(), stage.clone());
                let node = node.clone();
                async move {
                    let address = Address { node, name };
                    let added = add(&atlas, Some(&dist), &address, line, &stage).await;
                    Ok(added.map_err(|error| error.to_string()))
                }
            });
            Ok(dist)
        };
        self.joined.get_or_try_init(join).await.map(drop)
    }

    fn far(&self, address: &Address) -> Option<&Distribution> {
        let is_here = self.atlas.node(&address.node).is_some();
        self.joined.get().filter(|_| !is_here)
    }

    /// Starts a node with an empty tree.
    ///
    /// # Errors
    ///
    /// [`NodeError`] if there is one of this name.
    pub async fn start_node(&self, name: &str) -> Result<(), NodeError> {
        let node = Node::new();
        if !self.atlas.add(name, &node, false) {
            return Err(NodeError::Taken(name.to_owned()));
        }
        supervision::start(&node).await?;
        Ok(())
    }

    /// Has a node go away, with everybody on it.
    ///
    /// # Errors
    ///
    /// [`NodeError`] if there is none.
    pub fn stop_node(&self, name: &str) -> Result<(), NodeError> {
        if self
            .joined
            .get()
            .is_some_and(|dist| dist.name().as_str() == name)
        {
            return Err(NodeError::Own(name.to_owned()));
        }
        let node = self.atlas.remove(name);
        let node = node.ok_or_else(|| NodeError::NoNode(name.to_owned()))?;
        supervision::cut_off(&node);
        Ok(())
    }

    /// The names of the nodes, in order; also of other programs, as far as they are connected.
    pub fn nodes(&self) -> Vec<String> {
        let mut nodes = self.atlas.nodes();
        if let Some(dist) = self.joined.get() {
            nodes.extend(dist.nodes().iter().map(|name| name.as_str().to_owned()));
            nodes.sort_unstable();
        }
        nodes
    }

    /// Adds a character on the node of its address.
    ///
    /// # Errors
    ///
    /// [`NodeError`] if there is no such node, or the character does not start.
    pub async fn add(
        &self,
        address: &Address,
        line: String,
        stage: &Stage,
    ) -> Result<(), NodeError> {
        let Some(dist) = self.far(address) else {
            return add(&self.atlas, self.joined.get(), address, line, stage).await;
        };
        let failed = |why: String| NodeError::Far(address.node.clone(), why);
        let atom = |text: &str| Atom::new(text).map_err(|error| failed(error.to_string()));
        let (node, called) = (atom(&address.node)?, (atom("ch4_nodes")?, atom("add")?));
        let arguments = (&address.name, line);
        let added = dist.rpc(&node, called, arguments).timeout(PATIENCE).await;
        let added: Result<(), String> = added.map_err(|error| failed(error.to_string()))?;
        added.map_err(failed)
    }

    /// The character that has an address. The name says on which node it is looked up, whatever node the caller is on.
    ///
    /// # Panics
    ///
    /// Outside a process.
    pub fn hero(&self, address: &Address) -> Hero {
        match self.far(address) {
            Some(dist) => {
                let server = dist.server(&address.name, &address.node);
                Hero::Far(address.clone(), server)
            }
            None => {
                // Nobody has an address on a node that is not there, whichever node is asked.
                let node = self.atlas.node(&address.node);
                let node = node.unwrap_or_else(process::node);
                let name = self.atlas.name(address);
                Hero::Here(dynamic::Hero::named_on(name, &node))
            }
        }
    }

    /// The process that has an address.
    ///
    /// # Errors
    ///
    /// [`NodeError`] if the node cannot be reached.
    pub async fn whereis(&self, address: &Address) -> Result<Option<Pid>, NodeError> {
        let Some(dist) = self.far(address) else {
            return Ok(match self.hero(address) {
                Hero::Here(hero) => hero.whereis(),
                Hero::Far(..) => None,
            });
        };
        let failed = |why: String| NodeError::Far(address.to_string(), why);
        let atom = |text: &str| Atom::new(text).map_err(|error| failed(error.to_string()));
        let found = dist
            .whereis(&atom(&address.name)?, &atom(&address.node)?)
            .await;
        found.map_err(|error| failed(error.to_string()))
    }

    /// What the node of a process tells of it; `None` if it is dead.
    ///
    /// # Errors
    ///
    /// [`NodeError`] if the node cannot be reached, or does not tell.
    pub async fn info(&self, pid: Pid) -> Result<Option<RemoteInfo>, NodeError> {
        let failed = |why: String| NodeError::Far(pid.to_string(), why);
        let Some(dist) = self.joined.get() else {
            return Err(failed("the program is no node of a cluster".to_owned()));
        };
        let told = dist.process_info(pid).await;
        told.map_err(|error| failed(error.to_string()))
    }

    /// The node on which a name is at home.
    pub fn home(&self, name: &str) -> Option<String> {
        let nodes = self.nodes();
        let nodes: Vec<&str> = nodes.iter().map(String::as_str).collect();
        home(name, &nodes).map(str::to_owned)
    }
}

/// Adds a character on a node of this program. If that is known to other programs, so is the character.
async fn add(
    atlas: &Atlas,
    dist: Option<&Distribution>,
    address: &Address,
    line: String,
    stage: &Stage,
) -> Result<(), NodeError> {
    let no_node = || NodeError::NoNode(address.node.clone());
    let node = atlas.node(&address.node).ok_or_else(no_node)?;
    let supervisor = supervision::find(&node).ok_or_else(no_node)?;
    let role = Role::new(address.to_string(), line);
    let spec = supervision::character(atlas, address, &role, stage);
    supervisor.start_child(spec).await?;
    if let Some(dist) = dist.filter(|dist| dist.name().as_str() == address.node) {
        dist.expose::<Character>(address.name.clone());
    }
    Ok(())
}
