//! Process groups over nodes: the protocol of OTP's `pg`. Each scope has a process of its own, as there.

mod share;
mod state;
mod wire;

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use otp_core::{Mailbox, MonitorRef, Pid, ProcessRef, Target, process};
use otp_etf::{Atom, Term, term};
use parking_lot::{Mutex, RwLock};
use tokio::time::Instant;

pub(crate) use self::share::share;
pub(crate) use self::state::Change;
use self::state::State;
use crate::connection::Connection;
use crate::core::Core;
use crate::identity::Life;

/// The scope that every node has.
const DEFAULT: &str = "pg";

/// After how much silence a hidden node looks for scopes that it does not know.
const SEARCH: Duration = Duration::from_secs(5);

/// How many changes may wait for scopes of otp-core before their peers wait.
const BEHIND: usize = 10_000;

/// How long a peer waits at most before more of it is read.
const PATIENCE: Duration = Duration::from_secs(1);

/// All scopes of a node.
#[derive(Default)]
pub(crate) struct Scopes {
    by_name: RwLock<HashMap<String, Arc<Groups>>>,
    /// How many changes wait for scopes of otp-core.
    waiting: Arc<AtomicUsize>,
}

/// A change that waits for a scope of otp-core.
pub(crate) struct Waits(Arc<AtomicUsize>);

impl Waits {
    pub(crate) fn new(scopes: &Scopes) -> Self {
        scopes.waiting.fetch_add(1, Ordering::Relaxed);
        Self(scopes.waiting.clone())
    }
}

impl Drop for Waits {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Scopes {
    /// The scope that every node has. Hidden nodes keep it for themselves.
    pub(crate) fn start(&self, core: &Arc<Core>) {
        self.open(core, DEFAULT, core.config.visible);
    }

    /// The scope of this name, which is started if there is none.
    pub(crate) fn open(&self, core: &Arc<Core>, name: &str, shares: bool) -> Arc<Groups> {
        let mut scopes = self.by_name.write();
        let groups = scopes.entry(name.to_owned()).or_insert_with(|| {
            let groups = Arc::new(Groups {
                name: name.to_owned(),
                shares: AtomicBool::new(false),
                scope: OnceLock::new(),
                state: Mutex::default(),
                is_shared: AtomicBool::new(false),
            });
            groups.start(core);
            groups
        });
        let groups = groups.clone();
        drop(scopes);
        if !shares || groups.shares.swap(true, Ordering::SeqCst) {
            return groups;
        }
        // One that connects now finds it in the table.
        for connection in core.peers.connected() {
            groups.connected(core, &connection);
        }
        groups
    }

    pub(crate) fn usual(&self) -> Option<Arc<Groups>> {
        self.find(DEFAULT)
    }

    pub(crate) fn find(&self, name: &str) -> Option<Arc<Groups>> {
        self.by_name.read().get(name).cloned()
    }

    /// The scope of this process.
    pub(crate) fn of(&self, pid: Pid) -> Option<Arc<Groups>> {
        let scopes = self.by_name.read();
        let mut groups = scopes.values();
        groups.find(|groups| groups.is_scope(pid)).cloned()
    }

