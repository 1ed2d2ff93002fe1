//! A node's part in a cluster.

use std::fmt;
use std::hash::Hash;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use otp_core::gen_server::{Begin, Limited};
use otp_core::pg::Scope;
use otp_core::remote::crossing;
use otp_core::{
    ExitReason, GenServer, Mailbox, MonitorRef, Never, Node, Pid, ServerName, ServerRef, TimeLimit,
};
use otp_etf::{Atom, Reference, Term, from_term, to_term};
use serde_core::de::DeserializeOwned;
use serde_core::ser::Serialize;
use thiserror::Error;
use tokio::net::TcpListener;

use crate::call::{self, Destination, RpcError};
use crate::config::Config;
use crate::core::{Core, kernel};
use crate::dial::Listener;
use crate::discovery::{Discovery, Search, Source};
use crate::functions::{Arguments, Raised};
use crate::gate::{Exposure, ServerGate};
use crate::handles::{RemoteProcess, RemoteServer};
use crate::identity::{Kind, Life};
use crate::nodes::{NodeEvent, NodeMonitor};
use crate::peers::ConnectError;
use crate::pg;
use crate::traffic::ConnectionInfo;
use crate::wire::is_part;
use crate::{dial, epmd};

/// A node of this program as a member of a cluster.
///
/// Clones are handles on the same one. It lasts as long as the runtime.
///
/// # OTP
///
/// `net_kernel`.
#[derive(Clone)]
pub struct Distribution {
    core: Arc<Core>,
    address: SocketAddr,
    /// The processes that let others in, and keep the name.
    doors: Arc<[Pid]>,
}

/// A node that cannot take part.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StartError {
    /// The name has not the form `name@host`.
    #[error("{0} is no name of a node: expected name@host")]
    Name(String),
    /// It cannot listen where it should.
    #[error("cannot listen at {0}: {1}")]
    Listen(SocketAddr, io::Error),
    /// There is no cookie.
    #[error("no cookie: every program of this host could do what it wants")]
    NoCookie,
    /// Other hosts can reach it, and there is no TLS.
    #[error("{0} can be reached by other hosts, and there is no TLS")]
    Unprotected(SocketAddr),
    /// The epmd cannot be reached, answers nonsense, or refuses the name, which somebody else has.
    #[error("not registered as {name}: {reason}")]
    Epmd {
        /// The name.
        name: String,
        /// Why.
        reason: String,
    },
    /// The operating system gives no random numbers.
    #[error("no random numbers: {0}")]
    Random(String),
}

impl Distribution {
    /// Makes a node known to the cluster: it listens, registers its name, and answers from now on for what is
    /// [exposed](Self::expose).
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end it has made nothing.
    ///
    /// # Errors
    ///
    /// [`StartError`].
    pub async fn start(node: &Node, config: Config) -> Result<Self, StartError> {
        let wrong = || StartError::Name(config.name.clone());
        let name = Atom::new(&config.name).map_err(|_| wrong())?;
        let (short, _host) = match config.name.split_once('@') {
            Some((short, host)) if is_part(short) && is_part(host) => (short, host),
            _ => return Err(wrong()),
        };
        if config.cookie.is_empty() {
            return Err(StartError::NoCookie);
        }
        if !config.is_protected() {
            return Err(StartError::Unprotected(config.listen));
        }
        let failed = |error| StartError::Listen(config.listen, error);
        let (listener, address) = match &config.transport {
            Some(transport) => (Listener::Own(transport.clone()), config.listen),
            None => {
                let listener = TcpListener::bind(config.listen).await.map_err(failed)?;
                let address = listener.local_addr().map_err(failed)?;
                (Listener::Tcp(listener), address)
            }
        };
        let entry = epmd::entry(short, address.port(), config.visible);
        let registration = match config.epmd {
            None => None,
            Some(at) => {
                let registered = epmd::register(at, entry.clone()).await;
                let registered = registered.map_err(|reason| StartError::Epmd {
                    name: config.name.clone(),
                    reason,
                })?;
                Some((at, registered))
            }
        };
        let creation = match &registration {
            Some((_, registered)) => registered.creation,
            None => dial::challenge().map_err(StartError::Random)?.max(4),
        };
        let kernel = node.spawn(kernel);
        let core = Core::new(node, Life { name, creation }, config, kernel);
        core.scopes.start(&core);
        let mut doors = vec![core.spawn_labelled("listener", dial::accept(core.clone(), listener))];
        #[cfg(feature = "tls")]
        if let Some(tls) = &core.config.tls {
            doors.push(core.spawn_labelled("TLS files", tls.clone().keep()));
        }
        if let Some((at, registered)) = registration {
            doors.push(core.spawn_labelled(
                "EPMD client",
                epmd::stay(core.clone(), at, entry, registered),
            ));
        }
        Ok(Self {
            core,
            address,
            doors: doors.into(),
        })
    }

