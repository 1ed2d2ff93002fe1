//! The children of a supervisor: in the order of their start, by id, and by pid.

use std::collections::{BTreeMap, HashMap};

use foldhash::fast::RandomState;

use super::ticket::Ticket;
use super::{ChildCounts, ChildInfo, ChildStatus};
use crate::child_spec::{ChildId, ChildSpec};
use crate::pid::Pid;
use crate::pid::numbered::Numbered;

/// Where a child stands in the order of starts. It keeps its place for as long as it is kept at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Place(u64);

#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) spec: ChildSpec,
    pub(crate) state: State,
    /// How often the supervisor has started it again of its own accord.
    pub(crate) restarts: u64,
    /// As what it runs, or ran before the attempts to start it again.
    pid: Option<Pid>,
}

/// What has become of a child.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Running(Pid),
    /// Its last start has failed; this ticket is for the next attempt.
    Restarting(Ticket),
    Stopped,
}

impl Entry {
    /// What the supervisor tells of the child.
    pub(crate) fn info(&self) -> ChildInfo {
        ChildInfo {
            id: Some(self.spec.id().clone()),
            status: match self.state {
                State::Running(pid) => ChildStatus::Running(pid),
                State::Restarting(_) => ChildStatus::Restarting,
                State::Stopped => ChildStatus::Stopped,
            },
            child_type: self.spec.child_type(),
            restart: self.spec.restart_type(),
            restarts: self.restarts,
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct Children {
    entries: BTreeMap<Place, Entry>,
    /// For supervisors whose children have ids that mean something, and so differ.
    by_id: HashMap<ChildId, Place, RandomState>,
    by_pid: HashMap<Pid, Place, Numbered>,
    next: u64,
}

impl Children {
    /// Puts a child that does not run yet behind the others.
    pub(crate) fn add(&mut self, spec: ChildSpec) -> Place {
        let id = spec.id().clone();
        let place = self.add_without_id(spec);
        self.by_id.insert(id, place);
        place
    }

    /// The same, of a child whose id means nothing.
    pub(crate) fn add_without_id(&mut self, spec: ChildSpec) -> Place {
        let place = Place(self.next);
        self.next += 1;
        let entry = Entry {
            spec,
            state: State::Stopped,
            restarts: 0,
            pid: None,
        };
        self.entries.insert(place, entry);
        place
    }

    /// Forgets a child.
    pub(crate) fn remove(&mut self, place: Place) {
        self.set(place, State::Stopped);
        let Some(entry) = self.entries.remove(&place) else {
            return;
        };
        if self.by_id.get(entry.spec.id()) == Some(&place) {
            self.by_id.remove(entry.spec.id());
        }
    }

    pub(crate) fn set(&mut self, place: Place, state: State) {
        let Some(entry) = self.entries.get_mut(&place) else {
            return;
        };
        entry.state = state;
        let pid = match state {
            State::Running(pid) => Some(pid),
            State::Restarting(_) => return,
            State::Stopped => None,
        };
        if let Some(former) = entry.pid {
            self.by_pid.remove(&former);
        }
        entry.pid = pid;
        if let Some(pid) = pid {
            self.by_pid.insert(pid, place);
        }
    }

    /// A child that does not run any more is forgotten if it is temporary, and kept if not.
    pub(crate) fn end(&mut self, place: Place) {
        match self.get(place) {
            Some(entry) if entry.spec.is_temporary() => self.remove(place),
            _ => self.set(place, State::Stopped),
        }
    }

    pub(crate) fn count_restart(&mut self, place: Place) {
        if let Some(entry) = self.entries.get_mut(&place) {
            entry.restarts += 1;
        }
    }

    pub(crate) fn get(&self, place: Place) -> Option<&Entry> {
        self.entries.get(&place)
    }

    pub(crate) fn by_id(&self, id: &ChildId) -> Option<(Place, &Entry)> {
        let place = *self.by_id.get(id)?;
        Some((place, self.entries.get(&place)?))
    }

    /// The child that runs as this process.
    pub(crate) fn by_pid(&self, pid: Pid) -> Option<(Place, &Entry)> {
        let found = self.by_former_pid(pid);
        found.filter(|(_, entry)| entry.state == State::Running(pid))
    }

    /// The child that runs as this process, or that did so before the attempts to start it again.
    pub(crate) fn by_former_pid(&self, pid: Pid) -> Option<(Place, &Entry)> {
        let place = *self.by_pid.get(&pid)?;
        Some((place, self.entries.get(&place)?))
    }

    /// Those from `first` on, in the order of their start.
    pub(crate) fn places_from(&self, first: Place) -> Vec<Place> {
        self.entries
            .range(first..)
            .map(|(place, _)| *place)
            .collect()
    }

    /// All, in the order of their start.
    pub(crate) fn places(&self) -> Vec<Place> {
        self.entries.keys().copied().collect()
    }

    /// All, in the order of their start.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &Entry> {
        self.entries.values()
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// How many there are; `is_alive` is asked of those that run.
    pub(crate) fn count(&self, is_alive: impl Fn(Pid) -> bool) -> ChildCounts {
        let mut counts = ChildCounts::default();
        for entry in self.iter() {
            let is_active = matches!(entry.state, State::Running(pid) if is_alive(pid));
            counts.add(entry.spec.child_type(), is_active);
        }
        counts
    }
}
