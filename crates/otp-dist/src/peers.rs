//! The other nodes: connected, or about to be.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use otp_core::NodeId;
use otp_etf::Atom;
use parking_lot::{Mutex, ReentrantMutex, ReentrantMutexGuard};
use thiserror::Error;
use tokio::sync::Notify;

use crate::connection::Connection;
use crate::core::Core;
use crate::dial;
use crate::identity::Life;
use crate::nodes::NodeEvent;
use crate::wire::handshake::{Status, TIME_LIMIT};

/// How long a dial waits for a handshake that was begun in the peer's name. A stranger may have begun it, and never end it.
const PATIENCE: Duration = Duration::from_secs(1);

/// A node that cannot be reached.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("cannot connect with {node}: {reason}")]
pub struct ConnectError {
    /// The node.
    pub node: Atom,
    /// Why.
    pub reason: String,
}

/// Where nodes listen that a [`Source`](crate::Source) has found.
#[derive(Default)]
pub(crate) struct Addresses {
    /// By node, and by the number of the process that searches.
    found: Mutex<BTreeMap<Atom, BTreeMap<u64, Vec<SocketAddr>>>>,
    /// How many handshakes have not ended well, of nodes whose addresses are known.
    unfinished: Mutex<BTreeMap<Atom, usize>>,
}

impl Addresses {
    /// What all searches have found, in the order in which they were started.
    pub(crate) fn get(&self, node: &Atom) -> Option<Vec<SocketAddr>> {
        let found = self.found.lock();
        let mut all: Vec<SocketAddr> = Vec::new();
        for address in found.get(node)?.values().flatten() {
            if !all.contains(address) {
                all.push(*address);
            }
        }
        Some(all)
    }

    /// How many handshakes with the node have not ended well since one has: so many addresses after the first one the next begins.
    pub(crate) fn unfinished(&self, node: &Atom) -> usize {
        self.unfinished.lock().get(node).copied().unwrap_or(0)
    }

    /// A handshake begins. It may be given up at any time.
    pub(crate) fn shaking(&self, node: &Atom) {
        *self.unfinished.lock().entry(node.clone()).or_default() += 1;
    }

    /// It has ended well: the next one begins at the same one of so many addresses.
    pub(crate) fn shaken(&self, node: &Atom, addresses: usize) {
        let mut unfinished = self.unfinished.lock();
        if let Some(count) = unfinished.get_mut(node) {
            *count = (*count - 1) % addresses;
            if *count == 0 {
                unfinished.remove(node);
            }
        }
    }

    /// A search has found these; its former ones are forgotten. Of a node without addresses nothing is known.
    pub(crate) fn set(&self, search: u64, node: &Atom, all: Vec<SocketAddr>) {
        let mut found = self.found.lock();
        if !all.is_empty() {
            found.entry(node.clone()).or_default().insert(search, all);
        } else if let Some(of_node) = found.get_mut(node) {
            of_node.remove(&search);
            if of_node.is_empty() {
                found.remove(node);
            }
        }
    }

    /// A search has ended.
    pub(crate) fn forget(&self, search: u64) {
        self.found.lock().retain(|_, of_node| {
            of_node.remove(&search);
            !of_node.is_empty()
        });
    }
}

#[derive(Default)]
pub(crate) struct Peers {
    peers: Mutex<BTreeMap<Atom, Peer>>,
    /// Told of each change.
    changed: Notify,
    /// Held while a connection comes or goes, so that what is told of nodes is told in the order in which it happens.
    turn: ReentrantMutex<()>,
}

/// One other node. An entry without anything in it is removed.
#[derive(Default)]
struct Peer {
    up: Option<Arc<Connection>>,
    /// The number of the attempt of ours that is under way.
    dialling: Option<u64>,
    /// How many handshakes that the peer has begun are under way.
    accepting: usize,
    /// How many wait for a connection.
    waiting: usize,
    /// Why the last attempt has failed, for those who wait.
    failure: Option<String>,
}

impl Peer {
    fn is_idle(&self) -> bool {
        self.up.is_none() && self.dialling.is_none() && self.accepting == 0 && self.waiting == 0
    }
}

impl Peers {
    /// How many nodes there is something to remember of.
    #[cfg(test)]
    fn len(&self) -> usize {
        self.peers.lock().len()
    }

