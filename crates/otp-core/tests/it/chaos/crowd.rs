//! Operations without a wait for their end, and what must hold whatever order they come in.

use std::collections::{BTreeMap, HashMap};

use otp_core::prelude::*;
use otp_core::test::Probe;
use otp_core::{Down, MonitorRef, Target, process};

use super::{CAST, Op};
use crate::puppet::{Order, Puppet};

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

/// Puppets whose orders are given without a wait for their end.
pub(super) struct Crowd {
    node: Node,
    cast: Vec<Puppet>,
    events: Probe<Event>,
    watches: HashMap<MonitorRef, Watch>,
    /// Everyone that has ever been here.
    all: BTreeMap<Pid, Puppet>,
}

impl Crowd {
    pub(super) fn new() -> Self {
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

    pub(super) fn perform(&mut self, op: &Op) {
        match *op {
            Op::Link(by, to) => {
                let to = self.cast[to].pid();
                self.cast[by].will(move |mailbox| mailbox.link(to));
            }
            Op::Unlink(by, to) => {
                let to = self.cast[to].pid();
                self.cast[by].will(move |mailbox| mailbox.unlink(to));
            }
            // A process gets no DOWN of itself.
            Op::Monitor(by, to) if by == to => {}
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
            // Twice, as the first time they may still carry out orders, which have their reports at once.
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

    pub(super) async fn check(&mut self) {
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
