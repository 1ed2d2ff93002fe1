//! The parts of a node: the tables of its processes and their names, its timers, and others.

use std::any::Any;
use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::num::NonZeroU64;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use foldhash::fast::RandomState;

use super::scope;
use super::timers::Timers;
use crate::address::Target;
use crate::address::error::RegisterError;
use crate::address::name::Name;
use crate::exit::ExitReason;
use crate::pid::{MonitorRef, NodeId, Pid};
use crate::process::inspection::telemetry::Telemetry;
use crate::process::inspection::watchdog::Watchdog;
use crate::process::life::block::Process;
use crate::process::life::current;
use crate::process::relations::carrier::Remotes;
use crate::process::relations::remote::Connected;
use crate::util::map::Map;
use crate::util::numbered::Numbered;
use crate::util::panic;

/// One OTP world: a table of processes, their names and their timers.
///
/// A node is a value, not a global: many may live in one program, and none sees another's names.
/// A process belongs to the node of the process that spawned it, so a program usually makes one node and
/// enters it with [`run`](Self::run). Clones are handles on the same node.
///
/// # Runtimes
///
/// A node is not bound to a tokio runtime: its processes run on the runtime on which each was spawned, and end with it. So a
/// node may be a static of a program that has several runtimes, one after the other or at a time, as the tests of a crate
/// have.
///
/// A thread of a runtime keeps up to 1,024 tasks whose processes have ended, and the next processes run in them. tokio's metrics
/// count them as alive. A task that rests takes about 600 bytes.
///
/// The background work of a node:
///
/// - *Timers* belong to the runtime on which they were started. They are counted by its clock, which may be paused, and
///   move to another runtime of the node when it ends: see [`timer`](crate::timer#runtimes).
/// - The *watchdog*, if [asked for](Self::monitor_long_schedule), is a thread of its own, which ends with the node.
///
/// # Examples
///
/// ```
/// use otp_core::{process, Node};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let node = Node::new();
/// let answer = node.run(async { process::current().id() + 41 }).await;
/// assert_eq!(answer, Ok(42));
/// # }
/// ```
#[derive(Clone)]
pub struct Node(Arc<NodeInner>);

struct NodeInner {
    id: NodeId,
    pids: AtomicU64,
    processes: Map<u64, Arc<dyn Process>, Numbered>,
    local: Names<Arc<dyn Process>>,
    global: Names<Arc<dyn Process>>,
    tables: Names<Named>,
    timers: Arc<Timers>,
    watchdog: OnceLock<Arc<Watchdog>>,
    telemetry: Telemetry,
    /// The applications. Their module knows the type.
    applications: OnceLock<Arc<dyn Any + Send + Sync>>,
    /// The other nodes that this one is connected with, if there ever was one.
    connected: OnceLock<Box<Connected>>,
}

impl Drop for NodeInner {
    fn drop(&mut self) {
        scope::forget(self.id);
    }
}

/// A table of any type, by its name.
pub(crate) type Named = Arc<dyn Any + Send + Sync>;

type Names<T> = Map<Cow<'static, str>, T, RandomState>;

impl Node {
    /// Makes an empty node.
    ///
    /// The first node of a program also installs a panic hook. The hook is silent about a panic inside a process if the
    /// program has a `tracing` subscriber that gets the [report](crate::report) of it. All other panics go to the
    /// former hook.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let (one, other) = (Node::new(), Node::new());
    /// let clock = one.spawn(|_: Mailbox<Never>| std::future::pending::<()>());
    /// one.register("clock", &clock).expect("the name is free");
    /// // Two nodes have nothing in common.
    /// assert_eq!(other.whereis("clock"), None);
    /// # }
    /// ```
    #[must_use]
    pub fn new() -> Self {
        panic::install_hook(|| current::with(|_| ()).is_some());
        let node = Self(Arc::new(NodeInner {
            id: Self::next_id(),
            pids: AtomicU64::new(1),
            processes: Map::default(),
            local: Map::default(),
            global: Map::default(),
            tables: Map::default(),
            timers: Arc::default(),
            watchdog: OnceLock::new(),
            telemetry: Telemetry::default(),
            applications: OnceLock::new(),
            connected: OnceLock::new(),
        }));
        scope::publish(&node);
        node
    }

