//! Pids and references of this program as those of the cluster, and back.

use std::collections::HashMap;
use std::num::NonZeroU64;
use std::sync::Arc;

use otp_core::remote::{Carrier, RemoteNode};
use otp_core::{ExitReason, MonitorRef, Node, NodeId, Pid, Target};
use otp_etf::{Atom, Reference};
use parking_lot::Mutex;

use crate::channel::Channel;
use crate::wire::control::Control;

/// A node and which life of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Life {
    pub(crate) name: Atom,
    pub(crate) creation: u32,
}

impl Life {
    /// The creation that stands for the life of a node that could not be reached, of which nothing but the name is known.
    pub(crate) const UNKNOWN: u32 = 0;

    /// Whether it is that of a node that could not be reached.
    fn is_unknown(&self) -> bool {
        self.creation == Self::UNKNOWN
    }

    /// That of a process.
    pub(crate) fn of(pid: &otp_etf::Pid) -> Self {
        Self {
            name: pid.node.clone(),
            creation: pid.creation,
        }
    }

    /// The process with this number there.
    pub(crate) fn pid(&self, id: u64) -> otp_etf::Pid {
        otp_etf::Pid {
            serial: (id >> 32) as u32,
            id: id as u32,
            node: self.name.clone(),
            creation: self.creation,
        }
    }

    pub(crate) fn has(&self, pid: &otp_etf::Pid) -> bool {
        pid.node == self.name && pid.creation == self.creation
    }

    /// The reference that has this number among those of its kind.
    pub(crate) fn reference(&self, kind: Kind, id: u64) -> Reference {
        // Older nodes take 18 bits for the first word.
        let words = [
            (id & 0x3_FFFF) as u32,
            (id >> 18) as u32,
            (id >> 50) as u32 | (kind as u32) << 16,
        ];
        Reference::new(self.name.clone(), self.creation, &words)
            .expect("a reference may have three words")
    }

    /// The number of a reference of this node's.
    pub(crate) fn number(&self, reference: &Reference) -> Option<(Kind, u64)> {
        if *reference.node() != self.name || reference.creation() != self.creation {
            return None;
        }
        let mut words = reference.words();
        let (Some(low), Some(middle), Some(high), None) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            return None;
        };
        let kind = match high >> 16 {
            0 => Kind::Monitor,
            1 => Kind::Call,
            2 => Kind::Table,
            _ => return None,
        };
        let high = u64::from(high & 0xFFFF) << 50;
        Some((kind, u64::from(low) | u64::from(middle) << 18 | high))
    }
}

/// What a reference of this node stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A monitor of otp-core's.
    Monitor = 0,
    /// A call that waits for its answer, or a spawn request.
    Call = 1,
    /// A table.
    Table = 2,
}

/// The number of a pid; none for the pid that no process has.
pub(crate) fn number(pid: &otp_etf::Pid) -> Option<NonZeroU64> {
    NonZeroU64::new(u64::from(pid.serial) << 32 | u64::from(pid.id))
}

/// How many lives of nodes are remembered that are not connected any more.
const REMEMBERED: usize = 1024;

/// Which node of the cluster each node of the program stands for. A life of a node has one number as long as it is remembered, so its
/// pids are equal over several connections.
pub(crate) struct Lives(Mutex<Known>);

struct Known {
    lives: HashMap<NodeId, Life>,
    /// The nodes of the program for all lives of other nodes, and for former lives of this one.
    remotes: HashMap<Life, RemoteNode>,
    /// The connections.
    up: HashMap<Atom, Arc<Channel>>,
    me: Atom,
}

impl Lives {
    /// Begins with the life of this node.
    pub(crate) fn new(id: NodeId, me: &Life) -> Self {
        Self(Mutex::new(Known {
            lives: HashMap::from([(id, me.clone())]),
            remotes: HashMap::new(),
            up: HashMap::new(),
            me: me.name.clone(),
        }))
    }

    /// A life of another node is connected.
    pub(crate) fn connect(&self, node: &Node, channel: &Arc<Channel>) -> RemoteNode {
        let life = &channel.peer;
        let mut known = self.0.lock();
        let remote = match known.remotes.get(life) {
            Some(former) => former.reconnect(channel.clone()),
            None => node.connect(channel.clone()),
        };
        known.up.insert(life.name.clone(), channel.clone());
        for (other, remote) in known.others(life) {
            *remote = remote.reconnect(Arc::new(OtherLife::new(channel, other)));
        }
        known.remember(life, &remote);
        remote
    }

    /// The connection with that life is lost: nothing is known of any life of that node.
    pub(crate) fn lost(&self, life: &Life) {
        let mut known = self.0.lock();
        known.up.remove(&life.name);
        known.others(life).for_each(|(_, remote)| remote.lost());
    }

