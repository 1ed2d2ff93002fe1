//! Which process has which name, as one node knows.

use std::collections::{BTreeSet, HashMap};

use otp_core::Pid;
use otp_etf::Atom;

/// The holder of a name. The least of all holders keeps it, on every node: the oldest, and of two with the same age the
/// one whose node has the lesser name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Holder {
    /// Microseconds since 1970, by the clock of its node.
    pub(super) since: u64,
    pub(super) node: Atom,
    pub(super) pid: Pid,
}

/// A holder of this node whose name an older one of another node has.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Conflict {
    pub(super) key: String,
    pub(super) loser: Holder,
    pub(super) winner: Pid,
}

#[derive(Default)]
pub(super) struct Names {
    names: HashMap<String, Entry>,
}

/// An entry without anything in it is removed.
#[derive(Default)]
struct Entry {
    local: Option<Holder>,
    /// More than one while others have not heard of each other.
    remote: BTreeSet<Holder>,
}

impl Entry {
    fn first(&self) -> Option<&Holder> {
        let remote = self.remote.first();
        self.local.iter().chain(remote).min()
    }
}

impl Names {
    /// The process that has the name.
    pub(super) fn get(&self, key: &str) -> Option<Pid> {
        Some(self.names.get(key)?.first()?.pid)
    }

    /// All names, sorted.
    pub(super) fn keys(&self) -> Vec<String> {
        let mut keys: Vec<String> = self.names.keys().cloned().collect();
        keys.sort_unstable();
        keys
    }

    /// A process of this node gets a name, unless another one has it. Holders of this node that have ended do not
    /// count.
    pub(super) fn register(
        &mut self,
        key: &str,
        holder: Holder,
        is_alive: impl FnOnce(Pid) -> bool,
    ) -> Result<(), Pid> {
        let entry = self.names.entry(key.to_owned()).or_default();
        entry.local = entry.local.take().filter(|local| is_alive(local.pid));
        if let Some(first) = entry.first() {
            return Err(first.pid);
        }
        entry.local = Some(holder);
        Ok(())
    }

    /// Takes a name back from a process of this node.
    pub(super) fn unregister(&mut self, key: &str, pid: Pid) -> Option<Holder> {
        let local = &mut self.names.get_mut(key)?.local;
        let holder = local.take_if(|local| local.pid == pid)?;
        self.tidy(key);
        Some(holder)
    }

    /// A process of another node has a name, too. If it is older than one of this node, that one has lost it.
    pub(super) fn joined(&mut self, key: &str, holder: Holder) -> Option<Conflict> {
        let entry = self.names.entry(key.to_owned()).or_default();
        let loser = entry.local.take_if(|local| holder < *local);
        let winner = holder.pid;
        entry.remote.insert(holder);
        loser.map(|loser| Conflict {
            key: key.to_owned(),
            loser,
            winner,
        })
    }

    pub(super) fn left(&mut self, key: &str, holder: &Holder) {
        if let Some(entry) = self.names.get_mut(key) {
            entry.remote.remove(holder);
            self.tidy(key);
        }
    }

    fn tidy(&mut self, key: &str) {
        if self.get(key).is_none() {
            self.names.remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use otp_core::{Mailbox, Never, Node, Pid};
    use otp_etf::Atom;

    use super::{Holder, Names};

    fn holder(since: u64, node: &'static str, pid: Pid) -> Holder {
        let node = Atom::constant(node);
        Holder { since, node, pid }
    }

    // DST-030
    #[tokio::test]
    async fn of_two_the_older_keeps_the_name_on_both_nodes() {
        let node = Node::new();
        let process = || {
            node.spawn(|_: Mailbox<Never>| std::future::pending::<()>())
                .pid()
        };
        let (a, b) = (process(), process());
        for (age, of_b) in [(1, 2), (2, 1), (1, 1)] {
            let (on_a, on_b) = (holder(age, "a", a), holder(of_b, "b", b));
            let [mut first, mut second] = [Names::default(), Names::default()];
            assert_eq!(first.register("key", on_a.clone(), |_| true), Ok(()));
            assert_eq!(second.register("key", on_b.clone(), |_| true), Ok(()));
            let lost = [
                first.joined("key", on_b.clone()),
                second.joined("key", on_a.clone()),
            ];
            // The message to both when the loser leaves.
            let (winner, conflict) = match lost {
                [Some(conflict), None] => {
                    second.left("key", &on_a);
                    (on_b, conflict)
                }
                [None, Some(conflict)] => {
                    first.left("key", &on_b);
                    (on_a, conflict)
                }
                both => panic!("{both:?}"),
            };
            assert!(winner < conflict.loser);
            assert_eq!(conflict.winner, winner.pid);
            for names in [&first, &second] {
                assert_eq!(names.get("key"), Some(winner.pid));
            }
        }
    }

    // DST-030
    #[tokio::test]
    async fn nothing_is_left_of_a_name_that_nobody_has() {
        let node = Node::new();
        let pid = node
            .spawn(|_: Mailbox<Never>| std::future::pending::<()>())
            .pid();
        let mut names = Names::default();
        let (here, there) = (holder(1, "a", pid), holder(2, "b", pid));
        assert_eq!(names.register("key", here.clone(), |_| true), Ok(()));
        assert_eq!(names.register("key", here.clone(), |_| true), Err(pid));
        // Its holder has ended.
        assert_eq!(names.register("key", here.clone(), |_| false), Ok(()));
        assert_eq!(names.joined("key", there.clone()), None);
        assert_eq!(names.unregister("other", pid), None);
        assert_eq!(names.unregister("key", pid), Some(here.clone()));
        assert_eq!(names.register("key", here, |_| true), Err(pid));
        names.left("key", &there);
        assert_eq!(names.get("key"), None);
        assert_eq!(names.names.len(), 0);
    }
}
