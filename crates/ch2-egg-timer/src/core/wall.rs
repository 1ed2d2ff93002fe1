//! The time of day, as a number.

use std::ops::{Add, Sub};
use std::time::Duration;

/// A moment of the wall clock: nanoseconds since 1970 in UTC, less than zero before.
///
/// The type has room for more than any clock shows, so its sums do not overflow. What a moment looks like in somebody's
/// time zone is not its business.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wall(i128);

impl Wall {
    /// The beginning of 1970.
    pub const EPOCH: Self = Self(0);

    /// The time since another moment; zero if that is later.
    pub fn since(self, earlier: Self) -> Duration {
        let nanos = u128::try_from(self.0 - earlier.0).unwrap_or(0);
        let seconds = u64::try_from(nanos / 1_000_000_000).unwrap_or(u64::MAX);
        // Less than a billion, which fits.
        let rest = (nanos % 1_000_000_000) as u32;
        Duration::new(seconds, rest)
    }
}

impl Add<Duration> for Wall {
    type Output = Self;

    fn add(self, time: Duration) -> Self {
        Self(self.0 + nanos(time))
    }
}

impl Sub<Duration> for Wall {
    type Output = Self;

    fn sub(self, time: Duration) -> Self {
        Self(self.0 - nanos(time))
    }
}

fn nanos(time: Duration) -> i128 {
    i128::try_from(time.as_nanos()).expect("94 bits fit into 127")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_counted_from_1970_in_both_directions() {
        let day = Duration::from_secs(86_400);
        let (before, after) = (Wall::EPOCH - day, Wall::EPOCH + day);
        assert_eq!(after.since(before), 2 * day);
        assert_eq!(before.since(after), Duration::ZERO);
        assert_eq!(before + 2 * day, after);
        let far = Wall::EPOCH + Duration::MAX;
        assert_eq!(far.since(Wall::EPOCH), Duration::MAX);
        assert_eq!(
            (far + Duration::MAX)
                .since(Wall::EPOCH - Duration::MAX)
                .as_secs(),
            u64::MAX
        );
    }
}