    /// Serves as the epmd of this host, at this address: for hosts without Erlang.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end it has made nothing.
    ///
    /// # Errors
    ///
    /// When it cannot listen there, as when there is one already.
    pub async fn serve_epmd(node: &Node, at: SocketAddr) -> io::Result<SocketAddr> {
        let listener = TcpListener::bind(at).await?;
        let address = listener.local_addr()?;
        let serving = node.clone();
        node.spawn(move |_: Mailbox<Never>| epmd::serve(serving, listener));
        Ok(address)
    }

    pub(crate) fn core(&self) -> &Arc<Core> {
        &self.core
    }

    /// Leaves the cluster: the name is free, nobody can connect any more, and all connections end. Handles and searches make no new ones.
    ///
    /// # OTP
    ///
    /// `net_kernel:stop/0`.
    pub fn stop(&self) {
        for door in &*self.doors {
            self.core.node.exit(*door, ExitReason::Kill);
        }
        for connection in self.core.leave() {
            connection.close(&self.core);
        }
    }

    /// The node's name.
    #[must_use]
    pub fn name(&self) -> &Atom {
        &self.core.me.name
    }

    /// Where it listens: what it was told, with a [transport](Config::transport) of its own.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    // What others can reach.

    /// Lets other nodes reach the server that has this name here, now or later, by the name and by its pid. Its messages are decoded by
    /// serde: see [`Exposure::typed`].
    ///
    /// Nothing can be reached that was not exposed.
    pub fn expose<S>(&self, name: impl Into<String>)
    where
        S: GenServer<Call: DeserializeOwned, Cast: DeserializeOwned, Info: DeserializeOwned>,
    {
        self.expose_with(name, Exposure::<S>::typed());
    }

    /// Lets other nodes reach the server that has this name here, in this way.
    pub fn expose_with<S: GenServer>(&self, name: impl Into<String>, exposure: Exposure<S>) {
        let name = name.into();
        let server = ServerName::<S>::new(name.clone()).on(&self.core.node);
        let gate = Arc::new(ServerGate::by_name(server, exposure));
        self.core.exposed.name(name, gate);
    }

    /// Takes back what [`expose`](Self::expose) has done. Returns whether the name was exposed.
    pub fn hide(&self, name: &str) -> bool {
        self.core.exposed.unname(name)
    }

    /// Lets other nodes reach this server by its pid, as long as it lives. Returns the pid by which they know it.
    pub fn export<S: GenServer>(
        &self,
        server: &ServerRef<S>,
        exposure: Exposure<S>,
    ) -> otp_etf::Pid {
        let pid = server.pid();
        let gate = Arc::new(ServerGate::by_ref(server.clone(), exposure));
        self.core.exposed.pid(&self.core.node, pid, Some(gate));
        self.core.me.pid(pid.id())
    }

    /// Lets other nodes call a function by `rpc` and `erpc`, and C nodes by the server `rex`. Calls run concurrently, each in a process of
    /// its own. Arguments of another type fail with `badarg`, another number of arguments with `undef`.
    ///
    /// # OTP
    ///
    /// An exported function, as `erpc:call/4` and `rpc:call/4` reach it.
    ///
    /// # Differences from OTP
    ///
    /// `rpc:block_call/4` does not wait for other calls.
    ///
    /// # Panics
    ///
    /// When a name is longer than an atom can be.
    pub fn function<A, R, F>(&self, module: &str, name: &str, function: F)
    where
        A: Arguments,
        R: Serialize + Send + 'static,
        F: Fn(A) -> R + Send + Sync + 'static,
    {
        self.async_function(module, name, move |arguments| {
            std::future::ready(Ok(function(arguments)))
        });
    }

    /// As [`function`](Self::function), for a function that waits, or that fails.
    ///
    /// # Panics
    ///
    /// When a name is longer than an atom can be.
    pub fn async_function<A, R, F, U>(&self, module: &str, name: &str, function: F)
    where
        A: Arguments,
        R: Serialize,
        F: Fn(A) -> U + Send + Sync + 'static,
        U: Future<Output = Result<R, Raised>> + Send + 'static,
    {
        let atom = |text| Atom::new(text).expect("the name of a function is an atom");
        self.core
            .functions
            .insert(&self.core, atom(module), atom(name), function);
    }

    // What is over there.

    /// A server of type `S` on another node.
    ///
    /// # Panics
    ///
    /// When a name is longer than an atom can be.
    #[must_use]
    pub fn server<S: GenServer>(&self, name: &str, node: &str) -> RemoteServer<S> {
        RemoteServer::new(self.process(name, node))
    }

