//! Other nodes, as the distribution makes them known to a node.

use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::num::NonZeroU64;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::task::Waker;

use dashmap::{DashMap, Entry};
use foldhash::fast::RandomState;

use super::carrier::{Carrier, Remotes};
use super::signal::{self, ExitOrigin, Signal};
use crate::address::Target;
use crate::address::name::{Name, RemoteName};
use crate::exit::ExitReason;
use crate::node::{Node, WeakNode};
use crate::pid::{MonitorRef, NodeId, Pid};
use crate::process::life::block::{Head, Process};
use crate::process::life::{run, schedule};
use crate::process::relations;
use crate::util::handle::unwind_safe;
use crate::util::lock::Section;
use crate::util::numbered::Numbered;

/// Another node, connected with this one: the way in for its signals.
///
/// It is made by [`Node::connect`] for one connection to one incarnation of the other node. When the connection is lost,
/// [`lost`](Self::lost) ends it, and [`reconnect`](Self::reconnect) makes the next one. Clones are handles on the same one.
///
/// # OTP
///
/// A distribution channel.
///
/// # Examples
///
/// ```
/// use std::sync::{Arc, Mutex};
///
/// use otp_core::prelude::*;
/// use otp_core::remote::Carrier;
/// use otp_core::{MonitorRef, Target, process};
/// # /// Notes the name of each function that is called.
/// # #[derive(Default)]
/// # struct Notes(Mutex<Vec<&'static str>>);
/// #
/// # impl Notes {
/// #     fn note(&self, what: &'static str) { self.0.lock().expect("no panic").push(what); }
/// #     fn take(&self) -> Vec<&'static str> { std::mem::take(&mut *self.0.lock().expect("no panic")) }
/// # }
/// #
/// # impl Carrier for Notes {
/// #     fn node_name(&self) -> Option<String> { Some("kitchen@home".to_owned()) }
/// #     fn link(&self, _: Pid, _: Pid) { self.note("link"); }
/// #     fn unlink(&self, _: Pid, _: Pid) { self.note("unlink"); }
/// #     fn linked_exit(&self, _: Pid, _: Pid, _: &ExitReason) { self.note("linked_exit"); }
/// #     fn exit(&self, _: Pid, _: Pid, _: &ExitReason) { self.note("exit"); }
/// #     fn monitor(&self, _: Pid, _: &Target, _: MonitorRef) { self.note("monitor"); }
/// #     fn demonitor(&self, _: Pid, _: &Target, _: MonitorRef) { self.note("demonitor"); }
/// #     fn down(&self, _: &Target, _: Pid, _: MonitorRef, _: &ExitReason) { self.note("down"); }
/// # }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let there = process::node().connect(Arc::new(Notes::default()));
/// let cook = there.pid(7).expect("a pid of the other node");
/// let waiter = process::spawn(|_: Mailbox<Never>| std::future::pending::<()>());
/// // An exit signal has come over the connection.
/// there.exit(cook, waiter.pid(), ExitReason::Kill);
/// assert_eq!(waiter.wait().await, ExitReason::Killed);
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Clone)]
pub struct RemoteNode(Arc<RemoteInner>);

struct RemoteInner {
    id: NodeId,
    node: WeakNode,
    carrier: Arc<dyn Carrier>,
    by_pid: DashMap<u64, Weak<Proxy>, Numbered>,
    by_name: DashMap<Cow<'static, str>, Weak<Proxy>, RandomState>,
    /// Proxies of names have separate numbers, from the end of the range: no process of the other node has such a
    /// number.
    names: AtomicU64,
    lost: AtomicBool,
}

/// The control block that represents a process of another node.
struct Proxy {
    head: Head,
    remote: Arc<RemoteInner>,
    /// Its name, if it represents the holder of a name.
    name: Option<Cow<'static, str>>,
}

/// All nodes that are connected with one.
#[derive(Default)]
pub(crate) struct Connected(DashMap<u32, Arc<RemoteInner>, RandomState>);

impl RemoteNode {
    /// Makes another node known to `node`: see [`Node::connect`].
    pub(crate) fn connect(node: &Node, carrier: Arc<dyn Carrier>) -> Self {
        Self::with_id(Node::next_id(), node.downgrade(), carrier)
    }