    /// Waits while many changes wait: a peer that reports them faster than they are handled is read no faster than that.
    pub(crate) async fn catch_up(&self) {
        let is_behind = || self.waiting.load(Ordering::Relaxed) > BEHIND;
        // Nearly always it is not, and to read the clock takes longer than to look.
        if !is_behind() {
            return;
        }
        let begun = Instant::now();
        while is_behind() && begun.elapsed() < PATIENCE {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    fn all(&self) -> Vec<Arc<Groups>> {
        self.by_name.read().values().cloned().collect()
    }

    /// A connection is up: the scopes there are asked for their members.
    pub(crate) fn connected(&self, core: &Core, connection: &Connection) {
        for groups in self.all() {
            groups.connected(core, connection);
        }
    }

    pub(crate) fn lost(&self, life: &Life) {
        for groups in self.all() {
            groups.lost(life);
        }
    }
}

/// The groups of one scope.
pub(crate) struct Groups {
    name: String,
    /// Whether its members are synchronized with other nodes.
    shares: AtomicBool,
    scope: OnceLock<(Pid, ProcessRef<Told>)>,
    state: Mutex<Shared>,
    is_shared: AtomicBool,
}

#[derive(Default)]
struct Shared {
    state: State,
    listener: Option<Listener>,
}

/// Gets the changes of members on other nodes. It is called in the critical section, so in the order of the changes: it
/// sends a message.
type Listener = Box<dyn Fn(Change) + Send>;

impl Shared {
    fn tell(&self, changes: impl IntoIterator<Item = Change>) {
        if let Some(listener) = &self.listener {
            changes.into_iter().for_each(listener);
        }
    }
}

/// A message to the scope's process.
enum Told {
    Joined(Pid),
    Down(Pid),
    /// A scope of another node is known from now on: its process, and its node.
    Peer(Pid, Life, otp_etf::Pid),
    PeerDown(Life, otp_etf::Pid),
}

impl Groups {
    /// Starts the process of the scope, which monitors its members, and the scopes of others.
    fn start(self: &Arc<Self>, core: &Arc<Core>) {
        let (watching, groups) = (core.clone(), self.clone());
        let scope = core.node.spawn(async move |mut mailbox: Mailbox<Told>| {
            process::set_label("pg");
            let mut watched: HashMap<Pid, MonitorRef> = HashMap::new();
            // One of each node: a peer may say of any process that it is its scope.
            let mut scopes: HashMap<Life, MonitorRef> = HashMap::new();
            loop {
                let Some(told) = mailbox.receive().timeout(SEARCH).await else {
                    groups.search(&watching);
                    continue;
                };
                match told {
                    Told::Joined(pid) => {
                        watched.entry(pid).or_insert_with(|| {
                            mailbox.monitor(pid, |down| match down.target {
                                Target::Pid(pid) => Told::Down(pid),
                                Target::Name(_) => unreachable!("a pid is monitored"),
                            })
                        });
                    }
                    Told::Down(pid) => {
                        watched.remove(&pid);
                        groups.gone(&watching, pid);
                    }
                    Told::Peer(pid, life, scope) => {
                        let of = life.clone();
                        let down = move |_| Told::PeerDown(life.clone(), scope.clone());
                        if let Some(former) = scopes.insert(of, mailbox.monitor(pid, down)) {
                            mailbox.demonitor_flush(former);
                        }
                    }
                    Told::PeerDown(life, scope) => {
                        scopes.remove(&life);
                        groups.ended(&life, &scope);
                    }
                }
            }
        });
        // Other scopes monitor it.
        core.exposed.pid(&core.node, scope.pid(), None);
        let _already = self.scope.set((scope.pid(), scope));
    }

    /// Calls `listener` for all members on other nodes, and for each change from now on.
    pub(crate) fn listen(&self, listener: impl Fn(Change) + Send + 'static) {
        let mut shared = self.state.lock();
        shared.state.remote().into_iter().for_each(&listener);
        let former = shared.listener.replace(Box::new(listener));
        drop(shared);
        drop(former);
    }

    /// Takes the scope for the synchronization with a scope of otp-core's. False if it is taken.
    pub(crate) fn take_for_sharing(&self) -> bool {
        !self.is_shared.swap(true, Ordering::SeqCst)
    }

    fn is_scope(&self, pid: Pid) -> bool {
        self.scope.get().is_some_and(|(scope, _)| *scope == pid)
    }

    fn connected(&self, core: &Core, connection: &Connection) {
        if self.shares.load(Ordering::SeqCst)
            && let Some(me) = self.me(core)
        {
            self.send(&connection.channel, core, &term!({discover, (me)}));
        }
    }

    /// Asks the nodes again whose scope is not known. The scope may have started after the connection was up; then it
    /// has announced itself to the nodes that it sees, and hidden nodes are not among them.
    fn search(&self, core: &Core) {
        if core.config.visible {
            return;
        }
        for connection in core.peers.connected() {
            let is_known = self
                .state
                .lock()
                .state
                .peers
                .contains_key(&connection.channel.peer);
            if !is_known {
                self.connected(core, &connection);
            }
        }
    }

    fn lost(&self, life: &Life) {
        let mut shared = self.state.lock();
        let left = shared.state.lost(life);
        shared.tell(left);
    }

    /// A scope of another node has ended, and its node has not.
    fn ended(&self, life: &Life, scope: &otp_etf::Pid) {
        let mut shared = self.state.lock();
        let peer = shared.state.peers.get(life);
        if peer.is_some_and(|peer| peer.scope == *scope) {
            let left = shared.state.lost(life);
            shared.tell(left);
        }
    }

    pub(crate) fn join(&self, core: &Core, group: Term, pid: Pid) {
        let _joined: Result<(), Infallible> = self.join_if(core, group, pid, || Ok(()));
    }

    /// As `join`, if `may` says so. No other node is heard in between.
    pub(crate) fn join_if<E>(
        &self,
        core: &Core,
        group: Term,
        pid: Pid,
        may: impl FnOnce() -> Result<(), E>,
    ) -> Result<(), E> {
        let mut shared = self.state.lock();
        may()?;
        shared.state.join(&group, pid);
        if let Some((_, scope)) = self.scope.get() {
            scope.send(Told::Joined(pid));
        }
        self.tell(core, &shared.state, |me| {
            let member = core.me.pid(pid.id());
            term!({join, (me), (group), (member)})
        });
        Ok(())
    }

    /// Takes one membership away; false if there is none.
    pub(crate) fn leave(&self, core: &Core, group: &Term, pid: Pid) -> bool {
        let mut shared = self.state.lock();
        if !shared.state.leave(group, pid) {
            return false;
        }
        self.tell(core, &shared.state, |me| {
            let member = core.me.pid(pid.id());
            term!({leave, (me), (member), [(group.clone())]})
        });
        true
    }

    /// A member has ended: it leaves as often as it has joined.
    fn gone(&self, core: &Core, pid: Pid) {
        let mut shared = self.state.lock();
        let left = shared.state.gone(pid);
        if !left.is_empty() {
            let left = Term::list(left);
            self.tell(core, &shared.state, |me| {
                let member = core.me.pid(pid.id());
                term!({leave, (me), (member), (left)})
            });
        }
    }

    /// Sends to all known scopes. In the critical section, so that each gets the changes in their order.
    fn tell(&self, core: &Core, state: &State, message: impl FnOnce(Term) -> Term) {
        let Some(me) = self.me(core) else {
            return;
        };
        let message = message(me.into());
        for life in state.peers.keys() {
            if let Some(connection) = core.peers.up(&life.name)
                && connection.channel.peer == *life
            {
                self.send(&connection.channel, core, &message);
            }
        }
    }

    pub(crate) fn members(&self, core: &Core, group: &Term) -> Vec<otp_etf::Pid> {
        let shared = self.state.lock();
        let local = shared.state.local.get(group).into_iter().flatten();
        let mut members: Vec<_> = local.map(|pid| core.me.pid(pid.id())).collect();
        for peer in shared.state.peers.values() {
            let of_peer = peer.groups.get(group).into_iter().flatten();
            members.extend(of_peer.map(|(pid, _)| pid.clone()));
        }
        members
    }

    /// The name of the scope, as messages go to it.
    fn atom(&self) -> Option<Atom> {
        Atom::new(&self.name).ok()
    }
}