    /// A process of another node by its name.
    ///
    /// # Panics
    ///
    /// When a name is longer than an atom can be.
    #[must_use]
    pub fn process(&self, name: &str, node: &str) -> RemoteProcess {
        let atom = |text| Atom::new(text).expect("a name is an atom");
        self.at(Destination::Name(atom(name), atom(node)))
    }

    /// A process of the cluster by its address.
    #[must_use]
    pub fn at(&self, to: Destination) -> RemoteProcess {
        RemoteProcess::new(self.clone(), to)
    }

    /// Calls a function on another node, with a tuple of arguments. It waits for the result for ever, or for as long as
    /// [`timeout`](Limited::timeout) says.
    ///
    /// # OTP
    ///
    /// `erpc:call/4`, and `call/5`.
    ///
    /// # Cancel safety
    ///
    /// Dropped after its first poll it gives up waiting; the function may run nevertheless.
    ///
    /// # Errors
    ///
    /// [`RpcError`].
    pub fn rpc<R: DeserializeOwned>(
        &self,
        node: &Atom,
        (module, function): (Atom, Atom),
        arguments: impl Serialize,
    ) -> Limited<impl Begin<Output = Result<R, RpcError>>> {
        let (core, node) = (self.core.clone(), node.clone());
        let arguments = crossing(core.clone(), || to_term(&arguments));
        Limited::new(TimeLimit::Infinity, |limit| async move {
            let arguments = match arguments? {
                Term::Tuple(arguments) => Term::list(arguments.into_vec()),
                Term::List(arguments) => Term::List(arguments),
                // `()` is no arguments, any other value is one.
                Term::Atom(atom) if atom.as_str() == "nil" => Term::nil(),
                one => Term::list([one]),
            };
            let called = (module, function);
            let result = call::rpc(&core, &node, called, arguments, limit).await?;
            Ok(crossing(core, || from_term(&result))?)
        })
    }

    /// Gives a process of this node a name that all nodes know which `node` knows: `global`'s.
    ///
    /// # Cancel safety
    ///
    /// Dropped it gives up waiting; the name may be given nevertheless.
    ///
    /// # Errors
    ///
    /// [`RpcError`]. `Ok(false)` says that the name is taken.
    pub async fn register_global(
        &self,
        node: &Atom,
        name: &Term,
        pid: Pid,
    ) -> Result<bool, RpcError> {
        let pid = self.core.me.pid(pid.id());
        let method = (Atom::constant("global"), Atom::constant("cnode"));
        let called = (
            Atom::constant("global"),
            Atom::constant("register_name_external"),
        );
        let asked = self.rpc::<Atom>(node, called, (name, pid, method));
        let answer = asked.timeout(Duration::from_secs(10)).await?;
        Ok(answer.as_str() == "yes")
    }

    // Nodes.

    /// Connects with a node. It is not needed before one uses a handle: that connects.
    ///
    /// # Cancel safety
    ///
    /// It can be dropped at any time; the attempt goes on.
    ///
    /// # Errors
    ///
    /// [`ConnectError`].
    pub async fn connect(&self, node: &Atom) -> Result<(), ConnectError> {
        self.core.connect(node).await.map(drop)
    }

