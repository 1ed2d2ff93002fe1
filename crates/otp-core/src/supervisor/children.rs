//! The children of a supervisor: in the order of their start, by id, and by pid.

use std::collections::{BTreeMap, HashMap};
use std::mem;
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::shutdown::Leaving;
use super::ticket::Ticket;
use super::{ChildCounts, ChildInfo, ChildStatus};
use crate::child_spec::{ChildId, ChildSpec};
use crate::pid::Pid;
use crate::process::block::Process;
use crate::util::few::Few;

/// The position of a child in the order of starts. A child keeps its position for as long as it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Position(u64);

/// The children from one place to another, both included.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    first: Position,
    last: Position,
}

impl Span {
    pub(crate) fn one(place: Position) -> Self {
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
    pub(crate) fn before(self, place: Position) -> Option<Self> {
        let last = Position(place.0.checked_sub(1)?);
        (self.first <= last).then_some(Self { last, ..self })
    }

    /// Its part behind a place, unless that is empty.
    pub(crate) fn after(self, place: Position) -> Option<Self> {
        let first = Position(place.0 + 1);
        (first <= self.last).then_some(Self { first, ..self })
    }
}

#[derive(Debug)]
pub(crate) struct ChildEntry {
    pub(crate) spec: Arc<ChildSpec>,
    pub(crate) state: ChildState,
    /// How often the supervisor has restarted it automatically.
    pub(crate) restarts: u64,
    /// The process as which it ran last, if that has ended and the supervisor restarts the child. Reports name it until the child runs again.
    pub(crate) former: Option<Pid>,
    /// The process, while it runs. It may have ended when it has to be stopped, with its EXIT still on its way. Then
    /// this holds the reason.
    process: Option<Arc<dyn Process>>,
}

/// The state of a child.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChildState {
    Running(Pid),
    /// Its last start has failed; this ticket is for the next attempt.
    Restarting(Ticket),
    Stopped,
}

impl ChildEntry {
    fn is_alive(&self) -> bool {
        let process = self.process.as_ref();
        process.is_some_and(|process| !process.head().is_exiting())
    }

