//! What all connections of a node share.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use otp_core::remote::RemoteNode;
use otp_core::{Mailbox, Never, Node, NodeId, Pid, ProcessRef, process};
use otp_etf::Atom;

use crate::config::Config;
use crate::connection::Connection;
use crate::counting::Counting;
use crate::exposed::Exposed;
use crate::functions::Functions;
use crate::identity::{Life, Lives, number};
use crate::nodes::NodeMonitors;
use crate::peers::{Addresses, Peers};
use crate::pg::Scopes;

/// Starts a process.
pub(crate) type Start = Box<dyn FnOnce() + Send>;

/// What the kernel does.
pub(crate) async fn kernel(mut mailbox: Mailbox<Start>) {
    loop {
        let start = mailbox.receive().await;
        start();
    }
}

pub(crate) struct Core {
    pub(crate) node: Node,
    pub(crate) me: Life,
    pub(crate) config: Config,
    pub(crate) peers: Peers,
    pub(crate) lives: Lives,
    pub(crate) found: Addresses,
    pub(crate) exposed: Exposed,
    pub(crate) functions: Functions,
    pub(crate) monitors: Arc<NodeMonitors>,
    pub(crate) scopes: Scopes,
    pub(crate) counting: Counting,
    /// The process that stands for the distribution where no other one acts.
    pub(crate) kernel: Pid,
    starts: ProcessRef<Start>,
    calls: AtomicU64,
    begun: Instant,
    has_left: AtomicBool,
}

impl Core {
    pub(crate) fn new(
        node: &Node,
        me: Life,
        config: Config,
        kernel: ProcessRef<Start>,
    ) -> Arc<Self> {
        let lives = Lives::new(node.id(), &me);
        Arc::new(Self {
            node: node.clone(),
            me,
            config,
            peers: Peers::default(),
            lives,
            found: Addresses::default(),
            exposed: Exposed::default(),
            functions: Functions::default(),
            monitors: Arc::default(),
            scopes: Scopes::default(),
            counting: Counting::default(),
            kernel: kernel.pid(),
            starts: kernel,
            calls: AtomicU64::new(1),
            begun: Instant::now(),
            has_left: AtomicBool::new(false),
        })
    }

    /// Whether the node has left the cluster: it makes no connection any more.
    pub(crate) fn has_left(&self) -> bool {
        self.has_left.load(Ordering::SeqCst)
    }

    /// Leaves the cluster. Returns the connections, which are to end: no other one is made from now on.
    pub(crate) fn leave(&self) -> Vec<Arc<Connection>> {
        let _turn = self.peers.turn();
        self.has_left.store(true, Ordering::SeqCst);
        self.peers.connected()
    }

    /// For how many milliseconds the node has been known.
    pub(crate) fn uptime(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    pub(crate) fn next_call(&self) -> u64 {
        self.calls.fetch_add(1, Ordering::Relaxed)
    }

    /// Runs something as a process of the node.
    pub(crate) fn spawn(&self, body: impl Future<Output = ()> + Send + 'static) -> Pid {
        let process = self.node.spawn(move |_: Mailbox<Never>| body);
        process.pid()
    }

    /// The same for a process that stays: its label says what it does where processes are listed.
    pub(crate) fn spawn_labelled(
        &self,
        label: impl Into<String> + Send + 'static,
        body: impl Future<Output = ()> + Send + 'static,
    ) -> Pid {
        self.spawn(async {
            process::set_label(label);
            body.await;
        })
    }

    /// The same for what does not belong to the request that the current process works for, so that it is not in its span.
    pub(crate) fn spawn_apart(self: &Arc<Self>, body: impl Future<Output = ()> + Send + 'static) {
        let core = self.clone();
        self.starts.send(Box::new(move || {
            core.spawn(body);
        }));
    }

    /// The process that acts: the current one, if it is one of this node.
    pub(crate) fn actor(&self) -> otp_etf::Pid {
        let actor = process::try_current().filter(|pid| pid.node() == self.node.id());
        self.me.pid(actor.unwrap_or(self.kernel).id())
    }

    /// The process of this node that another node means, if there ever was one.
    pub(crate) fn local(&self, pid: &otp_etf::Pid) -> Option<Pid> {
        if !self.me.has(pid) {
            return None;
        }
        self.node.pid(number(pid)?.get())
    }

    /// The pid by which the cluster knows a process.
    pub(crate) fn pid_out(&self, pid: Pid) -> Option<otp_etf::Pid> {
        let life = self.life(pid.node())?;
        Some(life.pid(pid.id()))
    }

    pub(crate) fn life(&self, id: NodeId) -> Option<Life> {
        if id == self.node.id() {
            return Some(self.me.clone());
        }
        let peer = || self.peers.life(id);
        self.lives.get(id).or_else(peer)
    }

    /// What stands for a life of a node, which is dialled if it is not connected.
    async fn remote(self: &Arc<Self>, life: &Life) -> RemoteNode {
        let _failed = self.connect(&life.name).await;
        self.lives.remote(&self.node, life)
    }

    /// The pid by which this program knows a process of the cluster.
    pub(crate) async fn pid_in(self: &Arc<Self>, pid: &otp_etf::Pid) -> Option<Pid> {
        if pid.node == self.me.name {
            return self.own(pid);
        }
        self.remote(&Life::of(pid)).await.pid(number(pid)?.get())
    }

    /// The pid of a process of another life than this one, without dialling its node.
    pub(crate) fn known(&self, pid: &otp_etf::Pid) -> Option<Pid> {
        let life = self.lives.remote(&self.node, &Life::of(pid));
        life.pid(number(pid)?.get())
    }

    /// The pid of a process of this node, also of one of a former life.
    pub(crate) fn own(&self, pid: &otp_etf::Pid) -> Option<Pid> {
        match self.me.has(pid) {
            true => self.local(pid),
            false => self.known(pid),
        }
    }

    /// A name on another node, to be monitored.
    pub(crate) async fn name_in(self: &Arc<Self>, name: &Atom, node: &Atom) -> otp_core::Name {
        if *node == self.me.name {
            return otp_core::Name::local(name.as_str().to_owned());
        }
        let name = name.as_str().to_owned();
        match self.connect(node).await {
            Ok(connection) => connection.remote.name(name),
            Err(_) => self.unreachable(node).name(name),
        }
    }

    /// What stands for a node that cannot be reached.
    pub(crate) fn unreachable(&self, node: &Atom) -> RemoteNode {
        let life = Life {
            name: node.clone(),
            creation: Life::UNKNOWN,
        };
        self.lives.remote(&self.node, &life)
    }
}
