//! The process of a scope: it enters who joins and who leaves, and tells those who want to know.

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
use crate::process::block::Process;
use crate::process::{self, Down, Target, current, panic};
use crate::timer::Deliver;

pub(crate) enum Call<G: Send + 'static> {
    Join(G, Vec<Pid>, ReplyTo<()>),
    Leave(G, Vec<Pid>, ReplyTo<bool>),
    Monitor(Tell<G>, ReplyTo<(MonitorRef, HashMap<G, Vec<Pid>>)>),
    Demonitor(MonitorRef, ReplyTo<bool>),
}

/// Whose changes a monitor is about.
pub(crate) enum Watched<G> {
    Group(G),
    Scope,
}

/// How somebody is told of changes.
pub(crate) struct Tell<G> {
    watched: Watched<G>,
    /// With its end the monitor ends.
    owner: Option<Pid>,
    tell: Box<dyn FnMut(GroupEvent<G>) + Send>,
}

impl<G> Tell<G> {
    pub(crate) fn new<M: Send + 'static>(
        watched: Watched<G>,
        (owner, mut send): (Option<Arc<dyn Process>>, Deliver<M>),
        to_message: impl Fn(GroupEvent<G>) -> M + Send + 'static,
    ) -> Self {
        Self {
            watched,
            owner: owner.map(|owner| owner.head().pid),
            tell: Box::new(move |event| send(to_message(event))),
        }
    }
}

pub(crate) struct Server<G: Eq + Hash + Clone> {
    groups: Arc<Groups<G>>,
    pid: Pid,
    members: HashMap<Pid, Member<G>, RandomState>,
    monitors: Vec<Monitor<G>>,
}

/// A process and the groups that it is in, in the order in which it has joined them.
struct Member<G> {
    monitor: MonitorRef,
    joined: Vec<G>,
}

struct Monitor<G> {
    id: MonitorRef,
    of_owner: Option<MonitorRef>,
    tell: Tell<G>,
}

#[gen_server]
impl<G> GenServer for Server<G>
where
    G: Eq + Hash + Clone + Send + Sync + 'static,
{
    type Args = Arc<Groups<G>>;
    type Call = Call<G>;

    async fn init(
        groups: Arc<Groups<G>>,
        context: &mut Context<Self>,
    ) -> Result<Init<Self>, ExitReason> {
        process::set_label(format!("process groups {}", groups.name));
        let opened = groups.running.open(&current::process(), || groups.clear());
        Ok(match opened {
            Ok(()) => Init::state(Self {
                groups,
                pid: context.pid(),
                members: HashMap::default(),
                monitors: Vec::new(),
            }),
            Err(other) => Init::error(ExitReason::other(format!(
                "scope {} is running already, as {other}",
                groups.name
            ))),
        })
    }

    async fn handle_call(&mut self, call: Call<G>, context: &mut Context<Self>) -> Reply<Self> {
        match call {
            Call::Join(group, members, from) => {
                self.join(&group, &members, context);
                from.reply(())
            }
            Call::Leave(group, members, from) => {
                let left = self.leave(&group, members, context);
                from.reply(left)
            }
            Call::Monitor(tell, from) => from.reply(self.monitor(tell, context)),
            Call::Demonitor(monitor, from) => {
                let mut removed = self.monitors.extract_if(.., |it| it.id == monitor);
                let monitor = removed.next();
                if let Some(of_owner) = monitor.as_ref().and_then(|monitor| monitor.of_owner) {
                    context.demonitor(of_owner);
                }
                from.reply(monitor.is_some())
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

impl<G: Eq + Hash + Clone + Send + Sync + 'static> Server<G> {
    fn join(&mut self, group: &G, pids: &[Pid], context: &Context<Self>) {
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
        self.groups.add(group.clone(), alive);
        self.tell(group, &Change::Join(pids));
    }

    /// Returns whether anybody has left.
    fn leave(&mut self, group: &G, mut pids: Vec<Pid>, context: &Context<Self>) -> bool {
        pids.retain(|pid| {
            let Some(member) = self.members.get_mut(pid) else {
                return false;
            };
            let Some(last) = member.joined.iter().rposition(|joined| joined == group) else {
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
        self.groups.remove(group, &pids);
        self.tell(group, &Change::Leave(pids));
        true
    }

    fn monitor(
        &mut self,
        tell: Tell<G>,
        context: &Context<Self>,
    ) -> (MonitorRef, HashMap<G, Vec<Pid>>) {
        let id = Node::next_monitor();
        let now = match &tell.watched {
            Watched::Scope => self.groups.all_known(),
            Watched::Group(group) => [(group.clone(), self.groups.known(group))].into(),
        };
        let of_owner = tell.owner.map(|owner| context.monitor(owner));
        self.monitors.push(Monitor { id, of_owner, tell });
        (id, now)
    }

    /// A member has ended, or somebody who monitors.
    fn down(&mut self, down: &Down) {
        self.monitors
            .retain(|monitor| monitor.of_owner != Some(down.monitor));
        let Target::Pid(pid) = down.target else {
            return;
        };
        if self.members.get(&pid).map(|member| member.monitor) != Some(down.monitor) {
            return;
        }
        let joined = self.members.remove(&pid).map(|member| member.joined);
        for group in joined.into_iter().flatten().rev() {
            self.groups.remove(&group, &[pid]);
            self.tell(&group, &Change::Leave(vec![pid]));
        }
    }

    fn tell(&mut self, group: &G, change: &Change) {
        for monitor in &mut self.monitors {
            let concerned = match &monitor.tell.watched {
                Watched::Group(watched) => watched == group,
                Watched::Scope => true,
            };
            if concerned {
                let event = GroupEvent {
                    monitor: monitor.id,
                    group: group.clone(),
                    change: change.clone(),
                };
                // What makes a message of it is the user's code.
                panic::run_quietly(|| (monitor.tell.tell)(event));
            }
        }
    }
}

/// However the process ends, before anyone is told.
impl<G: Eq + Hash + Clone> Drop for Server<G> {
    fn drop(&mut self) {
        self.groups.running.close(self.pid, || self.groups.clear());
    }
}
