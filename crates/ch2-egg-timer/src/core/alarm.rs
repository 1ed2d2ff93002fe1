//! One alarm.

use crate::core::moment::JUMP;
use crate::core::{AlarmName, Length, Moment, Wall};
use std::fmt;
use std::time::{Duration, Instant};

/// An alarm: its name, how long it waits, since when, and what to do when it rings.
///
/// `A` stands for what to do. The core carries it and gives it back; it does not know what it is.
///
/// # The two clocks
///
/// An alarm makes two promises: it waits for its length, and it rings at the moment that was told when it was set. They
/// are the same until the two clocks of a [`Moment`] disagree. Then the alarm rings when the first of the two is kept:
///
/// - The machine sleeps, or the wall clock is set forward: the alarm rings at the moment that was told, or at once if
///   that has passed. The two causes look alike.
/// - The wall clock is set back: the alarm rings when its length has passed. It has a new [moment](Self::due) then, and
///   that is [told](Self::tell_moved).
///
/// So eggs are never late. They can be early, if somebody sets the clock forward.
#[derive(Clone, Debug)]
pub struct Alarm<A> {
    name: AlarmName,
    length: Length,
    start: Moment,
    /// The moment that its owner knows.
    told: Wall,
    action: A,
}

/// What can be told about an alarm while it waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// The name of the alarm.
    pub name: AlarmName,
    /// How long it waits in all.
    pub duration: Duration,
    /// How long it still waits. Zero when it is overdue, never less.
    pub remaining: Duration,
}

/// The least difference between two moments that is worth telling: moments are shown in seconds.
const WORTH_TELLING: Duration = Duration::from_secs(1);

impl<A> Alarm<A> {
    /// An alarm that was set at `start`. Its owner has been told that it rings `length` later.
    pub fn new(name: AlarmName, length: Length, start: Moment, action: A) -> Self {
        Self {
            name,
            length,
            start,
            told: start.wall + length.duration(),
            action,
        }
    }

    /// The name of the alarm.
    pub fn name(&self) -> &AlarmName {
        &self.name
    }

    /// How long the alarm still waits at `now`: until the first of its two promises is kept.
    pub fn remaining(&self, now: Moment) -> Duration {
        let length = self.length.duration();
        let counted = now
            .monotonic
            .saturating_duration_since(self.start.monotonic);
        let counted = length.saturating_sub(counted);
        let shown = (self.start.wall + length).since(now.wall);
        match shown.saturating_add(JUMP) <= counted {
            true => shown,
            false => counted,
        }
    }

    /// When its length has passed, to order alarms by.
    pub(crate) fn expiry(&self) -> Option<Instant> {
        self.start.monotonic.checked_add(self.length.duration())
    }

    /// The moment of the wall clock at which the alarm rings, as things stand at `now`.
    pub fn due(&self, now: Moment) -> Wall {
        now.wall + self.remaining(now)
    }

    /// The moment at which the alarm rings, if it is another than the owner knows. The owner knows it from now on.
    pub fn tell_moved(&mut self, now: Moment) -> Option<Wall> {
        // One that rings at once has no other moment to tell.
        if self.remaining(now).is_zero() {
            return None;
        }
        let due = self.due(now);
        let apart = due.since(self.told).max(self.told.since(due));
        (apart >= WORTH_TELLING).then(|| {
            self.told = due;
            due
        })
    }

    /// How the alarm stands at `now`.
    pub fn status(&self, now: Moment) -> Status {
        Status {
            name: self.name.clone(),
            duration: self.length.duration(),
            remaining: self.remaining(now),
        }
    }

    /// Gives out what to do when the alarm rings.
    pub fn into_action(self) -> A {
        self.action
    }
}

impl fmt::Display for Status {
    /// `eggs 4m 40s left`: whole seconds, and the last ten seconds in milliseconds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let coarse = if self.remaining < Duration::from_secs(10) {
            Duration::from_millis(
                u64::try_from(self.remaining.as_millis()).expect("ten seconds fit into 64 bits"),
            )
        } else {
            Duration::from_secs(self.remaining.as_secs())
        };
        write!(
            f,
            "{} {} left",
            self.name,
            humantime::format_duration(coarse)
        )
    }
}

#[cfg(test)]
mod tests;