    /// The supervisor's information on the child.
    pub(crate) fn info(&self) -> ChildInfo {
        ChildInfo {
            id: Some(self.spec.id().clone()),
            status: match self.state {
                ChildState::Running(pid) => ChildStatus::Running(pid),
                ChildState::Restarting(_) => ChildStatus::Restarting,
                ChildState::Stopped => ChildStatus::Stopped,
            },
            child_type: self.spec.child_type(),
            restart: self.spec.restart_type(),
            restarts: self.restarts,
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct Children {
    entries: BTreeMap<Position, ChildEntry>,
    /// For supervisors whose children have ids that mean something, and so differ.
    by_id: HashMap<ChildId, Position, RandomState>,
    by_pid: Few<Pid, Position>,
    next: u64,
    /// How many restarts there have been, of all children together.
    pub(super) restarted: u64,
}

const KEPT: &str = "a child whose start or stop is not over is kept";

impl Children {
    /// Puts a child that does not run yet behind the others.
    pub(crate) fn add(&mut self, spec: Arc<ChildSpec>) -> Position {
        let place = Position(self.next);
        self.next += 1;
        self.by_id.insert(spec.id().clone(), place);
        let entry = ChildEntry {
            spec,
            state: ChildState::Stopped,
            restarts: 0,
            former: None,
            process: None,
        };
        self.entries.insert(place, entry);
        place
    }

    /// Forgets a child.
    pub(crate) fn remove(&mut self, place: Position) {
        self.set(place, ChildState::Stopped, None);
        if let Some(entry) = self.entries.remove(&place) {
            self.by_id.remove(entry.spec.id());
        }
    }

    /// A child runs from now on. Returns its entry.
    pub(crate) fn run(
        &mut self,
        place: Position,
        pid: Pid,
        process: Option<Arc<dyn Process>>,
    ) -> &mut ChildEntry {
        self.by_pid.insert(pid, place);
        self.set(place, ChildState::Running(pid), process)
    }

    /// As [`run`](Self::run), for a child that the supervisor has restarted automatically.
    pub(crate) fn run_again(
        &mut self,
        place: Position,
        pid: Pid,
        process: Option<Arc<dyn Process>>,
    ) {
        self.run(place, pid, process).restarts += 1;
        self.restarted += 1;
    }

    /// A child does not run, and there will be another attempt to start it.
    pub(crate) fn put_off(&mut self, place: Position, ticket: Ticket) {
        self.set(place, ChildState::Restarting(ticket), None);
    }

    fn set(
        &mut self,
        place: Position,
        state: ChildState,
        process: Option<Arc<dyn Process>>,
    ) -> &mut ChildEntry {
        let entry = self.entries.get_mut(&place).expect(KEPT);
        entry.process = process;
        if let ChildState::Running(pid) = mem::replace(&mut entry.state, state) {
            entry.former = None;
            self.by_pid.remove(&pid);
        }
        entry
    }

    /// The process of a child has ended by itself, and the supervisor restarts the child.
    pub(crate) fn end_by_itself(&mut self, place: Position, pid: Pid) {
        let entry = self.set(place, ChildState::Stopped, None);
        entry.former = Some(pid);
    }

    /// The child, if it runs, to be stopped. It is kept until [`end`](Self::end) is called.
    pub(crate) fn leave(&mut self, place: Position) -> Option<Leaving> {
        let entry = self.get_mut(place);
        let ChildState::Running(pid) = entry.state else {
            return None;
        };
        Some(Leaving {
            pid,
            spec: entry.spec.clone(),
            process: entry.process.take(),
        })
    }

    /// A child that does not run any more is forgotten if it is temporary, and kept if not.
    pub(crate) fn end(&mut self, place: Position) {
        match self.get(place).spec.is_temporary() {
            true => self.remove(place),
            false => {
                self.set(place, ChildState::Stopped, None);
            }
        }
    }

    /// The child at a place that is known to be kept.
    pub(crate) fn get(&self, place: Position) -> &ChildEntry {
        self.entries.get(&place).expect(KEPT)
    }

    fn get_mut(&mut self, place: Position) -> &mut ChildEntry {
        self.entries.get_mut(&place).expect(KEPT)
    }

    /// Whether the child at a place is kept and waits with this ticket.
    pub(crate) fn waits(&self, place: Position, ticket: Ticket) -> bool {
        let entry = self.entries.get(&place);
        entry.is_some_and(|entry| entry.state == ChildState::Restarting(ticket))
    }

    pub(crate) fn by_id(&self, id: &ChildId) -> Option<(Position, &ChildEntry)> {
        let place = *self.by_id.get(id)?;
        Some((place, self.entries.get(&place)?))
    }

    /// The child that runs as this process.
    pub(crate) fn by_pid(&self, pid: Pid) -> Option<(Position, &ChildEntry)> {
        let place = *self.by_pid.get(&pid)?;
        Some((place, self.entries.get(&place)?))
    }

    /// From a child on to the last one.
    pub(crate) fn from(&self, first: Position) -> Option<Span> {
        let (last, _) = self.entries.last_key_value()?;
        Some(Span { first, last: *last })
    }

    pub(crate) fn all(&self) -> Option<Span> {
        self.from(*self.entries.first_key_value()?.0)
    }

    pub(crate) fn first_of(&self, span: Span) -> Option<(Position, &ChildEntry)> {
        if span.is_one() {
            return self.entries.get(&span.first).map(|it| (span.first, it));
        }
        let mut range = self.entries.range(span.first..=span.last);
        range.next().map(|(place, entry)| (*place, entry))
    }

    pub(crate) fn last_of(&self, span: Span) -> Option<Position> {
        if span.is_one() {
            return self.first_of(span).map(|(place, _)| place);
        }
        let mut range = self.entries.range(span.first..=span.last);
        range.next_back().map(|(place, _)| *place)
    }

    /// All, in the order of their start.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &ChildEntry> {
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
