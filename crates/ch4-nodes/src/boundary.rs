//! An atlas: the registry behind names of the form `b/superman`.

use crate::core::Address;
use otp_core::NameRegistry;
use otp_core::prelude::*;
use std::collections::HashMap;
use std::collections::btree_map::{BTreeMap, Entry};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The nodes that are known by name, and who lives there. Clones are the same atlas.
///
/// A name is looked up on the node that stands in it, and nowhere else. For the nodes of this program that is a look into a
/// map; between programs it is a question to that node, and the address is the same.
#[derive(Clone, Default)]
pub struct Atlas(Arc<Mutex<BTreeMap<String, Site>>>);

/// A node, and the names on it.
struct Site {
    node: Node,
    by_name: HashMap<String, Pid>,
    /// Whether other programs know it by this name: then its names are its own.
    is_known: bool,
}

impl Atlas {
    /// An address as a name, as everything takes it that takes names.
    pub fn name(&self, address: &Address) -> Name {
        let sites = self.lock();
        if sites.get(&address.node).is_some_and(|site| site.is_known) {
            return Name::local(address.name.clone());
        }
        drop(sites);
        let atlas: Arc<dyn NameRegistry> = Arc::new(self.clone());
        Name::via(atlas, address.to_string())
    }

    /// Enters a node, unless there is one of this name; says whether other programs know it by this name.
    pub fn add(&self, name: &str, node: &Node, is_known: bool) -> bool {
        let mut sites = self.lock();
        let Entry::Vacant(entry) = sites.entry(name.to_owned()) else {
            return false;
        };
        entry.insert(Site {
            node: node.clone(),
            by_name: HashMap::new(),
            is_known,
        });
        true
    }

    /// Strikes out a node and all names on it.
    pub fn remove(&self, name: &str) -> Option<Node> {
        Some(self.lock().remove(name)?.node)
    }

    /// The node of this name.
    pub fn node(&self, name: &str) -> Option<Node> {
        Some(self.lock().get(name)?.node.clone())
    }

    /// The names of the nodes, in order.
    pub fn nodes(&self) -> Vec<String> {
        self.lock().keys().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Site>> {
        // Nothing panics while it is locked.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// ANCHOR: registry
impl NameRegistry for Atlas {
    fn register_name(&self, key: &str, pid: Pid) -> Result<(), Pid> {
        let address = key.parse::<Address>().map_err(|_| pid)?;
        let mut sites = self.lock();
        // An entry is made on its own node: a process of another node is refused.
        let site = sites
            .get_mut(&address.node)
            .filter(|site| site.node.id() == pid.node());
        let site = site.ok_or(pid)?;
        match site.by_name.get(&address.name) {
            Some(holder) => Err(*holder),
            None => {
                site.by_name.insert(address.name, pid);
                Ok(())
            }
        }
    }

    fn unregister_name(&self, key: &str, pid: Pid) {
        let Ok(address) = key.parse::<Address>() else {
            return;
        };
        if let Some(site) = self.lock().get_mut(&address.node) {
            site.by_name
                .retain(|name, holder| *name != address.name || *holder != pid);
        }
    }

    fn whereis_name(&self, key: &str) -> Option<Pid> {
        let address = key.parse::<Address>().ok()?;
        let sites = self.lock();
        sites
            .get(&address.node)?
            .by_name
            .get(&address.name)
            .copied()
    }
}
// ANCHOR_END: registry

impl fmt::Debug for Atlas {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("atlas")
    }
}