    pub(crate) fn get(&self, id: NodeId) -> Option<Life> {
        self.0.lock().lives.get(&id).cloned()
    }

    /// What stands for a life, if one of its pids was met.
    pub(crate) fn known(&self, life: &Life) -> Option<RemoteNode> {
        self.0.lock().remotes.get(life).cloned()
    }

    /// The node of the program that stands for a life. If it is not connected, links and monitors of its pids fire at once: with `noproc`
    /// for former lives of this node, else with `noconnection`. If another life of that node is connected, that one is asked, as a BEAM
    /// does it: of two creations nobody knows here which is the later one, and the connection may be one to a node that has ended.
    pub(crate) fn remote(&self, node: &Node, life: &Life) -> RemoteNode {
        let mut known = self.0.lock();
        if let Some(remote) = known.remotes.get(life) {
            return remote.clone();
        }
        let remote = match known.up.get(&life.name) {
            Some(channel) if !life.is_unknown() => {
                node.connect(Arc::new(OtherLife::new(channel, life)))
            }
            _ => {
                let remote = node.ended_node();
                if life.name != known.me {
                    remote.lost();
                }
                remote
            }
        };
        known.remember(life, &remote);
        remote
    }
}

impl Known {
    /// The other lives of a node.
    fn others(&mut self, life: &Life) -> impl Iterator<Item = (&Life, &mut RemoteNode)> {
        let others = self.remotes.iter_mut();
        others.filter(|(it, _)| {
            it.name == life.name && it.creation != life.creation && !it.is_unknown()
        })
    }

    fn remember(&mut self, life: &Life, remote: &RemoteNode) {
        if self.lives.len() >= 2 * REMEMBERED {
            // Node numbers grow: the oldest go. Pids of nodes that are connected for so long are looked up by their connection.
            let mut ids: Vec<NodeId> = self.lives.keys().copied().collect();
            ids.sort_unstable();
            for id in &ids[..REMEMBERED] {
                self.lives.remove(id);
            }
        }
        self.lives.insert(remote.id(), life.clone());
        if self.remotes.len() >= self.up.len() + REMEMBERED {
            let up = &self.up;
            self.remotes.retain(|life, remote| {
                let is_up = up.get(&life.name).is_some_and(|it| it.peer == *life);
                if !is_up {
                    remote.lost();
                }
                is_up
            });
        }
        self.remotes.insert(life.clone(), remote.clone());
    }
}

/// Carries signals to processes of a life that is not the connected one. Whatever is asked of them, the answer is `noproc` or the loss of
/// the connection, so nothing has to be taken back.
struct OtherLife {
    channel: Arc<Channel>,
    life: Life,
}

impl OtherLife {
    fn new(channel: &Arc<Channel>, life: &Life) -> Self {
        Self {
            channel: channel.clone(),
            life: life.clone(),
        }
    }
}

impl Carrier for OtherLife {
    fn node_name(&self) -> Option<String> {
        self.channel.node_name()
    }

    fn link(&self, from: Pid, to: Pid) {
        self.channel.control(&Control::Link {
            from: self.channel.mine(from),
            to: self.life.pid(to.id()),
        });
    }

    fn monitor(&self, watcher: Pid, target: &Target, monitor: MonitorRef) {
        self.channel
            .monitor_in(&self.life, watcher, target, monitor);
    }

    fn unlink(&self, _: Pid, _: Pid) {}
    fn linked_exit(&self, _: Pid, _: Pid, _: &ExitReason) {}
    fn exit(&self, _: Pid, _: Pid, _: &ExitReason) {}
    fn demonitor(&self, _: Pid, _: &Target, _: MonitorRef) {}
    fn down(&self, _: &Target, _: Pid, _: MonitorRef, _: &ExitReason) {}
}

#[cfg(test)]
mod tests {
    use otp_etf::Atom;

    use super::{Kind, Life, number};

    #[test]
    fn numbers_come_back() {
        let life = Life {
            name: Atom::constant("a@b"),
            creation: 7,
        };
        for id in [1, 0x3_FFFF, 0x4_0000, 1 << 32, (1 << 50) - 1, 1 << 60] {
            for kind in [Kind::Monitor, Kind::Call] {
                let reference = life.reference(kind, id);
                assert_eq!(life.number(&reference), Some((kind, id)));
                let other = Life {
                    creation: 8,
                    ..life.clone()
                };
                assert_eq!(other.number(&reference), None);
            }
            assert_eq!(number(&life.pid(id)).map(u64::from), Some(id));
        }
    }
}
