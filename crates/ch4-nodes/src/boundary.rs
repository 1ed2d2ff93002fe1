//! An atlas: the registry behind names of the form `b/superman`.

use crate::core::Address;
use otp_core::NameRegistry;
use otp_core::prelude::*;
use std::collections::btree_map::{BTreeMap, Entry};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The nodes of this program, each with its name. Clones are the same atlas.
#[derive(Debug, Clone, Default)]
pub struct Atlas(Arc<Mutex<BTreeMap<String, Node>>>);

impl Atlas {
    /// An address as a name, as everything takes it that takes names.
    pub fn name(&self, address: &Address) -> Name {
        Name::via(Arc::new(self.clone()), address.to_string())
    }

    /// Enters a node, unless there is one of this name.
    pub fn add(&self, name: &str, node: &Node) -> bool {
        match self.lock().entry(name.to_owned()) {
            Entry::Occupied(_) => false,
            Entry::Vacant(entry) => {
                entry.insert(node.clone());
                true
            }
        }
    }

    /// Strikes out a node. Its processes are found no more.
    pub fn remove(&self, name: &str) -> Option<Node> {
        self.lock().remove(name)
    }

    /// The node of this name.
    pub fn node(&self, name: &str) -> Option<Node> {
        self.lock().get(name).cloned()
    }

    /// The names of the nodes, in order.
    pub fn nodes(&self) -> Vec<String> {
        self.lock().keys().cloned().collect()
    }

    /// The node of an address, and the name there.
    fn find(&self, key: &str) -> Option<(Node, String)> {
        let address = key.parse::<Address>().ok()?;
        Some((self.node(&address.node)?, address.name))
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Node>> {
        // Nothing panics while it is locked.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// ANCHOR: registry
/// A name is looked up on the node that its address says, and on no other one. There it is a local name.
impl NameRegistry for Atlas {
    fn register_name(&self, key: &str, pid: Pid) -> Result<(), Pid> {
        let (node, name) = self.find(key).ok_or(pid)?;
        // A node refuses the process of another one.
        let registered = node.register(name.clone(), pid);
        registered.map_err(|_| node.whereis(name).unwrap_or(pid))
    }

    fn unregister_name(&self, key: &str, pid: Pid) {
        // By now another process may have the name.
        if let Some((node, name)) = self.find(key)
            && node.whereis(name.clone()) == Some(pid)
        {
            let _gone = node.unregister(name);
        }
    }

    fn whereis_name(&self, key: &str) -> Option<Pid> {
        let (node, name) = self.find(key)?;
        node.whereis(name)
    }
}
// ANCHOR_END: registry
