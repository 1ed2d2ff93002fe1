//! The timers of one wall clock.

use std::time::SystemTime;

use tokio::time::Instant;

use super::heap::Heap;
use super::{Timer, When};
use crate::time::WallClock;

/// They are not in the heap of the other timers, because the monotonic time of their moments is not known. Known is
/// when the clock must be read next.
pub(super) struct Face {
    pub(super) clock: WallClock,
    pub(super) heap: Heap<SystemTime>,
    /// It is set later when the clock is read, and earlier for a timer that is due earlier.
    look: Instant,
    /// How many timers are by this clock, armed or not.
    pub(super) timers: usize,
}

impl Face {
    pub(super) fn new(clock: WallClock, look: Instant) -> Self {
        Self {
            clock,
            heap: Heap::default(),
            look,
            timers: 0,
        }
    }

    /// The time of the timer as the queue stores it.
    pub(super) fn when(&self, due: SystemTime) -> When {
        When::Wall {
            clock: self.clock.clone(),
            due,
            look: self.look,
        }
    }

    pub(super) fn look_at(&mut self, look: Instant) {
        self.look = self.look.min(look);
    }

    /// When the clock must be read, if a timer waits.
    pub(super) fn next_look(&mut self, places: &[Option<Timer>]) -> Option<Instant> {
        self.heap.first(places).map(|_| self.look)
    }

    /// Reads the clock. Returns the place of the first timer, if it is due. If not, the next reading is later than
    /// `now`.
    pub(super) fn pop(&mut self, now: Instant, places: &[Option<Timer>]) -> Option<u32> {
        let due = self.heap.first(places)?;
        self.look = self.clock.next_look(due, now);
        if self.look > now {
            None
        } else {
            self.heap.pop()
        }
    }
}

#[cfg(test)]
mod tests;
