//! The members of a scope's groups, as far as this node knows.

use std::collections::{BTreeMap, HashMap};

use otp_core::Pid;
use otp_etf::Term;

use crate::identity::Life;

/// How many memberships a peer may have.
const MOST: usize = 1 << 20;

/// How many bytes the names of a peer's groups may have together.
const NAMES: usize = 64 << 20;

/// A process of another node: as the cluster calls it, and as this program does.
pub(crate) type Member = (otp_etf::Pid, Pid);

/// Groups, and the members of each in the order of their joining; a process may be in a group several times.
pub(super) type Members<M> = HashMap<Term, Vec<M>>;

/// A change in a group that another node has reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    Joined(Term, Vec<Pid>),
    Left(Term, Vec<Pid>),
}

#[derive(Default)]
pub(super) struct State {
    pub(super) local: Members<Pid>,
    /// The groups of each local member, as often as it is in them: so that the end of one costs nothing for the groups of others.
    groups_of: HashMap<Pid, Vec<Term>>,
    /// The scopes of other nodes, which are told in this order.
    pub(super) peers: BTreeMap<Life, Peer>,
}

pub(super) struct Peer {
    /// The process of the scope on that node.
    pub(super) scope: otp_etf::Pid,
    pub(super) groups: Members<Member>,
    /// The number of these memberships: with a count at each join a peer could keep this node busy.
    held: usize,
    /// The bytes of the groups' names.
    named: usize,
}

/// How many bytes the name of a group has.
fn size(group: &Term) -> usize {
    let mut bytes = Vec::new();
    // What cannot be written has not come from a peer.
    let _written = group.encode_into(&mut bytes);
    bytes.len()
}

impl State {
    /// A process of this node joins a group.
    pub(super) fn join(&mut self, group: &Term, pid: Pid) {
        self.local.entry(group.clone()).or_default().push(pid);
        self.groups_of.entry(pid).or_default().push(group.clone());
    }

    /// Takes one membership of a process of this node away; false if there is none.
    pub(super) fn leave(&mut self, group: &Term, pid: Pid) -> bool {
        if let Some(groups) = self.groups_of.get_mut(&pid)
            && let Some(place) = groups.iter().position(|it| it == group)
        {
            groups.swap_remove(place);
            if groups.is_empty() {
                self.groups_of.remove(&pid);
            }
            self.remove(group, pid);
            return true;
        }
        false
    }

    /// A process of this node has ended. Gives the groups that it has left, each as often as it was there.
    pub(super) fn gone(&mut self, pid: Pid) -> Vec<Term> {
        let left = self.groups_of.remove(&pid).unwrap_or_default();
        for group in &left {
            self.remove(group, pid);
        }
        left
    }

    fn remove(&mut self, group: &Term, pid: Pid) {
        if let Some(members) = self.local.get_mut(group) {
            if let Some(place) = members.iter().position(|member| *member == pid) {
                members.remove(place);
            }
            if members.is_empty() {
                self.local.remove(group);
            }
        }
    }

    /// A scope of another node announces itself. Returns whether it was unknown, and the members that leave, since a
    /// scope that has started again has no members.
    pub(super) fn discovered(&mut self, life: &Life, scope: &otp_etf::Pid) -> (bool, Vec<Change>) {
        if self
            .peers
            .get(life)
            .is_some_and(|peer| peer.scope == *scope)
        {
            return (false, Vec::new());
        }
        let left = self.lost(life);
        let peer = Peer {
            scope: scope.clone(),
            groups: HashMap::new(),
            held: 0,
            named: 0,
        };
        self.peers.insert(life.clone(), peer);
        (true, left)
    }

    /// All members of a scope of another node.
    pub(super) fn synced(
        &mut self,
        life: &Life,
        scope: &otp_etf::Pid,
        mut groups: Members<Member>,
    ) -> Vec<Change> {
        groups.retain(|_, members| !members.is_empty());
        let held = groups.values().map(Vec::len).sum();
        let named = groups.keys().map(size).sum();
        if held > MOST || named > NAMES {
            return Vec::new();
        }
        let (_, mut changes) = self.discovered(life, scope);
        let Some(peer) = self.peers.get_mut(life) else {
            return changes;
        };
        (peer.held, peer.named) = (held, named);
        let former = std::mem::replace(&mut peer.groups, groups);
        for (group, before) in &former {
            let now = peer.groups.get(group).map_or(&[][..], Vec::as_slice);
            let left = without(before, now);
            if !left.is_empty() {
                changes.push(Change::Left(group.clone(), left));
            }
        }
        for (group, now) in &peer.groups {
            let before = former.get(group).map_or(&[][..], Vec::as_slice);
            let joined = without(now, before);
            if !joined.is_empty() {
                changes.push(Change::Joined(group.clone(), joined));
            }
        }
        changes
    }

