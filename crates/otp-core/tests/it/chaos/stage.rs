//! One operation after the other, and what the model says of each.

use otp_core::prelude::*;
use otp_core::{MonitorRef, process};

use super::model::Model;
use super::{CAST, Op};
use crate::puppet::Puppet;

/// A cast of puppets, and the model that says what must become of them.
pub(super) struct Stage {
    node: Node,
    cast: Vec<Puppet>,
    model: Model,
    monitors: Vec<(Puppet, MonitorRef)>,
}

impl Stage {
    pub(super) fn new() -> Self {
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

    pub(super) async fn perform(&mut self, op: Op) {
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
    pub(super) async fn check(&mut self) {
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
