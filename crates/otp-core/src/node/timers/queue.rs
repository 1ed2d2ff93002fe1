//! The timers of a service, by time: a value that knows no locks, and no clock but those of the wall that timers are by.
//!
//! A timer has a place, and a number that identifies it among the timers that have had this place. A heap holds an
//! entry for each timer that waits. Cancelling a timer leaves its entry behind: the entry's number no longer agrees
//! with the place. So a timer is cancelled without a search. The timers of each wall clock have a separate heap. The
//! timers that reach the same process form a list through their places, so that the end of the process finds them.

mod face;
mod heap;

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use tokio::time::Instant;

use self::face::Face;
use self::heap::{FEW, Heap};
use crate::numbered::Numbered;
#[cfg(feature = "spans")]
use crate::process::span::Origin;
use crate::time::{MissedTicks, WallClock, far_future};

/// The action of a timer that fires. It must not block.
pub(crate) enum TimerAction {
    Once(Box<dyn FnOnce() + Send>),
    Repeat(Box<Interval>),
}

impl TimerAction {
    /// Puts an action that runs once into the span in which the timer was started. An interval is not part of the work
    /// that has started it.
    pub(crate) fn within_span(self) -> Self {
        #[cfg(feature = "spans")]
        if let Self::Once(send) = self {
            return Self::Once(Box::new(Origin::here().around_call(send)));
        }
        self
    }
}

/// The state of a timer that repeats.
pub(crate) struct Interval {
    pub(crate) period: Duration,
    pub(crate) missed: MissedTicks,
    pub(crate) send: Box<dyn FnMut() + Send>,
}

/// When a timer is to fire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum When {
    /// At a moment of the monotonic clock.
    At(Instant),
    /// When a wall clock shows a moment.
    Wall {
        clock: WallClock,
        due: SystemTime,
        /// When the clock must be read next.
        look: Instant,
    },
}

impl When {
    /// So long from now; one that is too long for the clock is never.
    pub(crate) fn after(delay: Duration) -> Self {
        Self::At(far_future(delay))
    }

    /// When this clock shows `due`.
    pub(crate) fn shown(clock: &WallClock, due: SystemTime) -> Self {
        Self::Wall {
            look: clock.next_look(due, Instant::now()),
            clock: clock.clone(),
            due,
        }
    }

    /// How long that is from now.
    pub(crate) fn left(&self) -> Duration {
        match self {
            Self::At(at) => at.saturating_duration_since(Instant::now()),
            Self::Wall { clock, due, .. } => clock.left(*due),
        }
    }
}

/// The place of a timer, and its number there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TimerKey {
    pub(crate) place: u32,
    /// Its number.
    pub(crate) id: u64,
}

#[derive(Default)]
pub(super) struct TimerQueue {
    heap: Heap<Instant>,
    /// One for each wall clock; those without timers are used again.
    faces: Vec<Face>,
    places: Vec<Option<Timer>>,
    free: Vec<u32>,
    /// The first timer of each process.
    owners: HashMap<u64, u32, Numbered>,
    /// The last number that was given to a made up tick.
    made_up: u64,
}

/// The number of a timer. A missed tick that is made up for gets a greater number, so that such ticks come behind the
/// timers that are due at the same time, in turns.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct FireOrder(u64);

impl FireOrder {
    fn made_up(number: u64) -> Self {
        Self(number | 1 << 63)
    }
}

/// As [`When`], with the clock's place.
#[derive(Clone, Copy)]
enum TimerDue {
    At(Instant),
    Wall(usize, SystemTime),
}

struct Timer {
    id: u64,
    due: TimerDue,
    order: FireOrder,
    owner: Option<u64>,
    before: u32,
    behind: u32,
    /// None while it fires, and before it is armed: then there is no entry in the heap either.
    action: Option<TimerAction>,
}

/// When a timer is due, the number of the process that it reaches, and its period.
pub(crate) type Seen = (When, Option<u64>, Option<Duration>);

/// The end of a list of places.
const NONE: u32 = u32::MAX;

/// A timer that fires.
pub(super) struct Firing {
    pub(super) key: TimerKey,
    pub(super) action: TimerAction,
}

impl TimerQueue {
    /// How many timers there are.
    pub(super) fn len(&self) -> usize {
        self.places.len() - self.free.len()
    }

    /// For each timer its due time, its process and its period.
    pub(super) fn look(&self) -> Vec<Seen> {
        let timers = self.places.iter().flatten();
        let seen = timers.map(|timer| {
            let period = match &timer.action {
                Some(TimerAction::Repeat(interval)) => Some(interval.period),
                Some(TimerAction::Once(_)) | None => None,
            };
            (self.when(timer.due), timer.owner, period)
        });
        seen.collect()
    }

