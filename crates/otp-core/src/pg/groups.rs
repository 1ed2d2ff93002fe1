//! The members of all groups, for anyone to read.

use std::borrow::{Borrow, Cow};
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, OnceLock, Weak};

use crate::pid::Pid;
use crate::process::block::Process;
use crate::process::contents::{Contents, ContentsQuery, ContentsRow, Exhibit};
use crate::process::keyed::{Hashed, Keyed, Right};
use crate::process::sync::PARTS;
use crate::registry::running::Running;

/// The data that the handles of a scope share with its process, which alone changes it.
pub(crate) struct Groups<G> {
    pub(crate) name: Cow<'static, str>,
    pub(crate) running: Running,
    members: Keyed<G, Members>,
    /// Makes the names of groups into text, if others may see them.
    pub(crate) shows: OnceLock<fn(&G) -> String>,
}

type Members = Vec<Arc<dyn Process>>;

impl<G> Groups<G> {
    pub(crate) fn new(name: Cow<'static, str>) -> Self {
        Self {
            name,
            running: Running::default(),
            members: Keyed::new(PARTS),
            shows: OnceLock::new(),
        }
    }

    /// Removes all groups. The caller drops the returned value outside of critical sections.
    pub(crate) fn clear(&self) -> impl Sized + use<G> {
        self.members.clear()
    }
}

impl<G: Eq + Hash + Clone + 'static> Groups<G> {
    pub(crate) fn group(&self, group: G) -> Arc<Hashed<G>> {
        self.members.hashed(group)
    }

    /// Adds members to a group, all at once.
    pub(crate) fn add(&self, group: &Arc<Hashed<G>>, mut joined: Members) {
        self.members.enter(group, |_, members| {
            members.get_or_insert_default().append(&mut joined);
        });
    }

    /// Removes members from a group, each once, the last time that it has joined. Returns those that it had.
    pub(crate) fn remove(&self, group: &G, left: &[Pid]) -> Vec<Pid> {
        let removed = self.members.find(group, Right::Change, |place| {
            let mut removed = Vec::new();
            if let Some(members) = place {
                for pid in left {
                    let last = members.iter().rposition(|it| it.head().pid == *pid);
                    removed.extend(last.map(|last| members.remove(last)));
                }
            }
            let emptied = place.take_if(|members| members.is_empty());
            (removed, emptied)
        });
        let members = removed.iter().flat_map(|(removed, _)| removed);
        members.map(pid).collect()
    }

    /// The live members of a group.
    pub(crate) fn alive<Q>(&self, group: &Q) -> Vec<Pid>
    where
        G: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let alive = self.members.find(group, Right::Look, |members| {
            let members = members.iter().flatten();
            members.filter(is_alive).map(pid).collect()
        });
        alive.unwrap_or_default()
    }

    /// The groups with live members.
    pub(crate) fn names(&self) -> Vec<G> {
        let has_members = |members: &Members| members.iter().any(|member| is_alive(&member));
        let groups = self
            .members
            .pick(|group, members| has_members(members).then(|| group.clone()));
        groups.iter().map(|group| group.key().clone()).collect()
    }

    /// The members of a group as far as they are recorded, including those that have just ended.
    pub(crate) fn known(&self, group: &G) -> Vec<Pid> {
        let known = self.members.find(group, Right::Look, |members| {
            members.iter().flatten().map(pid).collect()
        });
        known.unwrap_or_default()
    }

    /// As [`known`](Self::known), for all groups.
    pub(crate) fn all_known(&self) -> HashMap<G, Vec<Pid>> {
        let groups = self.each().into_iter();
        groups
            .map(|(group, members)| (group.key().clone(), members))
            .collect()
    }

    fn each(&self) -> Vec<(Arc<Hashed<G>>, Vec<Pid>)> {
        let pids = |members: &Members| members.iter().map(pid).collect();
        self.members
            .pick(|group, members| Some((group.clone(), pids(members))))
    }
}

impl<G: Eq + Hash + Clone + Send + Sync + 'static> Exhibit for Weak<Groups<G>> {
    fn contents(&self, query: &ContentsQuery) -> Option<Contents> {
        let groups = self.upgrade()?;
        let shows = groups.shows.get();
        Some(query.pick(|show| {
            for (group, members) in groups.each() {
                show(&|| ContentsRow {
                    key: shows.map(|shows| shows(group.key())),
                    value: None,
                    processes: members.clone(),
                });
            }
        }))
    }
}

fn pid(process: &Arc<dyn Process>) -> Pid {
    process.head().pid
}

fn is_alive(process: &&Arc<dyn Process>) -> bool {
    !process.head().is_exiting()
}
