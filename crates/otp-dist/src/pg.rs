//! Process groups over nodes: the protocol of OTP's `pg`, scope `pg`.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use otp_core::{Mailbox, MonitorRef, Pid, Target};
use otp_etf::{Term, TermRef, term, to_bytes_into};
use parking_lot::Mutex;

use crate::channel::Channel;
use crate::connection::Connection;
use crate::core::Core;
use crate::identity::Life;
use crate::wire::control::Control;

/// The name of the scope.
const SCOPE: &str = "pg";

/// How many memberships a peer may have.
const MOST: usize = 1 << 20;

#[derive(Default)]
pub(crate) struct Groups {
    scope: OnceLock<(Pid, otp_core::ProcessRef<Told>)>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The members of this node, in the order of their joining; a process may be in a group several times.
    local: HashMap<Term, Vec<Pid>>,
    /// The scopes of other nodes, and the members there.
    peers: HashMap<Life, Peer>,
}

struct Peer {
    groups: HashMap<Term, Vec<otp_etf::Pid>>,
}

/// What the scope's process is told.
enum Told {
    Joined(Pid),
    Down(Pid),
}

impl Groups {
    /// Starts the process that stands for the scope and watches its members.
    pub(crate) fn start(&self, core: &Arc<Core>) {
        let watching = core.clone();
        let scope = core.node.spawn(async move |mut mailbox: Mailbox<Told>| {
            let mut watched: HashMap<Pid, MonitorRef> = HashMap::new();
            loop {
                match mailbox.receive().await {
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
                        watching.groups.gone(&watching, pid);
                    }
                }
            }
        });
        // Other scopes monitor it.
        core.exposed.pid(&core.node, scope.pid(), None);
        let _already = self.scope.set((scope.pid(), scope));
    }

    pub(crate) fn is_scope(&self, pid: Pid) -> bool {
        self.scope.get().is_some_and(|(scope, _)| *scope == pid)
    }

    fn me(&self, core: &Core) -> Option<otp_etf::Pid> {
        let (scope, _) = self.scope.get()?;
        Some(core.me.pid(scope.id()))
    }

    /// A connection is up: the scope there is asked for its members.
    pub(crate) fn connected(&self, core: &Core, connection: &Connection) {
        if core.config.visible
            && let Some(me) = self.me(core)
        {
            send(&connection.channel, core, &term!({discover, (me)}));
        }
    }

    pub(crate) fn lost(&self, life: &Life) {
        self.state.lock().peers.remove(life);
    }

    pub(crate) fn join(&self, core: &Core, group: Term, pid: Pid) {
        let mut state = self.state.lock();
        state.local.entry(group.clone()).or_default().push(pid);
        if let Some((_, scope)) = self.scope.get() {
            scope.send(Told::Joined(pid));
        }
        self.tell(core, &state, |me| {
            let member = core.me.pid(pid.id());
            term!({join, (me), (group), (member)})
        });
    }

    /// Takes one membership away; false if there is none.
    pub(crate) fn leave(&self, core: &Core, group: &Term, pid: Pid) -> bool {
        let mut state = self.state.lock();
        let Some(members) = state.local.get_mut(group) else {
            return false;
        };
        let Some(place) = members.iter().position(|member| *member == pid) else {
            return false;
        };
        members.remove(place);
        if members.is_empty() {
            state.local.remove(group);
        }
        self.tell(core, &state, |me| {
            let member = core.me.pid(pid.id());
            term!({leave, (me), (member), [(group.clone())]})
        });
        true
    }

    /// A member has ended: it leaves as often as it has joined.
    fn gone(&self, core: &Core, pid: Pid) {
        let mut state = self.state.lock();
        let mut left = Vec::new();
        state.local.retain(|group, members| {
            members.retain(|member| {
                let stays = *member != pid;
                if !stays {
                    left.push(group.clone());
                }
                stays
            });
            !members.is_empty()
        });
        if !left.is_empty() {
            let left = Term::list(left);
            self.tell(core, &state, |me| {
                let member = core.me.pid(pid.id());
                term!({leave, (me), (member), (left)})
            });
        }
    }

    /// Tells all scopes that are known. In the critical section, so that each hears of changes in their order.
    fn tell(&self, core: &Core, state: &State, message: impl FnOnce(Term) -> Term) {
        let Some(me) = self.me(core) else {
            return;
        };
        let message = message(me.into());
        for life in state.peers.keys() {
            if let Some(connection) = core.peers.up(&life.name)
                && connection.channel.peer == *life
            {
                send(&connection.channel, core, &message);
            }
        }
    }

    pub(crate) fn members(&self, core: &Core, group: &Term) -> Vec<otp_etf::Pid> {
        let state = self.state.lock();
        let local = state.local.get(group).into_iter().flatten();
        let mut members: Vec<_> = local.map(|pid| core.me.pid(pid.id())).collect();
        for peer in state.peers.values() {
            members.extend(peer.groups.get(group).into_iter().flatten().cloned());
        }
        members
    }

    /// A message to the scope's name or pid. What is malformed is ignored.
    pub(crate) fn receive(&self, core: &Core, channel: &Channel, message: TermRef<'_>) {
        if core.config.visible
            && let Ok(message) = message.to_term()
            && let Some(parts) = message.as_tuple()
        {
            let _malformed = self.take(core, channel, parts);
        }
    }

    fn take(&self, core: &Core, channel: &Channel, parts: &[Term]) -> Option<()> {
        let parts = match parts {
            [tag, Term::Tuple(sync)] if tag.as_atom()?.as_str() == "$gen_cast" => sync,
            parts => parts,
        };
        let [tag, from, rest @ ..] = parts else {
            return None;
        };
        let life = &channel.peer;
        if !life.has(from.as_pid()?) {
            return None;
        }
        let mut state = self.state.lock();
        match (tag.as_atom()?.as_str(), rest) {
            // Newer ones add a version.
            ("discover", [] | [_]) => {
                let is_known = state.peers.contains_key(life);
                state.peers.entry(life.clone()).or_insert_with(|| Peer {
                    groups: HashMap::new(),
                });
                let me = self.me(core)?;
                let groups = Term::list(state.local.iter().map(|(group, members)| {
                    let members = members.iter().map(|pid| core.me.pid(pid.id()).into());
                    Term::tuple([group.clone(), Term::list(members)])
                }));
                // The one message of the protocol that is a cast.
                let sync = term!({sync, (me.clone()), (groups)});
                send(channel, core, &term!({@"$gen_cast", (sync)}));
                if !is_known {
                    send(channel, core, &term!({discover, (me)}));
                }
            }
            ("sync", [groups]) => {
                let mut synced = HashMap::new();
                for entry in groups.as_list()? {
                    let [group, members] = entry.as_tuple()? else {
                        return None;
                    };
                    synced.insert(group.clone(), pids(members)?);
                }
                state.peers.insert(life.clone(), Peer { groups: synced });
            }
            ("join", [group, members]) => {
                let peer = state.peers.get_mut(life)?;
                let members = pids(members)?;
                let held: usize = peer.groups.values().map(Vec::len).sum();
                if held + members.len() <= MOST {
                    peer.groups
                        .entry(group.clone())
                        .or_default()
                        .extend(members);
                }
            }
            ("leave", [members, groups]) => {
                let peer = state.peers.get_mut(life)?;
                let left = pids(members)?;
                for group in groups.as_list()? {
                    let Some(members) = peer.groups.get_mut(group) else {
                        continue;
                    };
                    for pid in &left {
                        if let Some(place) = members.iter().position(|member| member == pid) {
                            members.remove(place);
                        }
                    }
                    if members.is_empty() {
                        peer.groups.remove(group);
                    }
                }
            }
            _ => {}
        }
        Some(())
    }
}

/// A pid or a list of pids.
fn pids(term: &Term) -> Option<Vec<otp_etf::Pid>> {
    match term {
        Term::Pid(pid) => Some(vec![(**pid).clone()]),
        _ => {
            let members = term.as_list()?.iter();
            members.map(|member| member.as_pid().cloned()).collect()
        }
    }
}

fn send(channel: &Channel, core: &Core, message: &Term) {
    let mut bytes = Vec::new();
    if to_bytes_into(message, &mut bytes).is_ok() {
        let control = Control::RegSend {
            from: core.me.pid(core.kernel.id()),
            to: otp_etf::Atom::constant(SCOPE),
        };
        channel.message(&control, &bytes);
    }
}