    fn with_id(id: NodeId, node: WeakNode, carrier: Arc<dyn Carrier>) -> Self {
        let remote = Self(Arc::new(RemoteInner {
            id,
            node,
            carrier,
            by_pid: DashMap::default(),
            by_name: DashMap::default(),
            names: AtomicU64::new(u64::MAX),
            lost: AtomicBool::new(false),
        }));
        remote.enter();
        remote
    }

    /// Makes it known by its number.
    fn enter(&self) {
        if let Some(node) = self.0.node.upgrade() {
            node.connected().0.insert(self.0.id.0, self.0.clone());
        }
    }

    /// See [`Node::ended_node`].
    pub(crate) fn of_ended(node: &Node) -> Self {
        let ended = Self::connect(node, Arc::new(Nowhere));
        ended.0.lost.store(true, Ordering::SeqCst);
        ended
    }

    /// Connects the same incarnation of the other node again, after its connection was [`lost`](Self::lost). Its pids are equal to those
    /// of the former connection, which now are pids of processes that can be reached.
    ///
    /// # OTP
    ///
    /// Pids with the same node, the same creation and the same number are equal.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use otp_core::prelude::*;
    /// use otp_core::remote::Carrier;
    /// use otp_core::{MonitorRef, Target};
    ///
    /// struct Cable;
    /// #
    /// # impl Carrier for Cable {
    /// #     fn link(&self, _: Pid, _: Pid) {}
    /// #     fn unlink(&self, _: Pid, _: Pid) {}
    /// #     fn linked_exit(&self, _: Pid, _: Pid, _: &ExitReason) {}
    /// #     fn exit(&self, _: Pid, _: Pid, _: &ExitReason) {}
    /// #     fn monitor(&self, _: Pid, _: &Target, _: MonitorRef) {}
    /// #     fn demonitor(&self, _: Pid, _: &Target, _: MonitorRef) {}
    /// #     fn down(&self, _: &Target, _: Pid, _: MonitorRef, _: &ExitReason) {}
    /// # }
    ///
    /// let node = Node::new();
    /// let first = node.connect(Arc::new(Cable));
    /// first.lost();
    /// let second = first.reconnect(Arc::new(Cable));
    /// assert_eq!(first.pid(7), second.pid(7));
    /// assert_ne!(node.connect(Arc::new(Cable)).pid(7), second.pid(7));
    /// ```
    #[must_use]
    pub fn reconnect(&self, carrier: Arc<dyn Carrier>) -> Self {
        Self::with_id(self.0.id, self.0.node.clone(), carrier)
    }

    /// The number of the other node in this program: that of all of its pids.
    #[must_use]
    pub fn id(&self) -> NodeId {
        self.0.id
    }

    /// The name of the other node, if its carrier has one.
    #[must_use]
    pub fn node_name(&self) -> Option<String> {
        self.0.carrier.node_name()
    }

    /// The pid with this number on the other node; `None` for the number 0, which no process has.
    #[must_use]
    pub fn pid(&self, id: u64) -> Option<Pid> {
        Pid::of(self.0.id, id)
    }

    /// The monitor with this number, which a process of this node has set on the other node; `None` for the number 0,
    /// which no monitor has.
    #[must_use]
    pub fn monitor_ref(&self, id: u64) -> Option<MonitorRef> {
        NonZeroU64::new(id).map(MonitorRef)
    }

    /// A name on the other node.
    #[must_use]
    pub fn name(&self, name: impl Into<Cow<'static, str>>) -> Name {
        Name::Remote(RemoteName {
            name: name.into(),
            node: self.0.id,
        })
    }

    /// A process of the other node has linked itself with one of this node. If that does not live, the carrier gets a
    /// `linked_exit`.
    ///
    /// # OTP
    ///
    /// `LINK`.
    pub fn link(&self, from: Pid, to: Pid) {
        let Some(proxy) = self.proxy(from) else {
            return;
        };
        let linked = self
            .local(to)
            .is_some_and(|local| relations::try_link(&proxy, &local));
        if !linked {
            self.0.carrier.linked_exit(to, from, &ExitReason::NoProcess);
        }
    }

