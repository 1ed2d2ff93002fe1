//! The children of a supervisor: in the order of their start, by id, and by pid.

use std::collections::{BTreeMap, HashMap};
use std::mem;
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::shutdown::Mortal;
use super::ticket::Ticket;
use super::{ChildCounts, ChildInfo, ChildStatus};
use crate::child_spec::{Child, ChildId, ChildSpec, Shutdown};
use crate::numbered::Numbered;
use crate::pid::Pid;
use crate::process::block::Process;

/// The position of a child in the order of starts. A child keeps its position for as long as it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Place(u64);

/// The children from one place to another, both included.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    first: Place,
    last: Place,
}

impl Span {
    pub(crate) fn one(place: Place) -> Self {
        Self {
            first: place,
            last: place,
        }
    }

    /// Whether it is one child, as nearly always.
    fn is_one(self) -> bool {
        self.first == self.last
    }

    /// Its part in front of a place, unless that is empty.
    pub(crate) fn before(self, place: Place) -> Option<Self> {
        let last = Place(place.0.checked_sub(1)?);
        (self.first <= last).then_some(Self { last, ..self })
    }

    /// Its part behind a place, unless that is empty.
    pub(crate) fn after(self, place: Place) -> Option<Self> {
        let first = Place(place.0 + 1);
        (first <= self.last).then_some(Self { first, ..self })
    }
}

#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) spec: Arc<ChildSpec>,
    pub(crate) state: State,
    /// How often the supervisor has restarted it automatically.
    pub(crate) restarts: u64,
    /// The process as which it ran last, if that has ended by itself. Reports name it until the child runs again.
    pub(crate) former: Option<Pid>,
    /// The process, while it runs. It may have ended when it has to be stopped, with its EXIT still on its way. Then
    /// this holds the reason.
    process: Option<Arc<dyn Process>>,
}

/// The state of a child.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Running(Pid),
    /// Its last start has failed; this ticket is for the next attempt.
    Restarting(Ticket),
    Stopped,
}

impl Entry {
    fn is_alive(&self) -> bool {
        let process = self.process.as_ref();
        process.is_some_and(|process| !process.head().is_exiting())
    }

    /// The supervisor's information on the child.
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
    /// How many restarts there have been, of all children together.
    pub(super) restarted: u64,
}

impl Children {
    /// Puts a child that does not run yet behind the others.
    pub(crate) fn add(&mut self, spec: Arc<ChildSpec>) -> Place {
        let place = Place(self.next);
        self.next += 1;
        self.by_id.insert(spec.id().clone(), place);
        let entry = Entry {
            spec,
            state: State::Stopped,
            restarts: 0,
            former: None,
            process: None,
        };
        self.entries.insert(place, entry);
        place
    }

    /// Forgets a child.
    pub(crate) fn remove(&mut self, place: Place) {
        self.set(place, State::Stopped, None);
        if let Some(entry) = self.entries.remove(&place) {
            self.by_id.remove(entry.spec.id());
        }
    }

    /// A child runs from now on.
    pub(crate) fn run(&mut self, place: Place, pid: Pid, child: &Child) {
        self.set(place, State::Running(pid), child.process().cloned());
        self.by_pid.insert(pid, place);
    }

    /// A child does not run, and there will be another attempt to start it.
    pub(crate) fn put_off(&mut self, place: Place, ticket: Ticket) {
        self.set(place, State::Restarting(ticket), None);
    }

    fn set(&mut self, place: Place, state: State, process: Option<Arc<dyn Process>>) {
        let Some(entry) = self.entries.get_mut(&place) else {
            return;
        };
        entry.process = process;
        if let State::Running(pid) = mem::replace(&mut entry.state, state) {
            entry.former = None;
            self.by_pid.remove(&pid);
        }
    }

    /// The process of a child has ended by itself.
    pub(crate) fn end_by_itself(&mut self, place: Place, pid: Pid) {
        self.end(place);
        if let Some(entry) = self.entries.get_mut(&place) {
            entry.former = Some(pid);
        }
    }

    /// A child that does not run any more is forgotten if it is temporary, and kept if not.
    pub(crate) fn end(&mut self, place: Place) {
        match self.get(place) {
            Some(entry) if entry.spec.is_temporary() => self.remove(place),
            _ => self.set(place, State::Stopped, None),
        }
    }

    pub(crate) fn count_restart(&mut self, place: Place) {
        if let Some(entry) = self.entries.get_mut(&place) {
            entry.restarts += 1;
            self.restarted += 1;
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
        let place = *self.by_pid.get(&pid)?;
        Some((place, self.entries.get(&place)?))
    }

    /// From a child on to the last one.
    pub(crate) fn from(&self, first: Place) -> Option<Span> {
        let (last, _) = self.entries.last_key_value()?;
        Some(Span { first, last: *last })
    }

    pub(crate) fn all(&self) -> Option<Span> {
        self.from(*self.entries.first_key_value()?.0)
    }

    pub(crate) fn first_of(&self, span: Span) -> Option<Place> {
        if span.is_one() {
            return self.get(span.first).map(|_| span.first);
        }
        let mut range = self.entries.range(span.first..=span.last);
        range.next().map(|(place, _)| *place)
    }

    pub(crate) fn last_of(&self, span: Span) -> Option<Place> {
        if span.is_one() {
            return self.first_of(span);
        }
        let mut range = self.entries.range(span.first..=span.last);
        range.next_back().map(|(place, _)| *place)
    }

    /// All, in the order of their start.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &Entry> {
        self.entries.values()
    }

    /// How many there are. A child that has unlinked itself may have ended without being noticed: it is not
    /// counted as active.
    pub(crate) fn count(&self) -> ChildCounts {
        let mut counts = ChildCounts::default();
        for entry in self.iter() {
            counts.add(entry.spec.child_type(), entry.is_alive());
        }
        counts
    }
}

impl Mortal for Entry {
    fn process(&self) -> Option<&Arc<dyn Process>> {
        self.process.as_ref()
    }

    fn shutdown(&self) -> Shutdown {
        self.spec.shutdown_value()
    }
}
