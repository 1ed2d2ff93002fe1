//! The names of a daemon.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::{Node, Request, reply};

/// How many names there may be.
const MOST: usize = 4096;

/// The names of a daemon, which answers requests with them.
///
/// # Examples
///
/// ```
/// use otp_dist::wire::epmd::{Names, Node, NodeType, Request, read_alive, read_port};
///
/// let mut names = Names::new(4369);
/// let node = Node::new("rust", 9000, NodeType::Hidden);
/// let (reply, registered) = names.answer(Request::Alive(node.clone()), 77);
/// assert_eq!(read_alive(&reply)?.unwrap().creation, 77);
///
/// let (reply, _) = names.answer(Request::PortPlease("rust".into()), 78);
/// assert_eq!(read_port(&reply)?, Some(Some(node)));
///
/// // The connection has ended.
/// names.forget(registered.unwrap());
/// let (reply, _) = names.answer(Request::PortPlease("rust".into()), 79);
/// assert_eq!(read_port(&reply)?, Some(None));
/// # Ok::<(), otp_dist::wire::epmd::EpmdError>(())
/// ```
#[derive(Debug)]
pub struct Names {
    port: u16,
    nodes: BTreeMap<String, Node>,
}

/// A name that is registered until it is [forgotten](Names::forget), when the connection ends.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub struct Registered(String);

impl Names {
    /// Starts without names. The daemon listens on this port.
    #[must_use]
    pub fn new(port: u16) -> Self {
        Self {
            port,
            nodes: BTreeMap::new(),
        }
    }

    /// Answers a request. If that registers a node, it gets this creation, and the connection has to stay open; otherwise the connection
    /// is closed after the answer.
    ///
    /// The creation should differ from that of the name's last node: a random one of at least 4 does.
    pub fn answer(&mut self, request: Request, creation: u32) -> (Vec<u8>, Option<Registered>) {
        match request {
            Request::Alive(node) => {
                let is_new = node.highest >= 6;
                match self.register(node) {
                    Some(name) => (reply::alive(Some(creation), is_new), Some(name)),
                    None => (reply::alive(None, is_new), None),
                }
            }
            Request::PortPlease(name) => (reply::port(self.nodes.get(&name)), None),
            Request::Names => (reply::names(self.port, self.nodes.values()), None),
        }
    }

    fn register(&mut self, node: Node) -> Option<Registered> {
        let is_full = self.nodes.len() >= MOST;
        match self.nodes.entry(node.name.clone()) {
            Entry::Vacant(place) if !is_full => {
                let name = place.key().clone();
                place.insert(node);
                Some(Registered(name))
            }
            _ => None,
        }
    }

    /// Forgets a name.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "it is not registered any more"
    )]
    pub fn forget(&mut self, name: Registered) {
        self.nodes.remove(&name.0);
    }

    /// The nodes, by name.
    pub fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.nodes.values()
    }
}