    /// A process of the other node has unlinked itself from one of this node.
    ///
    /// # OTP
    ///
    /// `UNLINK_ID`.
    pub fn unlink(&self, from: Pid, to: Pid) {
        if let Some(proxy) = self.known(from) {
            relations::unlink(&proxy, to);
        }
    }

    /// A process of the other node has ended that was linked with one of this node. Without the link nothing happens.
    ///
    /// # OTP
    ///
    /// `PAYLOAD_EXIT`.
    pub fn linked_exit(&self, from: Pid, to: Pid, reason: ExitReason) {
        let (Some(proxy), Some(local)) = (self.known(from), self.local(to)) else {
            return;
        };
        drop(proxy.head().ties.with(|ties| ties.remove_link(to)));
        signal::exit(&local, from, reason, ExitOrigin::Link);
    }

    /// A process of the other node has sent an exit signal to one of this node, without a link.
    ///
    /// # OTP
    ///
    /// `PAYLOAD_EXIT2`.
    pub fn exit(&self, from: Pid, to: Pid, reason: ExitReason) {
        if let Some(local) = self.local(to) {
            signal::exit(&local, from, reason, ExitOrigin::Hand);
        }
    }

    /// A process of the other node monitors one of this node. Returns the monitor's number here, by which
    /// [`Carrier::down`] names it and [`demonitor`](Self::demonitor) removes it. If the target does not live,
    /// [`Carrier::down`] is called within this call.
    ///
    /// `made` gets the number before anything can happen to the monitor.
    ///
    /// # OTP
    ///
    /// `MONITOR_P`.
    pub fn monitor(&self, watcher: Pid, target: Target, made: impl FnOnce(MonitorRef)) {
        let monitor = Node::next_monitor();
        made(monitor);
        let Some(proxy) = self.proxy(watcher) else {
            return;
        };
        let node = self.0.node.upgrade();
        let local = node.and_then(|node| match &target {
            Target::Pid(pid) => node.find(*pid),
            Target::Name(name) => node.resolve(name),
        });
        match local {
            Some(local) => relations::monitor_process(&proxy, &local, monitor, target),
            None => self
                .0
                .carrier
                .down(&target, watcher, monitor, &ExitReason::NoProcess),
        }
    }

    /// A process of the other node has removed its monitor.
    ///
    /// # OTP
    ///
    /// `DEMONITOR_P`.
    pub fn demonitor(&self, watcher: Pid, monitor: MonitorRef) {
        if let Some(proxy) = self.known(watcher) {
            relations::demonitor(&proxy, monitor);
        }
    }

    /// The target of a monitor that a process of this node has set on the other node has ended: a pid or a name. An
    /// unknown monitor is ignored.
    ///
    /// # OTP
    ///
    /// `PAYLOAD_MONITOR_P_EXIT`.
    pub fn down(&self, target: &Target, monitor: MonitorRef, reason: ExitReason) {
        let proxy = match target {
            Target::Pid(pid) => self.known(*pid),
            Target::Name(Name::Remote(name)) => self.known_name(&name.name),
            Target::Name(_) => None,
        };
        let watcher = proxy.and_then(|proxy| {
            let ties = &proxy.head().ties;
            ties.with(|ties| ties.remove_watcher(monitor))
        });
        if let Some(watcher) = watcher {
            relations::down(&watcher.process, monitor, watcher.target, reason);
        }
    }

    /// The connection is lost: in one step every link to the other node and every monitor of it fires, with the reason
    /// [`NoConnection`](ExitReason::NoConnection), and every monitor that it has set is gone. Pids of it are dead until it is connected
    /// [again](Self::reconnect).
    ///
    /// # OTP
    ///
    /// `noconnection`.
    pub fn lost(&self) {
        if let Some(node) = self.0.node.upgrade() {
            let is_this = |_: &u32, held: &Arc<RemoteInner>| Arc::ptr_eq(held, &self.0);
            node.connected().0.remove_if(&self.0.id.0, is_this);
        }
        // From here on no proxy is made: `RemoteInner::proxy` reads this flag in the critical section of the map that is walked
        // below.
        if self.0.lost.swap(true, Ordering::SeqCst) {
            return;
        }
        let by_pid = self.0.by_pid.iter().filter_map(|entry| entry.upgrade());
        let by_name = self.0.by_name.iter().filter_map(|entry| entry.upgrade());
        let proxies = by_pid.chain(by_name).map(|proxy| (proxy.head.pid, proxy));
        let mut proxies: Vec<(Pid, Arc<Proxy>)> = proxies.collect();
        // The maps have a different order in each run, and a seed of a simulation is to give one history.
        proxies.sort_unstable_by_key(|(pid, _)| *pid);
        for (_, proxy) in schedule::in_any_order(proxies) {
            run::lost(&*proxy);
        }
    }

