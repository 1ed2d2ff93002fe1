//! A moment on two clocks.

use crate::core::Wall;
use std::time::{Duration, Instant};

/// A moment, as two clocks show it.
///
/// The *monotonic* clock counts. Nobody can set it, but it stands still while the machine sleeps. The *wall* clock tells
/// the time of day. It goes on while the machine sleeps, but people and other machines set it. Neither is right by
/// itself; see [`Alarm`](crate::core::Alarm) for what an alarm makes of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The clock that counts.
    pub monotonic: Instant,
    /// The clock that tells the time of day, whatever the time zone.
    pub wall: Wall,
}

/// How far the clocks may drift apart before it counts. Two clocks are never read in the same instant, and moments are told
/// in seconds.
pub(super) const JUMP: Duration = Duration::from_millis(500);

impl Moment {
    /// Whether the wall clock has jumped since `earlier`: the machine has slept, or somebody has set it.
    pub fn has_jumped(self, earlier: Self) -> bool {
        let (ahead, behind) = self.drift(earlier);
        ahead.max(behind) >= JUMP
    }

    /// How far the wall clock has gone ahead of the monotonic one since `earlier`, and behind it: one of the two is zero.
    ///
    /// Ahead: the machine has slept, or the wall clock was set forward. Behind: it was set back.
    pub fn drift(self, earlier: Self) -> (Duration, Duration) {
        let counted = self.monotonic.saturating_duration_since(earlier.monotonic);
        let expected = earlier.wall + counted;
        (self.wall.since(expected), expected.since(self.wall))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wall_clock_is_ahead_or_behind() {
        let second = Duration::from_secs(1);
        let earlier = Moment {
            monotonic: Instant::now(),
            wall: Wall::EPOCH + 100 * second,
        };
        let check = |counted, wall, ahead, behind| {
            let now = Moment {
                monotonic: earlier.monotonic + counted * second,
                wall: Wall::EPOCH + wall * second,
            };
            assert_eq!(now.drift(earlier), (ahead * second, behind * second));
            assert_eq!(now.has_jumped(earlier), ahead + behind > 0);
        };

        check(5, 105, 0, 0);
        check(5, 165, 60, 0);
        check(5, 45, 0, 60);
        check(0, 0, 0, 100);
    }
}
