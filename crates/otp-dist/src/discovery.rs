//! Finding the other nodes of a cluster, and staying connected with them.

#[cfg(feature = "dns")]
mod dns;
mod file;
mod plan;

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use otp_core::{ExitReason, Mailbox, Node, Pid};
use otp_etf::Atom;
use tokio::time::{Instant, sleep_until};

#[cfg(feature = "dns")]
pub use self::dns::{Dns, DnsError};
pub use self::file::NodeFile;
use self::plan::Plan;
use crate::core::Core;
use crate::nodes::NodeEvent;

/// A node that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its name.
    pub node: Atom,
    /// Where it may listen, if that is known: the addresses are tried in their order. Else its host's epmd is asked, unless there is a
    /// [`peer`](crate::Config::peer) entry.
    pub addresses: Vec<SocketAddr>,
}

impl Found {
    /// A node by its name; `None` if that is none.
    #[must_use]
    pub fn new(node: &str) -> Option<Self> {
        let (name, host) = node.split_once('@')?;
        let node = Atom::new(node).ok()?;
        (!name.is_empty() && !host.is_empty()).then_some(Self {
            node,
            addresses: Vec::new(),
        })
    }

    /// With this address, too.
    #[must_use]
    pub fn at(mut self, address: impl Into<Option<SocketAddr>>) -> Self {
        self.addresses.extend(address.into());
        self
    }
}

/// A search that is under way. An error says why nothing can be said of the nodes now; those that were found before stay.
pub type Finding<'a> = Pin<Box<dyn Future<Output = Result<Vec<Found>, String>> + Send + 'a>>;

/// A source of the names of a cluster's nodes: a list, a [file](NodeFile), DNS (`Dns`, feature `dns`), or an
/// implementation of the program.
///
/// # OTP
///
/// The counterpart of a strategy of Elixir's libcluster.
pub trait Source: Send + 'static {
    /// Looks once.
    fn find(&mut self) -> Finding<'_>;
}

/// A list that does not change.
impl Source for Vec<Found> {
    fn find(&mut self) -> Finding<'_> {
        Box::pin(std::future::ready(Ok(self.clone())))
    }
}

/// A running search, which ends when this is dropped. Existing connections remain; the addresses that it has found are forgotten.
#[must_use = "the search ends when this is dropped"]
pub struct Discovery {
    node: Node,
    pid: Pid,
}

/// Searches do not keep a node busy.
const SHORTEST: Duration = Duration::from_millis(1);

/// How a search is done; see [`Distribution::discover`](crate::Distribution::discover).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Search {
    pub(crate) every: Duration,
}

impl Discovery {
    pub(crate) fn start(core: &Arc<Core>, source: impl Source, search: Search) -> Self {
        let searching = core.clone();
        let process = core
            .node
            .spawn(move |mailbox| run(searching, source, search, mailbox));
        Self {
            node: core.node.clone(),
            pid: process.pid(),
        }
    }
}

impl Drop for Discovery {
    fn drop(&mut self) {
        self.node.exit(self.pid, ExitReason::Kill);
    }
}

impl fmt::Debug for Discovery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Discovery")
            .field("pid", &self.pid)
            .finish_non_exhaustive()
    }
}

/// A message to the searching process.
pub(crate) enum Told {
    Found(Vec<Found>),
    Event(NodeEvent),
    Failed(Atom, String),
}

/// A search may take its time, and lost nodes are connected again meanwhile.
async fn run(core: Arc<Core>, source: impl Source, search: Search, mailbox: Mailbox<Told>) {
    let tell = mailbox.me();
    tokio::join!(
        look(source, search, |found| tell.send(Told::Found(found))),
        connect(core, mailbox)
    );
}

async fn look(mut source: impl Source, search: Search, tell: impl Fn(Vec<Found>)) {
    loop {
        match source.find().await {
            Ok(found) => tell(found),
            Err(error) => tracing::warn!(%error, "the nodes of the cluster cannot be found"),
        }
        // A random part, so that the nodes of a cluster do not search at the same time.
        let every = search.every.max(SHORTEST).mul_f64(0.9 + 0.2 * chance());
        let now = Instant::now();
        sleep_until(now.checked_add(every).unwrap_or(now + plan::LONGEST)).await;
    }
}

async fn connect(core: Arc<Core>, mut mailbox: Mailbox<Told>) {
    let me = mailbox.me();
    let search = me.pid().id();
    let _forgotten = Forgotten(&core, search);
    let tell = me.clone();
    let _monitor = core
        .monitors
        .add(move |event| tell.send(Told::Event(event.clone())));
    let mut plan = Plan::default();
    loop {
        for node in plan.due(Instant::now()) {
            let (core_, me) = (core.clone(), me.clone());
            core.spawn(async move {
                // A success is reported by the node's event.
                if let Err(error) = core_.connect(&node).await {
                    me.send(Told::Failed(node, error.reason));
                }
            });
        }
        let next = plan.next();
        let told = tokio::select! {
            biased;
            told = mailbox.receive() => told,
            () = sleep_until(next.unwrap_or_else(Instant::now)), if next.is_some() => continue,
        };
        match told {
            Told::Found(found) => take(&core, search, &mut plan, found),
            Told::Event(NodeEvent::Up(node)) => plan.up(&node),
            Told::Event(NodeEvent::Down(node)) => plan.down(&node, Instant::now(), chance()),
            Told::Failed(node, reason) => {
                tracing::debug!(%node, %reason, "a node of the cluster cannot be reached");
                plan.failed(&node, Instant::now(), chance());
            }
        }
    }
}

/// At its end a search forgets its addresses: another one may know newer ones.
struct Forgotten<'a>(&'a Core, u64);

impl Drop for Forgotten<'_> {
    fn drop(&mut self) {
        self.0.found.forget(self.1);
    }
}

fn take(core: &Core, search: u64, plan: &mut Plan, found: Vec<Found>) {
    // A source may name a node several times, each time with another address.
    let mut nodes: BTreeMap<Atom, Vec<SocketAddr>> = BTreeMap::new();
    for Found { node, addresses } in found {
        if node != core.me.name {
            nodes.entry(node).or_default().extend(addresses);
        }
    }
    let mut names = Vec::with_capacity(nodes.len());
    for (node, addresses) in nodes {
        core.found.set(search, &node, addresses);
        names.push(node);
    }
    for gone in plan.wanted(&names, Instant::now()) {
        core.found.set(search, &gone, Vec::new());
    }
    for name in &names {
        if core.peers.up(name).is_some() {
            plan.up(name);
        }
    }
}

/// A number from 0 to 1.
fn chance() -> f64 {
    let random = getrandom::u32().unwrap_or(u32::MAX / 2);
    f64::from(random) / f64::from(u32::MAX)
}