    /// The node's number in this program.
    #[must_use]
    pub fn id(&self) -> NodeId {
        self.0.id
    }

    /// The pids of all live processes, in the order in which they were spawned.
    ///
    /// # OTP
    ///
    /// `erlang:processes/0`.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let node = Node::new();
    /// let idle = node.spawn(|_: Mailbox<Never>| std::future::pending::<()>());
    /// assert_eq!(node.processes(), [idle.pid()]);
    /// # }
    /// ```
    #[must_use]
    pub fn processes(&self) -> Vec<Pid> {
        let mut pids = self.0.processes.pick(|_, process| {
            let head = process.head();
            (!head.is_exiting()).then_some(head.pid)
        });
        pids.sort_unstable();
        pids
    }

    /// The pid with this number, of a process that lives or has lived; `None` if the number has not been used yet. For
    /// tools in which people type a pid.
    ///
    /// # OTP
    ///
    /// `c:pid/3`.
    #[must_use]
    pub fn pid(&self, id: u64) -> Option<Pid> {
        let id = NonZeroU64::new(id)?;
        (id.get() < self.0.pids.load(Ordering::Relaxed)).then(|| Pid::new(self.0.id, id))
    }

    /// Whether the process lives. One whose end is decided does not.
    ///
    /// # OTP
    ///
    /// `erlang:is_process_alive/1`.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let node = Node::new();
    /// let done = node.spawn(|_: Mailbox<Never>| async {});
    /// assert!(node.is_alive(done.pid()));
    /// done.wait().await;
    /// assert!(!node.is_alive(done.pid()));
    /// # }
    /// ```
    #[must_use]
    pub fn is_alive(&self, pid: Pid) -> bool {
        self.find(pid)
            .is_some_and(|process| !process.head().is_exiting())
    }

    /// The local names in use, sorted.
    ///
    /// # OTP
    ///
    /// `erlang:registered/0`.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let node = Node::new();
    /// let idle = node.spawn(|_: Mailbox<Never>| std::future::pending::<()>());
    /// node.register("idle", &idle).expect("the name is free");
    /// assert_eq!(node.registered(), ["idle"]);
    /// # }
    /// ```
    #[must_use]
    pub fn registered(&self) -> Vec<String> {
        let mut names = self.0.local.pick(|name, holder| {
            let lives = !holder.head().is_exiting();
            lives.then(|| name.to_string())
        });
        names.sort_unstable();
        names
    }

    /// The live process that has the name.
    ///
    /// # OTP
    ///
    /// `erlang:whereis/1`, `global:whereis_name/1`, a via module's `whereis_name/1`.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let node = Node::new();
    /// let idle = node.spawn(|_: Mailbox<Never>| std::future::pending::<()>());
    /// node.register("idle", &idle).expect("the name is free");
    /// assert_eq!(node.whereis("idle"), Some(idle.pid()));
    /// # }
    /// ```
    #[must_use]
    pub fn whereis(&self, name: impl Into<Name>) -> Option<Pid> {
        self.resolve(&name.into()).map(|process| process.head().pid)
    }

    /// Reports each process, of those spawned from now on, that runs for longer than `limit` without an `await` that
    /// waits: it keeps a thread of the runtime busy, and even a kill reaches it only at its next `await`. A second call
    /// changes the limit.
    ///
    /// The report is a warning of the kind `long_schedule`, one for each such time. It is written while the process
    /// still runs, by a thread that is started here and ends with the node. The thread checks four times within the
    /// limit, but at most once in a millisecond, and counts the time from its first check that sees the process run: so
    /// a report may come later than the limit by one check. Processes do not read the clock for it and take no lock.
    ///
    /// # OTP
    ///
    /// `erlang:system_monitor(Pid, [{long_schedule, Time}])`.
    ///
    /// # Differences from OTP
    ///
    /// There a process is interrupted sooner or later, and the report comes afterwards.
    pub fn monitor_long_schedule(&self, limit: Duration) {
        let watchdog = &self.0.watchdog;
        watchdog
            .get_or_init(|| Watchdog::start(self.downgrade(), limit))
            .set_limit(limit);
    }

