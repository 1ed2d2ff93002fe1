//! The timers of a service, by time: a value that knows neither locks nor the clock.
//!
//! A timer has a place, and its number tells it apart from others that have had the place before. The heap holds an entry
//! for each timer that waits. One that is cancelled leaves its entry behind, which no longer agrees with the place and is
//! thrown away when it comes up, or when there are more such entries than timers. So a timer is cancelled without a search.
//! The timers that are to reach the same process form a list through their places, so that its end finds them.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::time::Duration;

use tokio::time::Instant;

use crate::numbered::Numbered;
use crate::time::MissedTicks;

/// What a timer does when it fires. It must not block.
pub(crate) enum Action {
    Once(Box<dyn FnOnce() + Send>),
    Repeat(Box<Interval>),
}

/// What is done again and again.
pub(crate) struct Interval {
    pub(crate) period: Duration,
    pub(crate) missed: MissedTicks,
    pub(crate) send: Box<dyn FnMut() + Send>,
}

/// Where a timer stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) place: u32,
    /// Its number.
    pub(crate) id: u64,
}

#[derive(Default)]
pub(super) struct Queue {
    heap: BinaryHeap<Reverse<Entry>>,
    places: Vec<Option<Timer>>,
    free: Vec<u32>,
    /// The first timer of each process.
    owners: HashMap<u64, u32, Numbered>,
    /// Entries that agree with their places.
    valid: usize,
    /// The last number that was given to a made up tick.
    made_up: u64,
}

/// By time, and by age where that is equal.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    at: Instant,
    order: Order,
    place: u32,
}

/// The number of a timer; for a missed tick that is made up for a number of its own, greater than those, so that such ticks
/// come behind what is due at the same time, in turns.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Order(u64);

impl Order {
    fn made_up(number: u64) -> Self {
        Self(number | 1 << 63)
    }
}

struct Timer {
    id: u64,
    at: Instant,
    order: Order,
    owner: Option<u64>,
    before: u32,
    behind: u32,
    /// None while it fires, and before it is armed: then there is no entry in the heap either.
    action: Option<Action>,
}

/// The end of a list of places.
const NONE: u32 = u32::MAX;

/// Fewer entries than this are not worth clearing away.
const FEW: usize = 64;

/// A timer that fires.
pub(super) struct Firing {
    pub(super) key: Key,
    pub(super) action: Action,
}

impl Queue {
    /// How many timers there are.
    pub(super) fn len(&self) -> usize {
        self.places.len() - self.free.len()
    }

    /// Gives a timer its place; it does not fire before it is [armed](Self::arm).
    pub(super) fn insert(&mut self, id: u64, owner: Option<u64>, at: Instant) -> Key {
        let timer = Timer {
            id,
            at,
            order: Order(id),
            owner,
            before: NONE,
            behind: NONE,
            action: None,
        };
        let place = match self.free.pop() {
            Some(place) => {
                self.places[index(place)] = Some(timer);
                place
            }
            None => {
                let place = u32::try_from(self.places.len()).unwrap_or(NONE);
                assert!(place != NONE, "a node has fewer than 2^32 timers");
                self.places.push(Some(timer));
                place
            }
        };
        if let Some(owner) = owner
            && let Some(behind) = self.owners.insert(owner, place)
        {
            self.timer(place).behind = behind;
            self.timer(behind).before = place;
        }
        Key { place, id }
    }

    /// Lets a timer fire when its time comes. Returns the action if the timer is gone by now.
    pub(super) fn arm(&mut self, key: Key, action: Action) -> Option<Action> {
        let at = self.get(key).map(|timer| timer.at);
        match at {
            Some(at) => self.arm_at(key, at, action),
            None => Some(action),
        }
    }

    fn arm_at(&mut self, key: Key, at: Instant, action: Action) -> Option<Action> {
        let Some(timer) = self.get_mut(key) else {
            return Some(action);
        };
        timer.action = Some(action);
        let order = timer.order;
        self.valid += 1;
        self.heap.push(Reverse(Entry {
            at,
            order,
            place: key.place,
        }));
        None
    }

    /// When a timer is due.
    pub(super) fn due(&self, key: Key) -> Option<Instant> {
        self.get(key).map(|timer| timer.at)
    }