    /// Looks for the other nodes of the cluster, and connects with them, until what is returned is dropped: every 5 s, or as often as
    /// [`discover_every`](Self::discover_every) says.
    ///
    /// A node that is lost is dialled again after up to half a second; one that cannot be reached after half a second, then after twice the
    /// time each time, up to 30 s, all give or take a half by chance. At most 16 nodes are dialled at a time. Nodes that are not found
    /// any more stay connected, but are not dialled again. [`monitor_nodes`](Self::monitor_nodes) tells of those that come and go.
    ///
    /// # OTP
    ///
    /// Elixir's libcluster and dns_cluster.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_dist::{Config, Distribution, Found};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let config = |name: &str| Config::new(name).cookie("secret").without_epmd();
    /// let there = Distribution::start(&otp_core::Node::new(), config("b@127.0.0.1")).await?;
    /// let here = Distribution::start(&otp_core::Node::new(), config("a@127.0.0.1")).await?;
    /// let node = Found::new("b@127.0.0.1").expect("it is a name").at(there.address());
    /// let _discovery = here.discover(vec![node]);
    /// while here.nodes().is_empty() {
    ///     tokio::task::yield_now().await;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn discover(&self, source: impl Source) -> Discovery {
        self.discover_every(Duration::from_secs(5), source)
    }

    /// As [`discover`](Self::discover), looking as often as this, give or take a tenth.
    pub fn discover_every(&self, every: Duration, source: impl Source) -> Discovery {
        // Looking does not keep a node busy.
        let every = every.max(Duration::from_millis(10));
        Discovery::start(&self.core, source, Search { every })
    }

    /// Ends the connection with a node. Returns whether there was one.
    pub fn disconnect(&self, node: &Atom) -> bool {
        match self.core.peers.up(node) {
            Some(connection) => {
                connection.close(&self.core);
                true
            }
            None => false,
        }
    }

    /// The names of all connected nodes, sorted, hidden ones included.
    #[must_use]
    pub fn nodes(&self) -> Vec<Atom> {
        let connected = self.core.peers.connected();
        let names = connected.iter();
        let mut names: Vec<Atom> = names.map(|it| it.channel.peer.name.clone()).collect();
        names.sort_unstable();
        names
    }

    /// What each connection has carried, and what waits there, sorted by the names of the nodes.
    ///
    /// # OTP
    ///
    /// `net_kernel:nodes_info/0`.
    #[must_use]
    pub fn connections(&self) -> Vec<ConnectionInfo> {
        let calls = self.core.config.calls;
        let connected = self.core.peers.connected();
        let mut connections: Vec<_> = connected
            .iter()
            .map(|connection| ConnectionInfo::of(&connection.channel, calls))
            .collect();
        connections.sort_unstable_by(|a, b| a.node.cmp(&b.node));
        connections
    }

    /// Calls `told` of each node that comes or goes, until what is returned is dropped. It is called where connections are made and
    /// lost, and must not wait: it sends a message. If it panics, an event of `tracing` reports that, and the connection stays.
    pub fn monitor_nodes(&self, told: impl Fn(&NodeEvent) + Send + Sync + 'static) -> NodeMonitor {
        self.core.monitors.add(told)
    }

    // Groups.

    /// Adds a process of this node to a group of `pg`; it may be there several times. It leaves when it ends.
    ///
    /// A visible node shares its groups with all others; a hidden one has them for itself.
    pub fn join(&self, group: Term, pid: Pid) {
        if let Some(groups) = self.core.scopes.usual() {
            groups.join(&self.core, group, pid);
        }
    }

    /// Takes a process out of a group, once. Returns whether it was there.
    pub fn leave(&self, group: &Term, pid: Pid) -> bool {
        let groups = self.core.scopes.usual();
        groups.is_some_and(|groups| groups.leave(&self.core, group, pid))
    }

    /// The members of a group, of all nodes.
    #[must_use]
    pub fn members(&self, group: &Term) -> Vec<otp_etf::Pid> {
        let groups = self.core.scopes.usual();
        groups.map_or_else(Vec::new, |groups| groups.members(&self.core, group))
    }

    /// Makes a scope of otp-core's one of the cluster: its groups have the members of all nodes that share a scope of this name, BEAMs
    /// with `pg:start_link(Name)` included. Group names cross as serde has them. A node that is hidden shares it, too.
    ///
    /// Members of other nodes are found by [`Scope::members`] and told to those who monitor; when their node is lost they are found no
    /// more, all at once. When the scope's process is restarted it hears of them anew. Returns whether the scope was not shared before.
    ///
    /// # OTP
    ///
    /// What every scope of `pg` does.
    ///
    /// # Differences from OTP
    ///
    /// - A scope is of one node until it is shared.
    /// - A group whose name is of another type is not seen.
    pub fn share<G>(&self, scope: &Scope<G>) -> bool
    where
        G: Eq + Hash + Clone + Send + Sync + Serialize + DeserializeOwned + 'static,
    {
        let core = &self.core;
        let groups = core.scopes.open(core, scope.name(), true);
        if !groups.take_for_sharing() {
            return false;
        }
        let (core, scope) = (self.core.clone(), scope.clone());
        self.core
            .node
            .spawn(move |mailbox| pg::share(core, scope, groups, mailbox));
        true
    }

    // Identities.

    /// The pid by which the cluster knows a process of this node, or of one that is or was connected.
    #[must_use]
    pub fn pid(&self, pid: Pid) -> Option<otp_etf::Pid> {
        self.core.pid_out(pid)
    }

    /// The reference by which other nodes know a monitor of this program.
    #[must_use]
    pub fn reference(&self, monitor: MonitorRef) -> Reference {
        self.core.me.reference(Kind::Monitor, monitor.id())
    }

    /// The name of a node, by the number that pids of its processes have here.
    #[must_use]
    pub fn node_name(&self, node: otp_core::NodeId) -> Option<Atom> {
        self.core.life(node).map(|life| life.name)
    }
}

impl fmt::Debug for Distribution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Distribution")
            .field("name", &self.core.me.name)
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}