    /// The number of processes of the other node that have links or monitors with processes of this node.
    #[must_use]
    pub fn proxies(&self) -> usize {
        self.0.by_pid.len() + self.0.by_name.len()
    }

    /// The number of links between processes of the other node and of this one.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use otp_core::prelude::*;
    /// use otp_core::remote::Carrier;
    /// use otp_core::{MonitorRef, Target};
    ///
    /// struct Cable;
    /// #
    /// # impl Carrier for Cable {
    /// #     fn link(&self, _: Pid, _: Pid) {}
    /// #     fn unlink(&self, _: Pid, _: Pid) {}
    /// #     fn linked_exit(&self, _: Pid, _: Pid, _: &ExitReason) {}
    /// #     fn exit(&self, _: Pid, _: Pid, _: &ExitReason) {}
    /// #     fn monitor(&self, _: Pid, _: &Target, _: MonitorRef) {}
    /// #     fn demonitor(&self, _: Pid, _: &Target, _: MonitorRef) {}
    /// #     fn down(&self, _: &Target, _: Pid, _: MonitorRef, _: &ExitReason) {}
    /// # }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let node = Node::new();
    /// let there = node.connect(Arc::new(Cable));
    /// let cook = there.pid(7).expect("a pid of the other node");
    /// let waiter = node.spawn(|_: Mailbox<Never>| std::future::pending::<()>());
    /// there.link(cook, waiter.pid());
    /// assert_eq!(there.links(), 1);
    /// # }
    /// ```
    #[must_use]
    pub fn links(&self) -> usize {
        let by_pid = self.0.by_pid.iter().filter_map(|entry| entry.upgrade());
        let proxies: Vec<Arc<Proxy>> = by_pid.collect();
        let count = |proxy: &Arc<Proxy>| proxy.head.ties.with(|ties| ties.links().count());
        proxies.iter().map(count).sum()
    }

    /// The process of this node with this pid.
    fn local(&self, pid: Pid) -> Option<Arc<dyn Process>> {
        self.0.node.upgrade()?.find(pid)
    }

    fn proxy(&self, pid: Pid) -> Option<Arc<dyn Process>> {
        self.0.proxy(pid.id())
    }

    /// The proxy, if there is one.
    fn known(&self, pid: Pid) -> Option<Arc<dyn Process>> {
        let proxy = self.0.by_pid.get(&pid.id())?.upgrade()?;
        Some(proxy)
    }

    fn known_name(&self, name: &str) -> Option<Arc<dyn Process>> {
        let proxy = self.0.by_name.get(name)?.upgrade()?;
        Some(proxy)
    }
}

impl PartialEq for RemoteNode {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for RemoteNode {}

impl Hash for RemoteNode {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.id().hash(state);
    }
}

unwind_safe!(RemoteNode);

impl fmt::Debug for RemoteNode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RemoteNode")
            .field("id", &self.0.id)
            .field("proxies", &self.proxies())
            .finish()
    }
}

impl RemoteInner {
    fn proxy(self: &Arc<Self>, id: u64) -> Option<Arc<dyn Process>> {
        let node = self.node.upgrade()?;
        let pid = Pid::of(self.id, id)?;
        let _section = Section::enter();
        self.enter(self.by_pid.entry(id), || Proxy::new(&node, self, pid, None))
    }

    fn named(self: &Arc<Self>, name: &str) -> Option<Arc<dyn Process>> {
        let node = self.node.upgrade()?;
        let name: Cow<'static, str> = name.to_owned().into();
        let number = self.names.fetch_sub(1, Ordering::Relaxed);
        let pid = Pid::of(self.id, number)?;
        let _section = Section::enter();
        self.enter(self.by_name.entry(name.clone()), || {
            Proxy::new(&node, self, pid, Some(name))
        })
    }