    /// Removes a timer; when it was due, and what it was to do unless it fires at this moment.
    pub(super) fn remove(&mut self, key: Key) -> Option<(Instant, Option<Action>)> {
        self.get(key)?;
        Some(self.take(key.place))
    }

    /// Removes all timers of a process, and returns what they were to do.
    pub(super) fn remove_owned(&mut self, owner: u64) -> Vec<Action> {
        let mut removed = Vec::new();
        while let Some(&place) = self.owners.get(&owner) {
            removed.extend(self.take(place).1);
        }
        removed
    }

    /// When the first timer is due.
    pub(super) fn first(&mut self) -> Option<Instant> {
        loop {
            let Reverse(entry) = self.heap.peek()?;
            if self.is_valid(entry) {
                return Some(entry.at);
            }
            self.heap.pop();
        }
    }

    /// The first timer, if it is due. One that repeats keeps its place, and is to be [armed again](Self::arm_again).
    pub(super) fn pop(&mut self, now: Instant) -> Option<Firing> {
        if self.first()? > now {
            return None;
        }
        let Reverse(Entry { place, .. }) = self.heap.pop()?;
        self.valid -= 1;
        let timer = self.timer(place);
        let id = timer.id;
        let action = timer.action.take()?;
        match &action {
            Action::Repeat(interval) => {
                timer.at = interval.missed.next(timer.at, now, interval.period);
            }
            Action::Once(_) => drop(self.take(place)),
        }
        let key = Key { place, id };
        Some(Firing { key, action })
    }

    /// Lets an interval fire the next time. Returns the action if it was cancelled while it fired.
    pub(super) fn arm_again(&mut self, key: Key, now: Instant, action: Action) -> Option<Action> {
        let made_up = self.made_up + 1;
        let Some(timer) = self.get_mut(key) else {
            return Some(action);
        };
        let mut at = timer.at;
        timer.order = Order(key.id);
        if at <= now {
            at = now;
            timer.order = Order::made_up(made_up);
            self.made_up = made_up;
        }
        self.arm_at(key, at, action)
    }

    /// Removes everything.
    pub(super) fn clear(&mut self) -> Vec<Action> {
        let timers = std::mem::take(self).places.into_iter().flatten();
        timers.filter_map(|timer| timer.action).collect()
    }

    fn take(&mut self, place: u32) -> (Instant, Option<Action>) {
        let timer = self.places[index(place)].take().expect(IN_PLACE);
        self.free.push(place);
        if timer.before != NONE {
            self.timer(timer.before).behind = timer.behind;
        } else if let Some(owner) = timer.owner {
            match timer.behind {
                NONE => self.owners.remove(&owner),
                behind => self.owners.insert(owner, behind),
            };
        }
        if timer.behind != NONE {
            self.timer(timer.behind).before = timer.before;
        }
        if timer.action.is_some() {
            self.valid -= 1;
        }
        self.clear_away();
        (timer.at, timer.action)
    }

    /// Throws entries away that stand for no timer, once they are many, and room that is not needed any more.
    fn clear_away(&mut self) {
        if self.heap.len() > FEW && self.heap.len() / 2 > self.valid {
            let mut heap = std::mem::take(&mut self.heap);
            heap.retain(|Reverse(entry)| self.is_valid(entry));
            heap.shrink_to(2 * FEW);
            self.heap = heap;
        }
        if self.len() == 0 && self.places.len() > FEW {
            self.places = Vec::new();
            self.free = Vec::new();
        }
    }

    fn is_valid(&self, entry: &Entry) -> bool {
        let timer = self.places.get(index(entry.place)).and_then(Option::as_ref);
        timer.is_some_and(|timer| timer.order == entry.order && timer.action.is_some())
    }

    fn get(&self, key: Key) -> Option<&Timer> {
        let timer = self.places.get(index(key.place))?.as_ref();
        timer.filter(|timer| timer.id == key.id)
    }

    fn get_mut(&mut self, key: Key) -> Option<&mut Timer> {
        let timer = self.places.get_mut(index(key.place))?.as_mut();
        timer.filter(|timer| timer.id == key.id)
    }

    fn timer(&mut self, place: u32) -> &mut Timer {
        self.places[index(place)].as_mut().expect(IN_PLACE)
    }
}

const IN_PLACE: &str = "a place in the heap's valid entries and in lists is taken";

fn index(place: u32) -> usize {
    place as usize
}

#[cfg(test)]
mod tests;
