//! Thousands of random operations on links, monitors and lives: nothing is lost and nothing comes
//! twice.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::future::Future;

use otp_core::prelude::*;
use otp_core::test::Probe;
use otp_core::{Down, MonitorRef, Target, process};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::puppet::{Order, Puppet, Seen, boom, down, exit};

const OPERATIONS: usize = 2000;

/// Processes that there are at any time, some of them dead.
const CAST: usize = 40;

/// One operation; processes are places in the cast, monitors are counted from the newest.
#[derive(Debug, Clone)]
enum Op {
    Link(usize, usize),
    Unlink(usize, usize),
    Monitor(usize, usize),
    Demonitor(usize, usize),
    Exit(usize, usize, Why),
    End(usize, Why),
    Trap(usize, bool),
    /// A new process takes the place of this one, if that is dead.
    Replace(usize),
}

#[derive(Debug, Clone, Copy)]
enum Why {
    Normal,
    Shutdown,
    Boom,
    Kill,
}

impl Why {
    fn reason(self) -> ExitReason {
        match self {
            Self::Normal => ExitReason::Normal,
            Self::Shutdown => ExitReason::Shutdown,
            Self::Boom => boom(),
            Self::Kill => ExitReason::Kill,
        }
    }
}

fn op() -> impl Strategy<Value = Op> {
    let one = 0..CAST;
    let two = (0..CAST, 0..CAST);
    let why = prop_oneof![
        4 => Just(Why::Normal),
        2 => Just(Why::Shutdown),
        2 => Just(Why::Boom),
        1 => Just(Why::Kill),
    ];
    prop_oneof![
        6 => two.clone().prop_map(|(a, b)| Op::Link(a, b)),
        3 => two.clone().prop_map(|(a, b)| Op::Unlink(a, b)),
        6 => two.clone().prop_map(|(a, b)| Op::Monitor(a, b)),
        3 => two.clone().prop_map(|(a, n)| Op::Demonitor(a, n)),
        2 => (two, why.clone()).prop_map(|((a, b), why)| Op::Exit(a, b, why)),
        1 => (one.clone(), why).prop_map(|(a, why)| Op::End(a, why)),
        2 => (one.clone(), any::<bool>()).prop_map(|(a, on)| Op::Trap(a, on)),
        6 => one.prop_map(Op::Replace),
    ]
}

