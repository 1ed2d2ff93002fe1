//! The events that a state machine handles before any message, as data: without a process, a clock or a callback.
//!
//! The boundary passes each transition to the core, and gets the next event and the commands for timers. Events are
//! opaque here. Names of time-outs are compared and hashed. The values do not panic when they are dropped, because the
//! boundary passes them [contained](crate::process::panic::Contained).

mod clocks;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::hash::Hash;

pub(super) use self::clocks::{Clocks, Command, Ends, RingTime, Setting};

/// The events inside of a machine, and its time-outs.
///
/// `E` is an event, `T` the name of a time-out, `D` when it is due.
pub(super) struct MachineCore<E, T, D> {
    /// Events that come before all others: inserted ones, and postponed ones that come again.
    inside: VecDeque<E>,
    /// Events that wait for a change of state, the oldest first.
    postponed: VecDeque<E>,
    clocks: Clocks<T, D>,
}

/// The parts of a transition, except the new state.
pub(super) struct TransitionParts<E, T, D> {
    /// Whether the state is another one.
    pub(super) changed: bool,
    /// The event that was handled, if it is postponed.
    pub(super) postponed: Option<E>,
    /// Events to handle next, in this order.
    pub(super) inserted: Vec<E>,
    /// The settings of time-outs, in this order. Of those of one name the last one counts.
    pub(super) settings: Vec<Setting<T, D>>,
}

/// The next thing that a machine handles before it looks into its mailbox.
#[derive(Debug, PartialEq)]
pub(super) enum InternalEvent<E, T> {
    Event(E),
    /// A time-out of zero.
    Timeout(T),
}

impl<E, T: Eq + Hash, D> MachineCore<E, T, D> {
    pub(super) fn new() -> Self {
        Self {
            inside: VecDeque::new(),
            postponed: VecDeque::new(),
            clocks: Clocks::new(),
        }
    }

    /// Applies a transition: postpones the event, replays postponed events, sets time-outs and inserts events. The
    /// order of these actions in the transition does not matter.
    pub(super) fn apply(
        &mut self,
        mut change: TransitionParts<E, T, D>,
        commands: &mut Vec<Command<D>>,
    ) {
        Setting::keep_last(&mut change.settings);
        self.postponed.extend(change.postponed);
        if change.changed {
            self.clocks.end_all(Ends::WithState, commands);
            self.replay();
        }
        for setting in change.settings {
            self.clocks.set(setting, commands);
        }
        for event in change.inserted.into_iter().rev() {
            self.inside.push_front(event);
        }
    }

    /// Replays the postponed events, the oldest first, before the events that were inside already.
    fn replay(&mut self) {
        if self.inside.is_empty() {
            std::mem::swap(&mut self.inside, &mut self.postponed);
        }
        while let Some(event) = self.postponed.pop_back() {
            self.inside.push_front(event);
        }
    }

    /// An event is about to be handled, which ends the time-outs that any event ends.
    #[inline]
    pub(super) fn begin(&mut self, commands: &mut Vec<Command<D>>) {
        self.clocks.end_all(Ends::WithEvent, commands);
    }

    /// Whether there are time-outs that the next event ends.
    pub(super) fn ends_with_event(&self) -> bool {
        self.clocks.has(Ends::WithEvent)
    }

    /// The next event that comes before all messages: one that is inside, then a time-out of zero.
    pub(super) fn next(&mut self) -> Option<InternalEvent<E, T>> {
        match self.inside.pop_front() {
            Some(event) => Some(InternalEvent::Event(event)),
            None => self.clocks.take_zero().map(InternalEvent::Timeout),
        }
    }

    /// Whether [`next`](Self::next) has something.
    #[inline]
    pub(super) fn has_next(&self) -> bool {
        !self.inside.is_empty() || self.clocks.has_zero()
    }

    /// The timer of the setting with this number rings. Returns the name of the time-out; `None` if it was ended or
    /// replaced meanwhile.
    pub(super) fn rang(&mut self, number: u64) -> Option<T> {
        self.clocks.take(number)
    }

    /// The events that are inside, in their order.
    pub(super) fn inside(&self) -> impl Iterator<Item = &E> {
        self.inside.iter()
    }

    /// The events that wait for a change of state, the oldest first.
    pub(super) fn postponed(&self) -> impl Iterator<Item = &E> {
        self.postponed.iter()
    }

    /// The names of the time-outs that run, in the order in which they were set.
    pub(super) fn timeouts(&self) -> Vec<&T> {
        self.clocks.names()
    }
}