    /// Gives a timer its place; it does not fire before it is [armed](Self::arm).
    pub(super) fn insert(&mut self, id: u64, owner: Option<u64>, when: When) -> TimerKey {
        let due = match when {
            When::At(at) => TimerDue::At(at),
            When::Wall { clock, due, look } => TimerDue::Wall(self.face(clock, look), due),
        };
        let timer = Timer {
            id,
            due,
            order: FireOrder(id),
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
        TimerKey { place, id }
    }

    /// The place of a wall clock.
    fn face(&mut self, clock: WallClock, look: Instant) -> usize {
        let known = self.faces.iter().position(|face| face.clock == clock);
        let unused = || self.faces.iter().position(|face| face.timers == 0);
        let place = match known.or_else(unused) {
            Some(place) => place,
            None => {
                self.faces.push(Face::new(clock.clone(), look));
                self.faces.len() - 1
            }
        };
        let face = &mut self.faces[place];
        if face.timers == 0 {
            *face = Face::new(clock, look);
        }
        face.timers += 1;
        face.look_at(look);
        place
    }

    /// Gives a timer its action, so that it fires when it is due. Returns the action if the timer was removed
    /// meanwhile.
    pub(super) fn arm(&mut self, key: TimerKey, action: TimerAction) -> Option<TimerAction> {
        match self.get(key).map(|timer| timer.due) {
            Some(due) => self.arm_at(key, due, action),
            None => Some(action),
        }
    }

    fn arm_at(&mut self, key: TimerKey, due: TimerDue, action: TimerAction) -> Option<TimerAction> {
        let Some(timer) = self.get_mut(key) else {
            return Some(action);
        };
        timer.action = Some(action);
        let order = timer.order;
        match due {
            TimerDue::At(at) => self.heap.push(at, order, key.place),
            TimerDue::Wall(face, due) => self.faces[face].heap.push(due, order, key.place),
        }
        None
    }

    /// When a timer is due.
    pub(super) fn due(&self, key: TimerKey) -> Option<When> {
        self.get(key).map(|timer| self.when(timer.due))
    }

    fn when(&self, due: TimerDue) -> When {
        match due {
            TimerDue::At(at) => When::At(at),
            TimerDue::Wall(face, due) => self.faces[face].when(due),
        }
    }

    /// Removes a timer. Returns its due time, and its action unless the timer fires at this moment.
    pub(super) fn remove(&mut self, key: TimerKey) -> Option<(When, Option<TimerAction>)> {
        let when = self.due(key)?;
        Some((when, self.take(key.place)))
    }

    /// Removes all timers of a process, and returns their actions.
    pub(super) fn remove_owned(&mut self, owner: u64) -> Vec<TimerAction> {
        let mut removed = Vec::new();
        while let Some(&place) = self.owners.get(&owner) {
            removed.extend(self.take(place));
        }
        removed
    }

    /// When the first timer is due, or a wall clock must be read.
    pub(super) fn first(&mut self) -> Option<Instant> {
        self.next().map(|(at, _)| at)
    }

    /// As [`first`](Self::first), with the place of the wall clock.
    fn next(&mut self) -> Option<(Instant, Option<usize>)> {
        let mut next = self.heap.first(&self.places).map(|at| (at, None));
        for (place, face) in self.faces.iter_mut().enumerate() {
            if let Some(look) = face.next_look(&self.places)
                && next.is_none_or(|(at, _)| look < at)
            {
                next = Some((look, Some(place)));
            }
        }
        next
    }

    /// The first timer, if it is due. A timer that repeats keeps its place and must be [armed again](Self::arm_again).
    pub(super) fn pop(&mut self, now: Instant) -> Option<Firing> {
        let place = loop {
            let (at, face) = self.next()?;
            if at > now {
                return None;
            }
            match face {
                None => break self.heap.pop()?,
                Some(face) => {
                    if let Some(place) = self.faces[face].pop(now, &self.places) {
                        break place;
                    }
                }
            }
        };
        let timer = self.timer(place);
        let id = timer.id;
        let action = timer.action.take()?;
        match (&action, timer.due) {
            (TimerAction::Repeat(interval), TimerDue::At(at)) => {
                timer.due = TimerDue::At(interval.missed.next(at, now, interval.period));
            }
            _ => drop(self.take(place)),
        }
        let key = TimerKey { place, id };
        Some(Firing { key, action })
    }

    /// Arms an interval for its next tick. Returns the action if the interval was cancelled while it fired.
    pub(super) fn arm_again(
        &mut self,
        key: TimerKey,
        now: Instant,
        action: TimerAction,
    ) -> Option<TimerAction> {
        let made_up = self.made_up + 1;
        let Some(timer) = self.get_mut(key) else {
            return Some(action);
        };
        timer.order = FireOrder(key.id);
        if let TimerDue::At(at) = timer.due
            && at <= now
        {
            timer.order = FireOrder::made_up(made_up);
            self.made_up = made_up;
            return self.arm_at(key, TimerDue::At(now), action);
        }
        self.arm(key, action)
    }

    /// Removes everything.
    pub(super) fn clear(&mut self) -> Vec<TimerAction> {
        let timers = std::mem::take(self).places.into_iter().flatten();
        timers.filter_map(|timer| timer.action).collect()
    }

    fn take(&mut self, place: u32) -> Option<TimerAction> {
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
        match timer.due {
            TimerDue::At(_) => {
                if timer.action.is_some() {
                    self.heap.forget_one();
                }
                self.heap.clear_away(&self.places);
            }
            TimerDue::Wall(face, _) => {
                let face = &mut self.faces[face];
                face.timers -= 1;
                if timer.action.is_some() {
                    face.heap.forget_one();
                }
                face.heap.clear_away(&self.places);
            }
        }
        if self.len() == 0 && self.places.len() > FEW {
            self.places = Vec::new();
            self.free = Vec::new();
        }
        timer.action
    }

    fn get(&self, key: TimerKey) -> Option<&Timer> {
        let timer = self.places.get(index(key.place))?.as_ref();
        timer.filter(|timer| timer.id == key.id)
    }

    fn get_mut(&mut self, key: TimerKey) -> Option<&mut Timer> {
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