    pub(crate) fn watchdog(&self) -> Option<&Arc<Watchdog>> {
        self.0.watchdog.get()
    }

    pub(crate) fn telemetry(&self) -> &Telemetry {
        &self.0.telemetry
    }

    /// How many processes there have ever been.
    pub(crate) fn spawned(&self) -> u64 {
        self.0.pids.load(Ordering::Relaxed) - 1
    }

    pub(crate) fn downgrade(&self) -> WeakNode {
        WeakNode(Arc::downgrade(&self.0))
    }

    /// The tables that have a name.
    pub(crate) fn tables(&self) -> &Names<Named> {
        &self.0.tables
    }

    pub(crate) fn timers(&self) -> &Arc<Timers> {
        &self.0.timers
    }

    pub(crate) fn applications(&self) -> &OnceLock<Arc<dyn Any + Send + Sync>> {
        &self.0.applications
    }

    pub(crate) fn next_pid(&self) -> Pid {
        let id = self.0.pids.fetch_add(1, Ordering::Relaxed);
        Pid::new(
            self.0.id,
            NonZeroU64::new(id).expect("the counter starts at 1 and cannot wrap"),
        )
    }

    pub(crate) fn next_monitor() -> MonitorRef {
        static MONITORS: AtomicU64 = AtomicU64::new(1);

        let id = MONITORS.fetch_add(1, Ordering::Relaxed);
        MonitorRef(NonZeroU64::new(id).expect("the counter starts at 1 and cannot wrap"))
    }

    pub(crate) fn insert(&self, process: Arc<dyn Process>) {
        drop(self.0.processes.insert(process.head().pid.id(), process));
        self.0.timers.find_home();
    }

    pub(crate) fn remove(&self, pid: Pid) {
        if pid.node() == self.0.id
            && let Some(gone) = self.0.processes.remove(&pid.id())
        {
            self.0.telemetry.forget(gone.head());
        }
    }

    /// The processes of this node, ending ones included.
    pub(crate) fn all(&self) -> Vec<Arc<dyn Process>> {
        self.0.processes.pick(|_, process| Some(process.clone()))
    }

    /// Visits the processes of this node, ending ones included, for work that is short. No process of the same part of the
    /// table begins or ends meanwhile. Unlike those of [`all`](Self::all), their reference counts are not written.
    pub(crate) fn each(&self, mut visit: impl FnMut(&dyn Process)) {
        self.0.processes.pick(|_, process| {
            visit(&**process);
            None::<()>
        });
    }

    /// How many names are in use, local and global ones.
    pub(crate) fn names_in_use(&self) -> (usize, usize) {
        (self.0.local.len(), self.0.global.len())
    }

    /// The process of this node with this pid, ending ones included.
    pub(crate) fn find(&self, pid: Pid) -> Option<Arc<dyn Process>> {
        match pid.node() == self.0.id {
            true => self.find_id(pid.id()),
            false => None,
        }
    }

    /// The process with the pid of this number, ending ones included.
    pub(crate) fn find_id(&self, id: u64) -> Option<Arc<dyn Process>> {
        self.0.processes.get(&id)
    }

    /// The process with this pid, or the proxy of a process of another node that is connected.
    pub(crate) fn find_anywhere(&self, pid: Pid) -> Option<Arc<dyn Process>> {
        match pid.node() == self.0.id {
            true => self.find(pid),
            false => self.remotes()?.find(pid),
        }
    }

