//! Pids and references of this program as those of the cluster, and back.

use std::num::NonZeroU64;

use otp_core::remote::RemoteNode;
use otp_core::{Node, NodeId};
use otp_etf::{Atom, Reference};
use parking_lot::Mutex;
use std::collections::HashMap;

/// A node and which life of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Life {
    pub(crate) name: Atom,
    pub(crate) creation: u32,
}

impl Life {
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
}

/// The number of a pid; none for the pid that no process has.
pub(crate) fn number(pid: &otp_etf::Pid) -> Option<NonZeroU64> {
    NonZeroU64::new(u64::from(pid.serial) << 32 | u64::from(pid.id))
}

/// How many lives of nodes are remembered that are not connected any more.
const REMEMBERED: usize = 1024;

/// Which node of the cluster each node of the program stands for.
#[derive(Default)]
pub(crate) struct Lives(Mutex<Known>);

#[derive(Default)]
struct Known {
    lives: HashMap<NodeId, Life>,
    /// What stands for lives of other nodes that cannot be reached, and for former lives of this one.
    dead: HashMap<Life, RemoteNode>,
}

impl Lives {
    pub(crate) fn insert(&self, id: NodeId, life: Life) {
        let mut known = self.0.lock();
        if known.lives.len() >= 2 * REMEMBERED {
            // Node numbers grow: the oldest go. Pids of nodes that are connected for so long are looked up by their connection.
            let mut ids: Vec<NodeId> = known.lives.keys().copied().collect();
            ids.sort_unstable();
            for id in &ids[..REMEMBERED] {
                known.lives.remove(id);
            }
        }
        known.lives.insert(id, life);
    }

    pub(crate) fn get(&self, id: NodeId) -> Option<Life> {
        self.0.lock().lives.get(&id).cloned()
    }

    /// A node that stands for a life that cannot be reached: links and monitors of its pids fire at once.
    pub(crate) fn dead(&self, node: &Node, life: &Life) -> RemoteNode {
        self.gone(node, life, RemoteNode::lost)
    }

    /// The same for a former life of this node, of which it knows that it has ended.
    pub(crate) fn ended(&self, node: &Node, life: &Life) -> RemoteNode {
        self.gone(node, life, |_| ())
    }

    fn gone(&self, node: &Node, life: &Life, end: impl FnOnce(&RemoteNode)) -> RemoteNode {
        let known = self.0.lock().dead.get(life).cloned();
        if let Some(gone) = known {
            return gone;
        }
        let gone = node.ended_node();
        end(&gone);
        self.insert(gone.id(), life.clone());
        let mut known = self.0.lock();
        let forgotten = match known.dead.len() < REMEMBERED {
            true => HashMap::new(),
            false => std::mem::take(&mut known.dead),
        };
        known.dead.insert(life.clone(), gone.clone());
        drop(known);
        forgotten.values().for_each(RemoteNode::lost);
        gone
    }
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