    pub(super) fn joined(
        &mut self,
        life: &Life,
        group: &Term,
        members: Vec<Member>,
    ) -> Option<Change> {
        let peer = self.peers.get_mut(life)?;
        let named = match peer.groups.contains_key(group) {
            true => peer.named,
            false => peer.named + size(group),
        };
        if members.is_empty() || peer.held + members.len() > MOST || named > NAMES {
            return None;
        }
        peer.held += members.len();
        peer.named = named;
        let joined = members.iter().map(|(_, pid)| *pid).collect();
        peer.groups
            .entry(group.clone())
            .or_default()
            .extend(members);
        Some(Change::Joined(group.clone(), joined))
    }

    /// Each leaves each group once.
    pub(super) fn left(
        &mut self,
        life: &Life,
        pids: &[otp_etf::Pid],
        groups: &[Term],
    ) -> Vec<Change> {
        let Some(peer) = self.peers.get_mut(life) else {
            return Vec::new();
        };
        let mut pids: Vec<&otp_etf::Pid> = pids.iter().collect();
        pids.sort_unstable();
        // A group is looked through once, however often it is there and however many leave it.
        let mut times: HashMap<&Term, usize> = HashMap::new();
        groups
            .iter()
            .for_each(|group| *times.entry(group).or_default() += 1);
        let mut changes = Vec::new();
        for group in groups {
            let (Some(times), Some(members)) = (times.remove(group), peer.groups.get_mut(group))
            else {
                continue;
            };
            let (mut gone, mut left) = (HashMap::new(), Vec::new());
            members.retain(|(member, pid)| {
                let first = pids.partition_point(|it| *it < member);
                let count = pids.partition_point(|it| *it <= member) - first;
                if count == 0 {
                    return true;
                }
                let gone: &mut usize = gone.entry(first).or_default();
                let stays = *gone == count * times;
                if !stays {
                    *gone += 1;
                    left.push(*pid);
                }
                stays
            });
            if members.is_empty() {
                peer.groups.remove(group);
                peer.named -= size(group);
            }
            peer.held -= left.len();
            if !left.is_empty() {
                changes.push(Change::Left(group.clone(), left));
            }
        }
        changes
    }

    /// A node is lost, or its scope has ended.
    pub(super) fn lost(&mut self, life: &Life) -> Vec<Change> {
        let lost = self.peers.remove(life);
        let groups = lost.into_iter().flat_map(|peer| peer.groups);
        let left = |(group, members): (Term, Vec<Member>)| {
            Change::Left(group, members.into_iter().map(|(_, pid)| pid).collect())
        };
        groups.map(left).collect()
    }

    /// All members on other nodes, as if they had just joined.
    pub(super) fn remote(&self) -> Vec<Change> {
        let groups = self.peers.values().flat_map(|peer| &peer.groups);
        let joined = |(group, members): (&Term, &Vec<Member>)| {
            Change::Joined(group.clone(), members.iter().map(|(_, pid)| *pid).collect())
        };
        groups.map(joined).collect()
    }
}

/// Those of the first that are not among the second, each counted as often as it is there.
fn without(these: &[Member], those: &[Member]) -> Vec<Pid> {
    let mut counts: HashMap<&otp_etf::Pid, usize> = HashMap::new();
    for (pid, _) in those {
        *counts.entry(pid).or_default() += 1;
    }
    let is_extra = |(pid, _): &&Member| match counts.get_mut(pid) {
        Some(count) if *count > 0 => {
            *count -= 1;
            false
        }
        _ => true,
    };
    these.iter().filter(is_extra).map(|(_, pid)| *pid).collect()
}

#[cfg(test)]
mod tests {
    use otp_core::Pid;
    use otp_etf::{Atom, Binary, Term};
    use proptest::prelude::*;
    use std::collections::HashMap;

    use super::{Change, Member, NAMES, State, size};
    use crate::identity::Life;

    fn life() -> Life {
        Life {
            name: Atom::constant("b@127.0.0.1"),
            creation: 7,
        }
    }

    fn member(id: u64) -> Member {
        let pid: Pid = format!("<9.{id}.0>").parse().expect("it is a pid");
        (life().pid(id), pid)
    }

    fn group(number: u8) -> Term {
        Term::from(i64::from(number))
    }

