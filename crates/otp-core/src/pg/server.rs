//! The process of a scope: it adds and removes members, and sends events to monitors.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use foldhash::fast::RandomState;
use otp_macros::gen_server;

use super::event::{Change, GroupEvent};
use super::groups::Groups;
use crate::exit::ExitReason;
use crate::gen_server::{Context, GenServer, Info, Init, Next, Reply, ReplyTo};
use crate::never::Never;
use crate::node::Node;
use crate::pid::{MonitorRef, Pid};
use crate::process::block::{Entry, Process};
use crate::process::keyed::Hashed;
use crate::process::{self, Down, Target, current, panic};
use crate::timer::Deliver;

pub(crate) enum PgCall<G: Send + 'static> {
    Join(Group<G>, Vec<Pid>, ReplyTo<()>),
    Leave(Group<G>, Vec<Pid>, ReplyTo<bool>),
    Monitor(GroupMonitor<G>, ReplyTo<(MonitorRef, HashMap<G, Vec<Pid>>)>),
    Demonitor(MonitorRef, ReplyTo<bool>),
    JoinRemote(Group<G>, Vec<Pid>, ReplyTo<()>),
    LeaveRemote(Group<G>, Vec<Pid>, ReplyTo<()>),
}

/// A group, as made by its callers: hashing and dropping it happens outside of the server.
pub(crate) type Group<G> = Arc<Hashed<G>>;

/// Whose changes a monitor is about.
pub(crate) enum Watched<G> {
    Group(Group<G>),
    Scope,
}

/// How a process gets the events.
pub(crate) struct GroupMonitor<G> {
    watched: Watched<G>,
    /// The monitor ends with this process. `None` if the process had ended already.
    owner: Option<Pid>,
    tell: Box<dyn FnMut(GroupEvent<G>) + Send>,
}

impl<G> GroupMonitor<G> {
    pub(crate) fn new<M: Send + 'static>(
        watched: Watched<G>,
        to: Option<(Arc<dyn Process>, Deliver<M>)>,
        to_message: impl Fn(GroupEvent<G>) -> M + Send + 'static,
    ) -> Self {
        let (owner, mut send) = to.unzip();
        Self {
            watched,
            owner: owner.map(|owner| owner.head().pid),
            tell: Box::new(move |event| {
                if let Some(send) = &mut send {
                    send(to_message(event), Entry::Limited);
                }
            }),
        }
    }
}

pub(crate) struct PgServer<G: Eq + Hash + Clone> {
    groups: Arc<Groups<G>>,
    pid: Pid,
    members: HashMap<Pid, Member<G>, RandomState>,
    monitors: Vec<Monitor<G>>,
}

/// A process and the groups that it is in, in the order in which it has joined them.
struct Member<G> {
    monitor: MonitorRef,
    joined: Vec<Group<G>>,
}

struct Monitor<G> {
    id: MonitorRef,
    of_owner: MonitorRef,
    tell: GroupMonitor<G>,
}

#[gen_server]
impl<G> GenServer for PgServer<G>
where
    G: Eq + Hash + Clone + Send + Sync + 'static,
{
    type Args = Arc<Groups<G>>;
    type Call = PgCall<G>;

    async fn init(
        groups: Arc<Groups<G>>,
        context: &mut Context<Self>,
    ) -> Result<Init<Self>, ExitReason> {
        process::set_label(format!("process groups {}", groups.name));
        let opened = groups.running.open(&current::process(), || groups.clear());
        Ok(match opened.map(drop) {
            Ok(()) => {
                current::process()
                    .head()
                    .show(Arc::new(Arc::downgrade(&groups)));
                Init::state(Self {
                    groups,
                    pid: context.pid(),
                    members: HashMap::default(),
                    monitors: Vec::new(),
                })
            }
            Err(other) => Init::error(ExitReason::other(format!(
                "scope {} is running already, as {other}",
                groups.name
            ))),
        })
    }

    async fn handle_call(&mut self, call: PgCall<G>, context: &mut Context<Self>) -> Reply<Self> {
        match call {
            PgCall::Join(group, members, from) => {
                self.join(&group, &members, context);
                from.reply(())
            }
            PgCall::Leave(group, members, from) => {
                let left = self.leave(&group, members, context);
                from.reply(left)
            }
            PgCall::Monitor(tell, from) => from.reply(self.monitor(tell, context)),
            PgCall::Demonitor(monitor, from) => {
                let removed = self.monitors.iter().position(|it| it.id == monitor);
                if let Some(at) = removed {
                    let monitor = self.monitors.remove(at);
                    context.demonitor(monitor.of_owner);
                    panic::run_quietly(|| drop(monitor));
                }
                from.reply(removed.is_some())
            }
            PgCall::JoinRemote(group, members, from) => {
                self.join_remote(&group, &members, context.node());
                from.reply(())
            }
            PgCall::LeaveRemote(group, members, from) => {
                let left = self.groups.remove(group.key(), &members);
                if !left.is_empty() {
                    self.tell(&group, &Change::Leave(left));
                }
                from.reply(())
            }
        }
    }

    async fn handle_info(&mut self, info: Info<Never>, _: &mut Context<Self>) -> Next<Self> {
        if let Info::Down(down) = info {
            self.down(&down);
        }
        Next::NoReply
    }
}

