//! The members of all groups, for anyone to read.

use std::borrow::{Borrow, Cow};
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use dashmap::DashMap;
use foldhash::fast::RandomState;

use crate::pid::Pid;
use crate::process::block::Process;
use crate::registry::running::Running;

/// What all handles of a scope share with its process, which alone makes changes.
pub(crate) struct Groups<G> {
    pub(crate) name: Cow<'static, str>,
    pub(crate) running: Running,
    members: DashMap<G, Vec<Arc<dyn Process>>, RandomState>,
}

impl<G: Eq + Hash + Clone> Groups<G> {
    pub(crate) fn new(name: Cow<'static, str>) -> Self {
        Self {
            name,
            running: Running::default(),
            members: DashMap::default(),
        }
    }

    pub(crate) fn clear(&self) {
        self.members.clear();
    }

    /// Adds members to a group, all at once.
    pub(crate) fn add(&self, group: G, members: Vec<Arc<dyn Process>>) {
        self.members.entry(group).or_default().extend(members);
    }

    /// Removes members from a group, each once, the last time that it has joined.
    pub(crate) fn remove(&self, group: &G, left: &[Pid]) {
        if let Some(mut members) = self.members.get_mut(group) {
            for pid in left {
                let last = members.iter().rposition(|it| it.head().pid == *pid);
                last.map(|last| members.remove(last));
            }
        }
        self.members
            .remove_if(group, |_, members| members.is_empty());
    }

    /// The live members of a group.
    pub(crate) fn alive<Q>(&self, group: &Q) -> Vec<Pid>
    where
        G: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let members = self.members.get(group);
        members.map_or_else(Vec::new, |members| {
            members.iter().filter(is_alive).map(pid).collect()
        })
    }

    /// The groups with live members.
    pub(crate) fn names(&self) -> Vec<G> {
        let groups = self.members.iter();
        groups
            .filter(|group| group.iter().any(|member| is_alive(&member)))
            .map(|group| group.key().clone())
            .collect()
    }

    /// The members of a group by what has been made known of them, those who have just ended included.
    pub(crate) fn known(&self, group: &G) -> Vec<Pid> {
        let members = self.members.get(group);
        members.map_or_else(Vec::new, |members| members.iter().map(pid).collect())
    }

    /// As [`known`](Self::known), for all groups.
    pub(crate) fn all_known(&self) -> HashMap<G, Vec<Pid>> {
        let groups = self.members.iter();
        groups
            .map(|group| (group.key().clone(), group.iter().map(pid).collect()))
            .collect()
    }
}

fn pid(process: &Arc<dyn Process>) -> Pid {
    process.head().pid
}

fn is_alive(process: &&Arc<dyn Process>) -> bool {
    !process.head().is_exiting()
}