    /// The process that a target names, or its proxy if it is on another node.
    pub(crate) fn find_target(&self, target: &Target) -> Option<Arc<dyn Process>> {
        match target {
            Target::Pid(pid) => self.find_anywhere(*pid),
            Target::Name(Name::Remote(name)) => self.remotes()?.named(name),
            Target::Name(name) => self.resolve(name),
        }
    }

    fn remotes(&self) -> Option<&dyn Remotes> {
        let connected: &dyn Remotes = self.known_nodes()?;
        Some(connected)
    }

    /// The nodes that are connected, if ever one was.
    pub(crate) fn known_nodes(&self) -> Option<&Connected> {
        Some(&**self.0.connected.get()?)
    }

    /// The reason with which a link with a missing process fires, or a monitor of one, by the node of its pid.
    pub(crate) fn absence(&self, id: NodeId) -> ExitReason {
        let is_known = || self.known_nodes().is_some_and(|nodes| nodes.has(id));
        match id == self.0.id || is_known() {
            true => ExitReason::NoProcess,
            false => ExitReason::NoConnection,
        }
    }

    pub(crate) fn connected(&self) -> &Connected {
        self.0.connected.get_or_init(Box::default)
    }

    /// A number for a node, of this program or of another.
    pub(crate) fn next_id() -> NodeId {
        static NODES: AtomicU32 = AtomicU32::new(0);

        NodeId(NODES.fetch_add(1, Ordering::Relaxed))
    }

    /// The live process that has the name.
    pub(crate) fn resolve(&self, name: &Name) -> Option<Arc<dyn Process>> {
        let found = match name {
            Name::Local(text) => self.0.local.get(&**text),
            Name::Global(text) => self.0.global.get(&**text),
            Name::Via(via) => via.whereis().and_then(|pid| self.find(pid)),
            // The other node knows the holder.
            Name::Remote(_) => None,
        };
        found.filter(|process| !process.head().is_exiting())
    }

    /// Enters the name for the process. A holder whose end is decided counts as gone.
    pub(crate) fn claim(
        &self,
        name: &Name,
        process: &Arc<dyn Process>,
    ) -> Result<(), RegisterError> {
        let (table, text) = match name {
            Name::Local(text) => (&self.0.local, text),
            Name::Global(text) => (&self.0.global, text),
            Name::Via(via) => return via.register(process.head().pid),
            Name::Remote(_) => return Err(RegisterError::NoRegistry { name: name.clone() }),
        };
        let gone = |holder: &Arc<dyn Process>| holder.head().is_exiting();
        match table.claim_from(text.clone(), process.clone(), gone) {
            Ok(_former) => Ok(()),
            Err((_, holder)) => Err(RegisterError::NameTaken {
                name: name.clone(),
                pid: holder.head().pid,
            }),
        }
    }

    /// Releases the name if the process still has it: another process may have taken it meanwhile.
    pub(crate) fn release(&self, name: &Name, pid: Pid) {
        let (table, text) = match name {
            Name::Local(text) => (&self.0.local, text),
            Name::Global(text) => (&self.0.global, text),
            Name::Via(via) => return via.unregister(pid),
            Name::Remote(_) => return,
        };
        drop(table.remove_if(&**text, |holder| holder.head().pid == pid));
    }
}

/// A handle that does not keep its node.
#[derive(Clone)]
pub(crate) struct WeakNode(Weak<NodeInner>);

impl WeakNode {
    pub(crate) fn upgrade(&self) -> Option<Node> {
        self.0.upgrade().map(Node)
    }
}

impl Default for Node {
    fn default() -> Self {
        Self::new()
    }
}

impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.0.id == other.0.id
    }
}

impl Eq for Node {}

impl Hash for Node {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.id().hash(state);
    }
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Node")
            .field("id", &self.0.id)
            .field("processes", &self.0.processes.len())
            .finish()
    }
}

/// A panic leaves a handle unchanged: the value behind it is shared behind locks, and no user code runs under these
/// locks.
impl UnwindSafe for Node {}
impl RefUnwindSafe for Node {}