    /// Waits until no other connection comes or goes.
    pub(crate) fn turn(&self) -> ReentrantMutexGuard<'_, ()> {
        self.turn.lock()
    }

    pub(crate) fn up(&self, node: &Atom) -> Option<Arc<Connection>> {
        self.peers.lock().get(node)?.up.clone()
    }

    pub(crate) fn connected(&self) -> Vec<Arc<Connection>> {
        let peers = self.peers.lock();
        peers.values().filter_map(|peer| peer.up.clone()).collect()
    }

    pub(crate) fn life(&self, id: NodeId) -> Option<Life> {
        let peers = self.peers.lock();
        let mut up = peers.values().filter_map(|peer| peer.up.as_ref());
        let connection = up.find(|connection| connection.remote.id() == id)?;
        Some(connection.channel.peer.clone())
    }

    fn with<R>(&self, node: &Atom, f: impl FnOnce(&mut Peer) -> R) -> R {
        let mut peers = self.peers.lock();
        let peer = peers.entry(node.clone()).or_default();
        let result = f(peer);
        if peer.is_idle() {
            peers.remove(node);
        }
        result
    }

    /// Does something that those who wait for a connection are to see.
    fn change<R>(&self, node: &Atom, change: impl FnOnce(&mut Peer) -> R) -> R {
        let result = self.with(node, change);
        self.changed.notify_waiters();
        result
    }

    /// A node wants to connect: what it is told. Unless that is a refusal, [`accepted`](Accepting) has to be dropped when its handshake is
    /// over.
    ///
    /// Of two nodes that dial each other at the same time, the attempt of the one with the greater name goes on. Ours is given up when the
    /// peer has [`proved`](Self::proved) that it is that node, and no stranger who has taken its name.
    pub(crate) fn asked(
        self: &Peers,
        core: &Arc<Core>,
        node: &Atom,
    ) -> (Status, Option<Accepting>) {
        let status = self.change(node, |peer| {
            let status = if peer.up.is_some() {
                Status::Alive
            } else if peer.dialling.is_none() {
                Status::Ok
            } else {
                Status::simultaneous(&core.me.name, node)
            };
            // Otherwise ours goes on.
            if status != Status::Nok {
                peer.accepting += 1;
            }
            status
        });
        let accepting = (status != Status::Nok).then(|| Accepting {
            core: core.clone(),
            node: node.clone(),
        });
        (status, accepting)
    }

    /// A node that has dialled has proved that it knows the cookie: an attempt of ours is given up. Its process sees that the number is
    /// another one.
    pub(crate) fn proved(&self, node: &Atom) {
        self.change(node, |peer| peer.dialling = None);
    }

    /// Whether this attempt has not been given up for one of the peer's.
    pub(crate) fn is_wanted(&self, node: &Atom, attempt: u64) -> bool {
        let peers = self.peers.lock();
        peers
            .get(node)
            .is_some_and(|peer| peer.dialling == Some(attempt))
    }

    /// Waits until an attempt is given up for one of the peer's, which is on its way.
    pub(crate) async fn given_up(&self, node: &Atom, attempt: u64) {
        loop {
            let mut changed = std::pin::pin!(self.changed.notified());
            changed.as_mut().enable();
            if !self.is_wanted(node, attempt) {
                return;
            }
            changed.await;
        }
    }

    fn dialled(&self, node: &Atom, attempt: u64, failure: Option<String>) {
        self.change(node, |peer| {
            if peer.dialling == Some(attempt) {
                peer.dialling = None;
                peer.failure = failure;
            }
        });
    }

    /// A connection is up, and there is no other one with that node. The caller has its [`turn`](Self::turn).
    pub(crate) fn enter(&self, core: &Core, connection: &Arc<Connection>) {
        let node = &connection.channel.peer.name;
        self.change(node, |peer| peer.up = Some(connection.clone()));
        core.monitors.tell(NodeEvent::Up(node.clone()));
    }

    pub(crate) fn leave(&self, connection: &Connection) {
        self.change(&connection.channel.peer.name, |peer| {
            let is_it = |up: &Arc<Connection>| std::ptr::eq(&**up, connection);
            if peer.up.as_ref().is_some_and(is_it) {
                peer.up = None;
            }
        });
    }
}

/// A handshake that a peer has begun.
pub(crate) struct Accepting {
    core: Arc<Core>,
    node: Atom,
}

impl Drop for Accepting {
    fn drop(&mut self) {
        let peers = &self.core.peers;
        peers.change(&self.node, |peer| peer.accepting -= 1);
    }
}