    /// Applies changes as a listener does; false if one leaves that was not there.
    fn follow(known: &mut HashMap<Term, Vec<Pid>>, changes: Vec<Change>) -> bool {
        changes.into_iter().all(|change| match change {
            Change::Joined(group, pids) => {
                known.entry(group).or_default().extend(pids);
                true
            }
            Change::Left(group, pids) => pids.iter().all(|pid| {
                let members = known.entry(group.clone()).or_default();
                let place = members.iter().position(|member| member == pid);
                place.map(|place| members.remove(place)).is_some()
            }),
        })
    }

    #[derive(Debug, Clone)]
    enum Said {
        Discover(u64),
        Sync(u64, Vec<(u8, Vec<u64>)>),
        Join(u8, Vec<u64>),
        Leave(Vec<u64>, Vec<u8>),
        Lost,
    }

    fn said() -> impl Strategy<Value = Said> {
        let ids = || prop::collection::vec(1_u64..5, 0..4);
        let groups = prop::collection::vec((0_u8..3, ids()), 0..3);
        prop_oneof![
            (90_u64..92).prop_map(Said::Discover),
            (90_u64..92, groups).prop_map(|(scope, groups)| Said::Sync(scope, groups)),
            (0_u8..3, ids()).prop_map(|(group, ids)| Said::Join(group, ids)),
            (ids(), prop::collection::vec(0_u8..3, 0..3))
                .prop_map(|(ids, groups)| Said::Leave(ids, groups)),
            Just(Said::Lost),
        ]
    }

    // DST-024, THR-006
    #[test]
    fn many_leave_in_one_step_and_names_have_a_limit() {
        const MANY: u64 = 10_000;
        let mut state = State::default();
        let (scope, of) = (life().pid(90), life());
        state.discovered(&of, &scope);
        let all: Vec<Member> = (1..=MANY).chain(1..=MANY).map(member).collect();
        state
            .joined(&of, &group(1), all.clone())
            .expect("there is room");
        let pids: Vec<_> = all.into_iter().map(|(pid, _)| pid).collect();
        // In a moment, and not in hours.
        let changes = state.left(&of, &pids, &vec![group(1); 10_000]);
        assert!(matches!(&changes[..], [Change::Left(_, left)] if left.len() == pids.len()));
        let large = |number| Term::from(Binary::from(vec![number; NAMES / 2]));
        let mut join = |number| state.joined(&of, &large(number), vec![member(1)]).is_some();
        assert_eq!([join(1), join(1), join(2)], [true, true, false]);
        state.left(&of, &[member(1).0, member(1).0], &[large(1)]);
        assert!(state.joined(&of, &large(2), vec![member(1)]).is_some());
    }

    proptest! {
        // DST-024
        /// Whatever a peer sends, a listener of the changes has the same members as the state.
        #[test]
        fn who_follows_the_changes_knows_the_members(all in prop::collection::vec(said(), 0..40)) {
            let (mut state, mut known) = (State::default(), HashMap::new());
            let members = |ids: &[u64]| ids.iter().map(|id| member(*id)).collect::<Vec<_>>();
            for said in all {
                let changes = match said {
                    Said::Discover(scope) => state.discovered(&life(), &life().pid(scope)).1,
                    Said::Sync(scope, groups) => {
                        let groups = groups.iter().map(|(of, ids)| (group(*of), members(ids)));
                        state.synced(&life(), &life().pid(scope), groups.collect())
                    }
                    Said::Join(of, ids) => {
                        let change = state.joined(&life(), &group(of), members(&ids));
                        change.into_iter().collect()
                    }
                    Said::Leave(ids, groups) => {
                        let pids: Vec<_> = ids.iter().map(|id| member(*id).0).collect();
                        let groups: Vec<_> = groups.iter().map(|of| group(*of)).collect();
                        state.left(&life(), &pids, &groups)
                    }
                    Said::Lost => state.lost(&life()),
                };
                prop_assert!(follow(&mut known, changes));
                known.retain(|_, members| !members.is_empty());
                let mut expected = HashMap::new();
                prop_assert!(follow(&mut expected, state.remote()));
                let held = state.peers.values().map(|peer| peer.held).sum::<usize>();
                prop_assert_eq!(held, expected.values().map(Vec::len).sum::<usize>());
                let named = state.peers.values().map(|peer| peer.named).sum::<usize>();
                prop_assert_eq!(named, expected.keys().map(size).sum::<usize>());
                for members in known.values_mut().chain(expected.values_mut()) {
                    members.sort_unstable();
                }
                prop_assert_eq!(&known, &expected);
            }
        }
    }
}