impl<G: Eq + Hash + Clone + Send + Sync + 'static> PgServer<G> {
    fn join(&mut self, group: &Group<G>, pids: &[Pid], context: &Context<Self>) {
        let alive: Vec<_> = pids
            .iter()
            .filter_map(|pid| context.node().find(*pid))
            .filter(|process| !process.head().is_exiting())
            .collect();
        if alive.is_empty() {
            return;
        }
        let pids: Vec<Pid> = alive.iter().map(|process| process.head().pid).collect();
        for pid in &pids {
            let member = self.members.entry(*pid).or_insert_with(|| Member {
                monitor: context.monitor(*pid),
                joined: Vec::new(),
            });
            member.joined.push(group.clone());
        }
        self.groups.add(group, alive);
        self.tell(group, &Change::Join(pids));
    }

    /// Members on other nodes have no monitors here: the scope of the other node reports when they leave.
    fn join_remote(&mut self, group: &Group<G>, pids: &[Pid], node: &Node) {
        let connected: Vec<_> = pids
            .iter()
            .filter(|pid| pid.node() != node.id())
            .filter_map(|pid| node.find_anywhere(*pid))
            .collect();
        if connected.is_empty() {
            return;
        }
        let pids = connected.iter().map(|process| process.head().pid).collect();
        self.groups.add(group, connected);
        self.tell(group, &Change::Join(pids));
    }

    /// Returns whether a member has left.
    fn leave(&mut self, group: &Group<G>, mut pids: Vec<Pid>, context: &Context<Self>) -> bool {
        pids.retain(|pid| {
            let Some(member) = self.members.get_mut(pid) else {
                return false;
            };
            let is_left = |joined: &Group<G>| joined.key() == group.key();
            let Some(last) = member.joined.iter().rposition(is_left) else {
                return false;
            };
            member.joined.remove(last);
            if member.joined.is_empty() {
                context.demonitor(member.monitor);
                self.members.remove(pid);
            }
            true
        });
        if pids.is_empty() {
            return false;
        }
        self.groups.remove(group.key(), &pids);
        self.tell(group, &Change::Leave(pids));
        true
    }

    fn monitor(
        &mut self,
        tell: GroupMonitor<G>,
        context: &Context<Self>,
    ) -> (MonitorRef, HashMap<G, Vec<Pid>>) {
        let id = Node::next_monitor();
        let now = match &tell.watched {
            Watched::Scope => self.groups.all_known(),
            Watched::Group(group) => {
                let group = group.key();
                [(group.clone(), self.groups.known(group))].into()
            }
        };
        // A monitor without an owner has ended.
        if let Some(owner) = tell.owner {
            let of_owner = context.monitor(owner);
            self.monitors.push(Monitor { id, of_owner, tell });
        }
        (id, now)
    }

    /// A member has ended, or a process that monitors.
    fn down(&mut self, down: &Down) {
        // The functions that make their messages are the user's.
        panic::drop_each(
            self.monitors
                .extract_if(.., |monitor| monitor.of_owner == down.monitor),
        );
        let Target::Pid(pid) = down.target else {
            return;
        };
        if self.members.get(&pid).map(|member| member.monitor) != Some(down.monitor) {
            return;
        }
        let joined = self.members.remove(&pid).map(|member| member.joined);
        for group in joined.into_iter().flatten().rev() {
            self.groups.remove(group.key(), &[pid]);
            self.tell(&group, &Change::Leave(vec![pid]));
        }
    }

    fn tell(&mut self, group: &Group<G>, change: &Change) {
        for monitor in &mut self.monitors {
            let concerned = match &monitor.tell.watched {
                Watched::Group(watched) => watched.key() == group.key(),
                Watched::Scope => true,
            };
            if concerned {
                // The function that makes the message is the user's code.
                panic::run_quietly(|| {
                    (monitor.tell.tell)(GroupEvent {
                        monitor: monitor.id,
                        group: group.key().clone(),
                        change: change.clone(),
                    });
                });
            }
        }
    }
}

/// However the process ends, before its exit signals.
impl<G: Eq + Hash + Clone> Drop for PgServer<G> {
    fn drop(&mut self) {
        drop(self.groups.running.close(self.pid, || self.groups.clear()));
        panic::drop_each(self.monitors.drain(..));
    }
}
