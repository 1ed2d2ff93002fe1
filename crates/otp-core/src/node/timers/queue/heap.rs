//! Places of timers, by the time of their next action.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::{FireOrder, Timer, index};

/// An entry is valid as long as the timer in its place has the same order. An entry without its timer is removed when
/// it comes up, or when there are more such entries than timers.
pub(super) struct Heap<T> {
    entries: BinaryHeap<Reverse<HeapEntry<T>>>,
    /// The number of valid entries.
    valid: usize,
}

/// By time, and by age where that is equal.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct HeapEntry<T> {
    at: T,
    order: FireOrder,
    place: u32,
}

/// Fewer entries than this are not worth clearing away.
pub(super) const FEW: usize = 64;

impl<T: Ord> Default for Heap<T> {
    fn default() -> Self {
        Self {
            entries: BinaryHeap::new(),
            valid: 0,
        }
    }
}

impl<T: Ord + Copy> Heap<T> {
    pub(super) fn push(&mut self, at: T, order: FireOrder, place: u32) {
        self.valid += 1;
        self.entries.push(Reverse(HeapEntry { at, order, place }));
    }

    /// The time of the first timer.
    pub(super) fn first(&mut self, places: &[Option<Timer>]) -> Option<T> {
        loop {
            let Reverse(entry) = self.entries.peek()?;
            if is_valid(places, entry) {
                return Some(entry.at);
            }
            self.entries.pop();
        }
    }

    /// Takes out the place of the [first](Self::first) timer.
    pub(super) fn pop(&mut self) -> Option<u32> {
        let Reverse(entry) = self.entries.pop()?;
        self.valid -= 1;
        Some(entry.place)
    }

    /// The timer of one entry is gone.
    pub(super) fn forget_one(&mut self) {
        self.valid -= 1;
    }

    /// Removes the entries without a timer, once there are many.
    pub(super) fn clear_away(&mut self, places: &[Option<Timer>]) {
        if self.entries.len() > FEW && self.entries.len() / 2 > self.valid {
            self.entries
                .retain(|Reverse(entry)| is_valid(places, entry));
            self.entries.shrink_to(2 * FEW);
        }
    }

    /// How many entries there are, and how many of them are valid.
    #[cfg(test)]
    pub(super) fn counts(&self) -> (usize, usize) {
        (self.entries.len(), self.valid)
    }
}

fn is_valid<T>(places: &[Option<Timer>], entry: &HeapEntry<T>) -> bool {
    let timer = places.get(index(entry.place)).and_then(Option::as_ref);
    timer.is_some_and(|timer| timer.order == entry.order && timer.action.is_some())
}
