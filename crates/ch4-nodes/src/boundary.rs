//! The registry behind names of the form `b/superman`.

use crate::core::Address;
use otp_core::NameRegistry;
use otp_core::prelude::*;
use std::collections::btree_map::{BTreeMap, Entry};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The nodes of this program by their names. Clones share their entries.
#[derive(Debug, Clone, Default)]
pub struct NodeRegistry(Arc<Mutex<BTreeMap<String, Node>>>);

impl NodeRegistry {
    /// The via name of an address.
    pub fn name(&self, address: &Address) -> Name {
        Name::via(Arc::new(self.clone()), address.to_string())
    }

    /// Adds a node. Returns `false` if a node with this name exists.
    pub fn add(&self, name: &str, node: &Node) -> bool {
        match self.lock().entry(name.to_owned()) {
            Entry::Occupied(_) => false,
            Entry::Vacant(entry) => {
                entry.insert(node.clone());
                true
            }
        }
    }

    /// Removes a node. Its processes are not found any more.
    pub fn remove(&self, name: &str) -> Option<Node> {
        self.lock().remove(name)
    }

    /// The node with this name.
    pub fn node(&self, name: &str) -> Option<Node> {
        self.lock().get(name).cloned()
    }

    /// The names of the nodes, in order.
    pub fn nodes(&self) -> Vec<String> {
        self.lock().keys().cloned().collect()
    }

    /// The node of an address, and the name on this node.
    fn find(&self, key: &str) -> Option<(Node, String)> {
        let address = key.parse::<Address>().ok()?;
        Some((self.node(&address.node)?, address.name))
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Node>> {
        // No code panics with this lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// ANCHOR: registry
/// A name is a local name on the node of its address, and is looked up only there.
impl NameRegistry for NodeRegistry {
    fn register_name(&self, key: &str, pid: Pid) -> Result<(), Pid> {
        let (node, name) = self.find(key).ok_or(pid)?;
        // A node does not register a process of another node.
        let registered = node.register(name.clone(), pid);
        registered.map_err(|_| node.whereis(name).unwrap_or(pid))
    }

    fn unregister_name(&self, key: &str, pid: Pid) {
        // Another process may have registered the name in the meantime.
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
