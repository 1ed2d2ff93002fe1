//! The messages between scopes.

use std::collections::HashMap;
use std::sync::atomic::Ordering;

use otp_etf::{Term, TermRef, term, to_bytes_into};

use super::state::{Change, Member};
use super::{Groups, Told};
use crate::channel::Channel;
use crate::connection::Connection;
use crate::core::Core;
use crate::wire::control::Control;

impl Groups {
    /// The pid of the scope's process, as others know it.
    pub(super) fn me(&self, core: &Core) -> Option<otp_etf::Pid> {
        let (scope, _) = self.scope.get()?;
        Some(core.me.pid(scope.id()))
    }

    pub(super) fn send(&self, channel: &Channel, core: &Core, message: &Term) {
        let mut bytes = Vec::new();
        if let Some(to) = self.atom()
            && to_bytes_into(message, &mut bytes).is_ok()
        {
            let from = core.me.pid(core.kernel.id());
            channel.message(&Control::RegSend { from, to }, bytes);
        }
    }

    /// A message to the scope's name or pid. Malformed messages are ignored.
    pub(crate) fn receive(&self, core: &Core, connection: &Connection, message: TermRef<'_>) {
        if self.shares.load(Ordering::SeqCst)
            && let Ok(message) = message.to_term()
            && let Some(parts) = message.as_tuple()
        {
            let _malformed = self.take(core, connection, parts);
        }
    }

    fn take(&self, core: &Core, connection: &Connection, parts: &[Term]) -> Option<()> {
        let parts = match parts {
            [tag, Term::Tuple(sync)] if tag.as_atom()?.as_str() == "$gen_cast" => sync,
            parts => parts,
        };
        let [tag, from, rest @ ..] = parts else {
            return None;
        };
        let life = &connection.channel.peer;
        let from = from.as_pid()?;
        if !life.has(from) {
            return None;
        }
        let mut shared = self.state.lock();
        let changes: Vec<Change> = match (tag.as_atom()?.as_str(), rest) {
            // Newer ones add a version.
            ("discover", [] | [_]) => {
                let (is_new, changes) = shared.state.discovered(life, from);
                let me = self.me(core)?;
                let groups = Term::list(shared.state.local.iter().map(|(group, members)| {
                    let members = members.iter().map(|pid| core.me.pid(pid.id()).into());
                    Term::tuple([group.clone(), Term::list(members)])
                }));
                // The one message of the protocol that is a cast.
                let sync = term!({sync, (me.clone()), (groups)});
                self.send(&connection.channel, core, &term!({@"$gen_cast", (sync)}));
                if is_new {
                    self.send(&connection.channel, core, &term!({discover, (me)}));
                    self.watch(connection, from);
                }
                changes
            }
            ("sync", [groups]) => {
                let mut synced = HashMap::new();
                for entry in groups.as_list()? {
                    let [group, members] = entry.as_tuple()? else {
                        return None;
                    };
                    synced.insert(group.clone(), members_of(connection, members)?);
                }
                let is_known = shared
                    .state
                    .peers
                    .get(life)
                    .is_some_and(|it| it.scope == *from);
                if !is_known {
                    self.watch(connection, from);
                }
                shared.state.synced(life, from, synced)
            }
            ("join", [group, members]) => {
                let members = members_of(connection, members)?;
                let joined = shared.state.joined(life, group, members);
                joined.into_iter().collect()
            }
            ("leave", [members, groups]) => {
                let left = members_of(connection, members)?;
                let left: Vec<_> = left.into_iter().map(|(pid, _)| pid).collect();
                shared.state.left(life, &left, groups.as_list()?)
            }
            _ => Vec::new(),
        };
        shared.tell(changes);
        Some(())
    }

    /// Lets the scope's process monitor one of another node.
    fn watch(&self, connection: &Connection, scope: &otp_etf::Pid) {
        if let (Some(pid), Some((_, process))) = (connection.from(scope), self.scope.get()) {
            let life = connection.channel.peer.clone();
            process.send(Told::Peer(pid, life, scope.clone()));
        }
    }
}

/// A pid or a list of pids, all of the peer's.
fn members_of(connection: &Connection, term: &Term) -> Option<Vec<Member>> {
    let member = |pid: &otp_etf::Pid| Some((pid.clone(), connection.from(pid)?));
    match term {
        Term::Pid(pid) => Some(vec![member(pid)?]),
        _ => {
            let members = term.as_list()?.iter();
            members.map(|it| member(it.as_pid()?)).collect()
        }
    }
}