fn few_cases() -> ProptestConfig {
    ProptestConfig {
        cases: 2,
        max_shrink_iters: 200,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

fn block_on(mut runtime: tokio::runtime::Builder, test: impl Future<Output = ()>) {
    let runtime = runtime
        .enable_time()
        .build()
        .expect("a runtime can be built");
    runtime.block_on(test);
}

/// What OTP says of processes, links and monitors, without messages, locks or time.
#[derive(Default)]
struct Model {
    processes: BTreeMap<Pid, Modelled>,
}

#[derive(Default)]
struct Modelled {
    dead: Option<ExitReason>,
    traps: bool,
    links: BTreeSet<Pid>,
    monitors: BTreeMap<MonitorRef, Pid>,
    /// What it is to receive and has not been seen to receive.
    due: Vec<Seen>,
}

impl Model {
    fn get(&mut self, pid: Pid) -> &mut Modelled {
        self.processes.entry(pid).or_default()
    }

    fn is_alive(&self, pid: Pid) -> bool {
        self.processes[&pid].dead.is_none()
    }

    fn link(&mut self, by: Pid, to: Pid) {
        if by == to {
            return;
        }
        if self.is_alive(to) {
            self.get(by).links.insert(to);
            self.get(to).links.insert(by);
        } else {
            self.exit(by, to, ExitReason::NoProcess);
        }
    }

    fn unlink(&mut self, by: Pid, to: Pid) {
        self.get(by).links.remove(&to);
        self.get(to).links.remove(&by);
    }

    fn monitor(&mut self, by: Pid, to: Pid, monitor: MonitorRef) {
        if self.is_alive(to) {
            self.get(by).monitors.insert(monitor, to);
        } else {
            self.get(by)
                .due
                .push(down(monitor, to, ExitReason::NoProcess));
        }
    }

    /// An exit signal by hand, from one that is alive or was a moment ago.
    fn signal(&mut self, from: Pid, to: Pid, reason: ExitReason) {
        if !self.is_alive(to) {
            return;
        }
        match reason {
            ExitReason::Kill => self.die(to, &ExitReason::Killed),
            ExitReason::Normal if from == to && !self.get(to).traps => self.die(to, &reason),
            reason => self.exit(to, from, reason),
        }
    }

    fn exit(&mut self, to: Pid, from: Pid, reason: ExitReason) {
        let target = self.get(to);
        if target.dead.is_some() {
            return;
        }
        if target.traps {
            target.due.push(exit(from, reason));
        } else if reason != ExitReason::Normal {
            self.die(to, &reason);
        }
    }

    fn die(&mut self, pid: Pid, reason: &ExitReason) {
        let dying = self.get(pid);
        dying.dead = Some(reason.clone());
        dying.monitors.clear();
        let links = std::mem::take(&mut dying.links);
        for watcher in self.processes.values_mut() {
            let fired: Vec<MonitorRef> = watcher
                .monitors
                .iter()
                .filter(|(_, target)| **target == pid)
                .map(|(monitor, _)| *monitor)
                .collect();
            for monitor in fired {
                watcher.monitors.remove(&monitor);
                watcher.due.push(down(monitor, pid, reason.clone()));
            }
        }
        for linked in links {
            self.get(linked).links.remove(&pid);
            self.exit(linked, pid, reason.clone());
        }
    }
}

/// A cast of puppets, and the model that says what must become of them.
struct Stage {
    node: Node,
    cast: Vec<Puppet>,
    model: Model,
    monitors: Vec<(Puppet, MonitorRef)>,
}

impl Stage {
    fn new() -> Self {
        let node = Node::new();
        let cast: Vec<Puppet> = (0..CAST).map(|_| Puppet::new(&node)).collect();
        let mut model = Model::default();
        for puppet in &cast {
            model.get(puppet.pid());
        }
        Self {
            node,
            cast,
            model,
            monitors: Vec::new(),
        }
    }

    async fn perform(&mut self, op: Op) {
        match op {
            Op::Link(by, to) => {
                if let Some((by, to)) = self.pair(by, to) {
                    self.model.link(by.pid(), to);
                    // Not `links`: it may be the end of `by`.
                    by.will(move |mailbox| mailbox.link(to));
                }
            }
            Op::Unlink(by, to) => {
                if let Some((by, to)) = self.pair(by, to) {
                    self.model.unlink(by.pid(), to);
                    by.unlinks(to).await;
                }
            }
            Op::Monitor(by, to) => {
                if let Some((by, to)) = self.pair(by, to).filter(|(by, to)| by.pid() != *to) {
                    let monitor = by.monitors(to).await;
                    self.model.monitor(by.pid(), to, monitor);
                    self.monitors.push((by, monitor));
                }
            }
            Op::Demonitor(by, newest) => {
                if let Some(at) = self.monitors.len().checked_sub(newest + 1) {
                    let (owner, monitor) = self.monitors[at].clone();
                    // By its owner mostly, but sometimes by one who has no business with it.
                    let by = if by % 4 == 0 {
                        self.cast[by].clone()
                    } else {
                        owner
                    };
                    if by.is_alive() {
                        let active = self.model.get(by.pid()).monitors.remove(&monitor).is_some();
                        assert_eq!(by.demonitors(monitor).await, active);
                    }
                }
            }
            Op::Exit(from, to, why) => {
                if let Some((from, to)) = self.pair(from, to) {
                    self.model.signal(from.pid(), to, why.reason());
                    from.will(move |_| process::exit(to, why.reason()));
                }
            }
            Op::End(puppet, why) => {
                let puppet = self.cast[puppet].clone();
                if puppet.is_alive() {
                    self.model.die(puppet.pid(), &why.reason());
                    puppet.ends(why.reason()).await;
                }
            }
            Op::Trap(puppet, on) => {
                let puppet = self.cast[puppet].clone();
                if puppet.is_alive() {
                    let before = std::mem::replace(&mut self.model.get(puppet.pid()).traps, on);
                    let told = match on {
                        true => puppet.traps_exits().await,
                        false => puppet.does(Mailbox::untrap_exit).await,
                    };
                    assert_eq!(told, before);
                }
            }
            Op::Replace(place) => {
                if !self.cast[place].is_alive() {
                    self.cast[place] = Puppet::new(&self.node);
                    let pid = self.cast[place].pid();
                    self.model.get(pid);
                }
            }
        }
        self.settle().await;
    }

    /// The one that acts, if it is alive, and the one that it acts on, dead or alive.
    fn pair(&self, by: usize, to: usize) -> Option<(Puppet, Pid)> {
        let by = self.cast[by].clone();
        by.is_alive().then(|| (by, self.cast[to].pid()))
    }

    /// Waits until nothing moves any more: each has ended or handled all, as the model says.
    async fn settle(&self) {
        for puppet in &self.cast {
            let modelled = &self.model.processes[&puppet.pid()];
            match &modelled.dead {
                Some(reason) => assert_eq!(puppet.ended().await, *reason),
                None => puppet.does(|_| ()).await,
            }
        }
    }

    /// Compares everything that can be seen.
    async fn check(&mut self) {
        let mut alive: Vec<Pid> = self.cast.iter().map(Puppet::pid).collect();
        alive.retain(|pid| self.model.is_alive(*pid));
        alive.sort_unstable();
        assert_eq!(self.node.processes(), alive);
        for puppet in self.cast.iter().filter(|puppet| puppet.is_alive()) {
            let (pid, info, seen) = (puppet.pid(), puppet.info(), puppet.seen().await);
            let watchers = alive.iter().flat_map(|watcher| {
                let monitors = self.model.processes[watcher].monitors.values();
                monitors.filter(|target| **target == pid).map(|_| *watcher)
            });
            let watchers: Vec<Pid> = watchers.collect();
            let modelled = self.model.get(pid);
            assert_eq!(info.trap_exit, modelled.traps);
            assert_eq!(
                info.links,
                Vec::from_iter(modelled.links.iter().copied()),
                "{pid}"
            );
            let mut monitored: Vec<Pid> = modelled.monitors.values().copied().collect();
            monitored.sort_unstable();
            assert_eq!(info.monitors, monitored, "{pid}");
            assert_eq!(info.monitored_by, watchers, "{pid}");
            let mut due = std::mem::take(&mut modelled.due);
            for seen in seen {
                let at = due.iter().position(|due| *due == seen);
                let at = at.unwrap_or_else(|| panic!("{pid}: {seen:?} is not among {due:?}"));
                due.remove(at);
            }
            assert_eq!(due, [], "{pid} has not received this");
        }
    }
}

proptest! {
    #![proptest_config(few_cases())]

    // LNK-001, LNK-002, LNK-004, LNK-009, MON-001, MON-003, MON-004, MON-005, MON-008, TRP-003: one
    // operation after the other, each compared with what the model says.
    #[test]
    fn random_operations_do_what_a_model_of_otp_does(ops in vec(op(), OPERATIONS)) {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        runtime.start_paused(true);
        block_on(runtime, async {
            let mut stage = Stage::new();
            for some in ops.chunks(10) {
                for op in some {
                    stage.perform(op.clone()).await;
                }
                stage.check().await;
            }
        });
    }

    // MON-011, LNK-008: many operations at a time, on several threads; whatever order they come in,
    // nothing is lost, doubled or half.
    #[test]
    fn random_operations_at_once_lose_and_double_nothing(ops in vec(op(), OPERATIONS)) {
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        runtime.worker_threads(4);
        block_on(runtime, async {
            let mut crowd = Crowd::new();
            for burst in ops.chunks(100) {
                for op in burst {
                    crowd.perform(op);
                }
                crowd.check().await;
            }
        });
    }
}

/// What happens to the monitors of a crowd.
#[derive(Debug)]
enum Event {
    Made(MonitorRef, Pid, Pid),
    Removed(MonitorRef, bool),
    Down(Pid, Down),
}

/// What is known of a monitor so far.
struct Watch {
    by: Pid,
    to: Pid,
    removed: bool,
    told: Vec<ExitReason>,
}

/// A cast of puppets that nobody waits for.
struct Crowd {
    node: Node,
    cast: Vec<Puppet>,
    events: Probe<Event>,
    watches: HashMap<MonitorRef, Watch>,
    /// Everyone that has ever been here.
    all: BTreeMap<Pid, Puppet>,
}

impl Crowd {
    fn new() -> Self {
        let node = Node::new();
        let cast: Vec<Puppet> = (0..CAST).map(|_| Puppet::new(&node)).collect();
        Self {
            node,
            events: Probe::new(),
            watches: HashMap::new(),
            all: cast
                .iter()
                .map(|puppet| (puppet.pid(), puppet.clone()))
                .collect(),
            cast,
        }
    }

    fn perform(&mut self, op: &Op) {
        match *op {
            Op::Link(by, to) => {
                let to = self.cast[to].pid();
                self.cast[by].will(move |mailbox| mailbox.link(to));
            }
            Op::Unlink(by, to) => {
                let to = self.cast[to].pid();
                self.cast[by].will(move |mailbox| mailbox.unlink(to));
            }
            Op::Monitor(by, to) => {
                let (to, events) = (self.cast[to].pid(), self.events.clone());
                self.cast[by].will(move |mailbox| {
                    let (by, told) = (mailbox.pid(), events.clone());
                    let monitor = mailbox.monitor(to, move |down| {
                        told.report(Event::Down(by, down));
                        Order::nothing()
                    });
                    events.report(Event::Made(monitor, by, to));
                });
            }
            Op::Demonitor(by, newest) => {
                // One of those that the last bursts have made.
                let mut known: Vec<&MonitorRef> = self.watches.keys().collect();
                known.sort_unstable();
                if let Some(at) = known.len().checked_sub(newest + 1) {
                    let (monitor, events) = (*known[at], self.events.clone());
                    let owner = self.watches[known[at]].by;
                    let by = if by % 4 == 0 {
                        self.cast[by].pid()
                    } else {
                        owner
                    };
                    self.all[&by].will(move |mailbox| {
                        events.report(Event::Removed(monitor, mailbox.demonitor(monitor)));
                    });
                }
            }
            Op::Exit(from, to, why) => {
                let to = self.cast[to].pid();
                self.cast[from].will(move |_| process::exit(to, why.reason()));
            }
            Op::End(puppet, why) => {
                self.cast[puppet].will(move |_| process::exit_self(why.reason()));
            }
            Op::Trap(puppet, true) => self.cast[puppet].will_trap_exits(),
            Op::Trap(puppet, false) => self.cast[puppet].will(|mailbox| {
                mailbox.untrap_exit();
            }),
            Op::Replace(place) => {
                if !self.cast[place].is_alive() {
                    let puppet = Puppet::new(&self.node);
                    self.all.insert(puppet.pid(), puppet.clone());
                    self.cast[place] = puppet;
                }
            }
        }
    }

    /// Waits until nothing moves any more: each has either ended or handled all that it was sent.
    async fn settle(&self) {
        loop {
            let before = self.alive();
            for puppet in self.all.values().filter(|puppet| !puppet.is_alive()) {
                puppet.ended().await;
            }
            // Twice, as the first time they may still do things that they are told of at once.
            for _ in 0..2 {
                for puppet in self.all.values().filter(|puppet| puppet.is_alive()) {
                    puppet.has_caught_up().await;
                }
            }
            // What one of them has done may have ended another.
            if self.alive() == before {
                return;
            }
        }
    }

    fn alive(&self) -> Vec<Pid> {
        let alive = self.all.values().filter(|puppet| puppet.is_alive());
        alive.map(Puppet::pid).collect()
    }

    async fn check(&mut self) {
        self.settle().await;
        for event in self.events.drain() {
            match event {
                Event::Made(monitor, by, to) => {
                    let watch = self.watches.entry(monitor).or_insert_with(|| Watch {
                        by,
                        to,
                        removed: false,
                        told: Vec::new(),
                    });
                    assert_eq!((watch.by, watch.to), (by, to));
                }
                Event::Removed(monitor, active) => {
                    let watch = self.watches.get_mut(&monitor).expect("it was made before");
                    assert!(
                        !active || (!watch.removed && watch.told.is_empty()),
                        "{monitor}"
                    );
                    watch.removed |= active;
                }
                Event::Down(by, down) => {
                    let watch = self
                        .watches
                        .get_mut(&down.monitor)
                        .expect("it was made before");
                    assert_eq!((watch.by, Target::Pid(watch.to)), (by, down.target));
                    watch.told.push(down.reason);
                }
            }
        }
        let mut monitored: BTreeMap<Pid, Vec<Pid>> = BTreeMap::new();
        for (monitor, watch) in &self.watches {
            let (by, to) = (&self.all[&watch.by], &self.all[&watch.to]);
            if !by.is_alive() {
                continue;
            }
            let down = watch.told.as_slice();
            if watch.removed {
                assert_eq!(down, [], "{monitor} was removed");
            } else if to.is_alive() {
                assert_eq!(down, [], "{monitor}: {} lives", watch.to);
                monitored.entry(watch.by).or_default().push(watch.to);
            } else {
                let real = to.ended().await;
                // `NoProcess` when the monitor came too late.
                assert!(
                    down == [real.clone()] || down == [ExitReason::NoProcess],
                    "{monitor}: {down:?}, not {real:?}"
                );
            }
        }
        for pid in self.alive() {
            let info = self.all[&pid].info();
            for linked in &info.links {
                let other = self.node.process_info(*linked);
                let other =
                    other.unwrap_or_else(|| panic!("{pid} is linked to {linked}, which is dead"));
                assert!(
                    other.links.contains(&pid),
                    "{pid} and {linked}: {:?}",
                    other.links
                );
            }
            let mut watched = monitored.remove(&pid).unwrap_or_default();
            watched.sort_unstable();
            assert_eq!(info.monitors, watched, "{pid}");
            for watcher in &info.monitored_by {
                let other = self.node.process_info(*watcher);
                assert!(
                    other.is_some_and(|other| other.monitors.contains(&pid)),
                    "{pid} {watcher}"
                );
            }
        }
        assert_eq!(self.node.processes(), self.alive());
    }
}
