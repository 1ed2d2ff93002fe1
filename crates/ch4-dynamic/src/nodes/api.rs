//! Several nodes as their users see them.

use super::boundary::Atlas;
use super::core::{Address, home};
use super::supervision;
use crate::api::{Hero, Stage};
use ch3_super_duper::core::Role;
use otp_core::prelude::*;
use otp_core::process;
use otp_core::supervisor::StartChildError;

/// Nodes that know each other by name.
#[derive(Debug, Clone, Default)]
pub struct Cluster {
    atlas: Atlas,
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
}

impl Cluster {
    /// Starts a node with an empty tree.
    ///
    /// # Errors
    ///
    /// [`NodeError`] if there is one of this name.
    pub async fn start_node(&self, name: &str) -> Result<(), NodeError> {
        let node = Node::new();
        if !self.atlas.add(name, &node) {
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
        let node = self.atlas.remove(name);
        let node = node.ok_or_else(|| NodeError::NoNode(name.to_owned()))?;
        supervision::cut_off(&node);
        Ok(())
    }

    /// The names of the nodes, in order.
    pub fn nodes(&self) -> Vec<String> {
        self.atlas.nodes()
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
        let no_node = || NodeError::NoNode(address.node.clone());
        let node = self.atlas.node(&address.node).ok_or_else(no_node)?;
        let supervisor = supervision::find(&node).ok_or_else(no_node)?;
        let role = Role::new(address.to_string(), line);
        let spec = supervision::character(&self.atlas, address, &role, stage);
        supervisor.start_child(spec).await?;
        Ok(())
    }

    /// Whoever has an address. The name says on which node it is looked up, whatever node the caller is on; if there is
    /// no such node, nobody has it.
    ///
    /// # Panics
    ///
    /// Outside a process.
    pub fn hero(&self, address: &Address) -> Hero {
        let node = self.atlas.node(&address.node).unwrap_or_else(process::node);
        Hero::named_on(self.atlas.name(address), &node)
    }

    /// The node on which a name is at home.
    pub fn home(&self, name: &str) -> Option<String> {
        let nodes = self.nodes();
        let nodes: Vec<&str> = nodes.iter().map(String::as_str).collect();
        home(name, &nodes).map(str::to_owned)
    }
}