    /// The proxy at this place, made if there is none, unless the node is lost.
    fn enter<K: Eq + Hash>(
        &self,
        entry: Entry<'_, K, Weak<Proxy>>,
        make: impl FnOnce() -> Arc<Proxy>,
    ) -> Option<Arc<dyn Process>> {
        if self.lost.load(Ordering::SeqCst) {
            return None;
        }
        let known = match &entry {
            Entry::Occupied(known) => known.get().upgrade(),
            Entry::Vacant(_) => None,
        };
        match known {
            Some(proxy) => Some(proxy),
            None => {
                let proxy = make();
                entry.insert(Arc::downgrade(&proxy));
                Some(proxy)
            }
        }
    }
}

impl Connected {
    pub(crate) fn get(&self, id: NodeId) -> Option<RemoteNode> {
        Some(RemoteNode(self.0.get(&id.0)?.clone()))
    }

    pub(crate) fn has(&self, id: NodeId) -> bool {
        self.0.contains_key(&id.0)
    }
}

/// Carries nothing: no process is linked with one of an ended node.
struct Nowhere;

impl Carrier for Nowhere {
    fn link(&self, _: Pid, _: Pid) {}
    fn unlink(&self, _: Pid, _: Pid) {}
    fn linked_exit(&self, _: Pid, _: Pid, _: &ExitReason) {}
    fn exit(&self, _: Pid, _: Pid, _: &ExitReason) {}
    fn monitor(&self, _: Pid, _: &Target, _: MonitorRef) {}
    fn demonitor(&self, _: Pid, _: &Target, _: MonitorRef) {}
    fn down(&self, _: &Target, _: Pid, _: MonitorRef, _: &ExitReason) {}
}

impl Remotes for Connected {
    fn find(&self, pid: Pid) -> Option<Arc<dyn Process>> {
        let remote = self.0.get(&pid.node().0)?.clone();
        remote.proxy(pid.id())
    }

    fn named(&self, name: &RemoteName) -> Option<Arc<dyn Process>> {
        let remote = self.0.get(&name.node.0)?.clone();
        remote.named(&name.name)
    }
}

impl Proxy {
    fn new(
        node: &Node,
        remote: &Arc<RemoteInner>,
        pid: Pid,
        name: Option<Cow<'static, str>>,
    ) -> Arc<Self> {
        Arc::new(Self {
            head: Head::of_proxy(node.clone(), pid),
            remote: remote.clone(),
            name,
        })
    }
}

/// No process of this node refers to that process any more.
impl Drop for Proxy {
    fn drop(&mut self) {
        let gone = |held: &Weak<Self>| held.strong_count() == 0;
        match &self.name {
            None => drop(
                self.remote
                    .by_pid
                    .remove_if(&self.head.pid.id(), |_, held| gone(held)),
            ),
            Some(name) => drop(self.remote.by_name.remove_if(name, |_, held| gone(held))),
        }
    }
}

/// A proxy has no mailbox and no task: its signals leave through the carrier.
impl Process for Proxy {
    fn head(&self) -> &Head {
        &self.head
    }

    fn carrier(&self) -> Option<&dyn Carrier> {
        Some(&*self.remote.carrier)
    }

    fn far_name(&self) -> Option<Name> {
        let name = self.name.clone()?;
        let node = self.remote.id;
        Some(Name::Remote(RemoteName { name, node }))
    }

    fn append_signal(&self, signal: Signal) -> Result<Option<Waker>, Signal> {
        Err(signal)
    }

    fn attach(&self, _: &Waker) {}

    fn waker(&self) -> Option<Waker> {
        None
    }

    fn is_woken_by(&self, _: &Waker) -> bool {
        false
    }

    fn close(&self) {}

    fn seal(&self) {}

    fn discard(&self) {}

    fn queued(&self) -> usize {
        0
    }

    fn lost(&self) -> u64 {
        0
    }

    fn flush_down(&self, _: MonitorRef) -> bool {
        false
    }

    fn flush_exit(&self, _: Pid) -> bool {
        false
    }
}
