//! The timers of one wall clock.

use std::time::SystemTime;

use tokio::time::Instant;

use super::heap::Heap;
use super::{Timer, When};
use crate::timer::WallClock;

/// They are not in the heap of the others, as nobody knows when the clock will show their moments. What is known is when to
/// look at the clock next.
pub(super) struct Face {
    pub(super) clock: WallClock,
    pub(super) heap: Heap<SystemTime>,
    /// To be moved on when the clock is looked at, and moved back for a timer that is due earlier.
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

    /// As the queue is told of a timer.
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

    /// When the clock is to be looked at, if there is a timer that waits.
    pub(super) fn next_look(&mut self, places: &[Option<Timer>]) -> Option<Instant> {
        self.heap.first(places).map(|_| self.look)
    }

    /// Looks at the clock: the place of the first timer, if that is due. If not, the next look is later than `now`.
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