impl Core {
    /// The connection with a node, which is dialled if there is none.
    pub(crate) async fn connect(
        self: &Arc<Self>,
        node: &Atom,
    ) -> Result<Arc<Connection>, ConnectError> {
        if let Some(up) = self.peers.up(node) {
            return Ok(up);
        }
        let failed = |reason: &str| ConnectError {
            node: node.clone(),
            reason: reason.to_owned(),
        };
        if *node == self.me.name {
            return Err(failed("it is this node"));
        }
        if self.has_left() {
            return Err(failed("this node has left the cluster"));
        }
        // An attempt of the peer's that takes the place of ours has its own time.
        let limit = tokio::time::sleep(2 * TIME_LIMIT);
        let mut limit = std::pin::pin!(limit);
        let mut patience = std::pin::pin!(tokio::time::sleep(PATIENCE));
        let mut is_patient = true;
        let _waiting = Waiting::new(self, node);
        let mut begun = false;
        loop {
            let mut changed = std::pin::pin!(self.peers.changed.notified());
            changed.as_mut().enable();
            let ended = self.peers.with(node, |peer| {
                if let Some(up) = &peer.up {
                    return Some(Ok(up.clone()));
                }
                if peer.dialling.is_some() {
                    begun = true;
                    return None;
                }
                if peer.accepting > 0 && (begun || is_patient) {
                    return None;
                }
                if begun {
                    let reason = peer.failure.clone();
                    return Some(Err(
                        reason.unwrap_or_else(|| "the attempt has failed".into())
                    ));
                }
                begun = true;
                let attempt = self.next_call();
                peer.dialling = Some(attempt);
                peer.failure = None;
                let (core, node) = (self.clone(), node.clone());
                self.spawn_apart(async move {
                    let dialling = Dialling {
                        core: &core,
                        node: &node,
                        attempt,
                        failure: None,
                    };
                    dialling.run().await;
                });
                None
            });
            match ended {
                Some(Ok(up)) => return Ok(up),
                Some(Err(reason)) => return Err(failed(&reason)),
                None => {}
            }
            tokio::select! {
                biased;
                () = changed => {}
                () = &mut patience, if is_patient => is_patient = false,
                () = &mut limit => return Err(failed("it took too long")),
            }
        }
    }
}

/// Somebody who waits for a connection: as long as there is one, an entry stays.
struct Waiting<'a> {
    peers: &'a Peers,
    node: &'a Atom,
}

impl<'a> Waiting<'a> {
    fn new(core: &'a Core, node: &'a Atom) -> Self {
        let peers = &core.peers;
        peers.with(node, |peer| peer.waiting += 1);
        Self { peers, node }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.peers.with(self.node, |peer| peer.waiting -= 1);
    }
}

/// An attempt of ours. However it ends, it is noted.
struct Dialling<'a> {
    core: &'a Arc<Core>,
    node: &'a Atom,
    attempt: u64,
    failure: Option<String>,
}

impl Dialling<'_> {
    async fn run(mut self) {
        let dialled = dial::dial(self.core, self.node, self.attempt);
        match tokio::time::timeout(TIME_LIMIT, dialled).await {
            Ok(Ok(())) => {}
            Ok(Err(reason)) => self.failure = Some(reason),
            Err(_) => self.failure = Some("the handshake took too long".to_owned()),
        }
    }
}

impl Drop for Dialling<'_> {
    fn drop(&mut self) {
        let failure = self.failure.take();
        let peers = &self.core.peers;
        peers.dialled(self.node, self.attempt, failure);
    }
}

#[cfg(test)]
mod tests {
    use otp_core::Node;
    use otp_etf::Atom;

    use crate::{Config, Distribution};

    #[tokio::test]
    async fn nothing_is_left_of_a_node_that_cannot_be_reached() {
        let node = Node::new();
        let config = Config::new("a@127.0.0.1").cookie("secret").without_epmd();
        let dist = Distribution::start(&node, config).await.expect("it starts");
        for i in 0..10 {
            let name = Atom::new(&format!("b{i}@127.0.0.1")).expect("it is short");
            let error = dist.connect(&name).await.expect_err("nobody knows it");
            assert_eq!(error.reason, "there is no epmd, and no static peer");
        }
        // The last attempt's own process may not have ended.
        while dist.core().peers.len() > 0 {
            tokio::task::yield_now().await;
        }
    }
}
