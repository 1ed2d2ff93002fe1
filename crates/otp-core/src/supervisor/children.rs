//! The children of a supervisor: in the order of their start, by id, and by pid.

use std::collections::{BTreeMap, HashMap};

use foldhash::fast::RandomState;

use super::ticket::Ticket;
use crate::child_spec::{ChildId, ChildSpec};
use crate::pid::Pid;

/// Where a child stands in the order of starts. It keeps its place for as long as it is kept at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Place(u64);

#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) spec: ChildSpec,
    pub(crate) state: State,
    /// How often the supervisor has started it again of its own accord.
    pub(crate) restarts: u64,
}

/// What has become of a child.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Running(Pid),
    /// Its last start has failed; this ticket is for the next attempt.
    Restarting(Ticket),
    Stopped,
}

#[derive(Debug, Default)]
pub(crate) struct Children {
    entries: BTreeMap<Place, Entry>,
    by_id: HashMap<ChildId, Place, RandomState>,
    by_pid: HashMap<Pid, Place, RandomState>,
    next: u64,
}

impl Children {
    /// Puts a child that does not run yet behind the others.
    pub(crate) fn add(&mut self, spec: ChildSpec) -> Place {
        let place = Place(self.next);
        self.next += 1;
        self.by_id.insert(spec.id().clone(), place);
        let entry = Entry {
            spec,
            state: State::Stopped,
            restarts: 0,
        };
        self.entries.insert(place, entry);
        place
    }

    /// Forgets a child.
    pub(crate) fn remove(&mut self, place: Place) {
        self.set(place, State::Stopped);
        if let Some(entry) = self.entries.remove(&place) {
            self.by_id.remove(entry.spec.id());
        }
    }

    pub(crate) fn set(&mut self, place: Place, state: State) {
        let Some(entry) = self.entries.get_mut(&place) else {
            return;
        };
        if let State::Running(pid) = entry.state {
            self.by_pid.remove(&pid);
        }
        if let State::Running(pid) = state {
            self.by_pid.insert(pid, place);
        }
        entry.state = state;
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

    pub(crate) fn by_pid(&self, pid: Pid) -> Option<(Place, &Entry)> {
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
}
