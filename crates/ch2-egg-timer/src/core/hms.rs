//! A time left to wait, as a kitchen clock shows it.

use std::fmt;
use std::time::Duration;

/// Whole hours, minutes and seconds. The rest of a second is cut off.
///
/// ```
/// use ch2_egg_timer::core::Hms;
/// use std::time::Duration;
///
/// assert_eq!(Hms::from(Duration::from_millis(280_999)).to_string(), "0:04:40");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hms {
    /// Hours; they go on after 24.
    pub hours: u64,
    /// Minutes, below 60.
    pub minutes: u64,
    /// Seconds, below 60.
    pub seconds: u64,
}

impl From<Duration> for Hms {
    fn from(duration: Duration) -> Self {
        let seconds = duration.as_secs();
        Self {
            hours: seconds / 3600,
            minutes: seconds / 60 % 60,
            seconds: seconds % 60,
        }
    }
}

impl fmt::Display for Hms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{:02}:{:02}", self.hours, self.minutes, self.seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // S28
    #[test]
    fn hours_do_not_wrap_and_seconds_are_cut_off() {
        fn check(millis: u64, hours: u64, minutes: u64, seconds: u64) {
            assert_eq!(
                Hms::from(Duration::from_millis(millis)),
                Hms {
                    hours,
                    minutes,
                    seconds
                }
            );
        }

        check(0, 0, 0, 0);
        check(999, 0, 0, 0);
        check(1000, 0, 0, 1);
        check(59_999, 0, 0, 59);
        check(60_000, 0, 1, 0);
        check(280_000, 0, 4, 40);
        check(3_661_000, 1, 1, 1);
        check(3_599_999, 0, 59, 59);
        check(86_400_000, 24, 0, 0);
        check(90_060_000, 25, 1, 0);
    }
}
