//! The clocks of other nodes, which need not agree with this one's.
//!
//! Nothing is believed of them but the order of what must come in order: an answer is written after its question was sent, and before
//! it comes. Each question so bounds by how much the two clocks differ, and all questions together bound it closer.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::trace::Traced;

/// How far two clocks drift apart in a second, at most, in microseconds.
const DRIFT: i64 = 500;

/// How much has to be added to another clock to have this one's time: at least, and at most. In microseconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shift {
    least: i64,
    most: i64,
    known: Instant,
}

impl Shift {
    /// What a question tells that was sent at `asked` and whose answer came at `told`, with the time `theirs` of the other clock.
    pub(crate) fn between(asked: i64, theirs: i64, told: i64) -> Self {
        Self {
            least: asked.saturating_sub(theirs),
            most: told.saturating_sub(theirs),
            known: Instant::now(),
        }
    }

    /// What this and an earlier question tell together. If they contradict each other, the other clock has begun anew.
    pub(crate) fn and(self, earlier: Self) -> Self {
        let since = self.known.saturating_duration_since(earlier.known);
        let drift = drift(since);
        let both = Self {
            least: self.least.max(earlier.least.saturating_sub(drift)),
            most: self.most.min(earlier.most.saturating_add(drift)),
            ..self
        };
        match both.least <= both.most {
            true => both,
            false => self,
        }
    }

    /// The time of this clock in the middle of what is possible.
    pub(crate) fn here(self, theirs: i64) -> i64 {
        theirs.saturating_add(self.least.midpoint(self.most))
    }

    /// By how much that may be wrong, in microseconds.
    pub(crate) fn within(self) -> i64 {
        self.most.saturating_sub(self.least).saturating_add(1) / 2
    }
}

fn drift(time: Duration) -> i64 {
    let micros = i64::try_from(time.as_micros()).unwrap_or(i64::MAX);
    micros.saturating_mul(DRIFT) / 1_000_000
}

/// The clock of another node's trace.
pub(crate) struct Clock {
    shift: Shift,
    within: i64,
    /// What the times of its events are here, by their numbers and their own times.
    known: HashMap<(u64, i64), i64>,
}

impl Clock {
    pub(crate) fn new(shift: Shift) -> Self {
        Self {
            shift,
            within: shift.within(),
            known: HashMap::new(),
        }
    }

    /// A question has told more.
    pub(crate) fn learn(&mut self, shift: Shift) {
        self.shift = shift.and(self.shift);
    }

    /// Gives these events the times of this clock: those that it has given them before, as it knew the other clock then.
    pub(crate) fn set(&mut self, events: &mut [Traced]) {
        let former = std::mem::take(&mut self.known);
        for event in events {
            let key = (event.number, event.at);
            event.at = former.get(&key).copied().unwrap_or_else(|| {
                self.within = self.shift.within();
                self.shift.here(event.at)
            });
            self.known.insert(key, event.at);
        }
    }

    /// By how much the newest of these times may be wrong, in microseconds.
    pub(crate) fn within(&self) -> i64 {
        self.within
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Their clock is 1,000,000 behind. A question takes `there` to come, and its answer `back`.
    fn asked(at: i64, there: i64, back: i64, base: Instant) -> Shift {
        let micros = u64::try_from(at).expect("it is later");
        let known = base + Duration::from_micros(micros);
        let theirs = at + there - 1_000_000;
        Shift {
            known,
            ..Shift::between(at, theirs, at + there + back)
        }
    }

    #[test]
    fn each_question_bounds_the_other_clock_closer() {
        let base = Instant::now();
        let first = asked(0, 10, 300, base);
        assert_eq!((first.least, first.most), (999_990, 1_000_300));
        let second = asked(2_000, 400, 20, base).and(first);
        // Both clocks may have drifted apart by one since.
        assert_eq!((second.least, second.most), (999_989, 1_000_020));
        assert!((second.here(5) - 1_000_005).abs() <= second.within());
        let long = asked(10_000_000, 9_000, 9_000, base).and(second);
        assert_eq!(
            (long.least, long.most),
            (999_989 - 4_999, 1_000_020 + 4_999)
        );
    }

    #[test]
    fn a_clock_that_has_begun_anew_is_not_compared_with_the_former_one() {
        let base = Instant::now();
        let former = asked(0, 10, 10, base);
        let anew = Shift::between(50, 3, 90);
        let known = anew.and(former);
        assert_eq!((known.least, known.most), (47, 87));
    }
}
