//! One alarm.

use crate::core::{AlarmName, Length};
use otp_text::duration::{hms, left};
use std::fmt;
use std::time::{Duration, SystemTime};

// ANCHOR: alarm
/// An alarm. `A` is the action of its ring, which the core only stores.
#[derive(Clone, Debug)]
pub struct Alarm<A> {
    /// The name.
    pub name: AlarmName,
    /// The duration from the start to the ring.
    pub length: Length,
    /// The moment of the ring, by the wall clock.
    pub due: SystemTime,
    /// The action of the ring.
    pub action: A,
}

/// The status of a pending alarm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// The name of the alarm.
    pub name: AlarmName,
    /// The duration from the start to the ring.
    pub duration: Duration,
    /// The remaining time, or zero when the alarm is overdue. It is more than `duration` after the clock was set back.
    pub remaining: Duration,
}

impl<A> Alarm<A> {
    /// The status of the alarm at `now`.
    pub fn status(&self, now: SystemTime) -> Status {
        Status {
            name: self.name.clone(),
            duration: self.length.duration(),
            remaining: self.due.duration_since(now).unwrap_or_default(),
        }
    }
}
// ANCHOR_END: alarm

impl Status {
    /// Name, duration and remaining time in hours, minutes and seconds: `eggs 0:05:00 0:04:40`.
    pub fn hms(&self) -> String {
        let [duration, remaining] = [self.duration, self.remaining].map(hms);
        format!("{} {duration} {remaining}", self.name)
    }
}

impl fmt::Display for Status {
    /// `eggs 4m 40s left`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} left", self.name, left(self.remaining))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(millis: u64, waited: u64) -> Status {
        let length: Length = format!("{millis}ms").parse().expect("a length");
        let alarm = Alarm {
            name: "eggs".parse().expect("a name"),
            length,
            due: SystemTime::UNIX_EPOCH + length.duration(),
            action: (),
        };
        alarm.status(SystemTime::UNIX_EPOCH + Duration::from_millis(waited))
    }

    // S26
    // ANCHOR: test
    #[test]
    fn remaining_is_exact_and_never_negative() {
        let remaining = |waited| status(300_000, waited).remaining;
        assert_eq!(remaining(0), Duration::from_secs(300));
        assert_eq!(remaining(20_000), Duration::from_secs(280));
        assert_eq!(remaining(300_000), Duration::ZERO);
        assert_eq!(remaining(3_600_000), Duration::ZERO);
    }
    // ANCHOR_END: test

    #[test]
    fn after_the_clock_was_set_back_remaining_exceeds_the_duration() {
        let hour = Duration::from_secs(3600);
        let alarm = Alarm {
            name: "eggs".parse().expect("a name"),
            length: "5m".parse().expect("a length"),
            due: SystemTime::UNIX_EPOCH + hour,
            action: (),
        };
        assert_eq!(alarm.status(SystemTime::UNIX_EPOCH).remaining, hour);
        let before_1970 = SystemTime::UNIX_EPOCH - hour;
        assert_eq!(alarm.status(before_1970).remaining, 2 * hour);
    }

    #[test]
    fn a_status_is_shown_in_seconds_and_near_the_end_in_milliseconds() {
        let check = |millis, waited, line: &str| {
            assert_eq!(status(millis, waited).to_string(), line);
        };

        check(300_000, 0, "eggs 5m left");
        check(300_000, 20_500, "eggs 4m 39s left");
        check(11_000, 1001, "eggs 9s 999ms left");
        check(10_000, 9_999, "eggs 1ms left");
        check(10_000, 10_000, "eggs 0s left");
    }

    // S28
    #[test]
    fn hms_shows_hours_minutes_and_seconds() {
        let check = |millis, waited, line: &str| {
            assert_eq!(status(millis, waited).hms(), format!("eggs {line}"));
        };

        check(0, 0, "0:00:00 0:00:00");
        check(999, 0, "0:00:00 0:00:00");
        check(1000, 0, "0:00:01 0:00:01");
        check(59_999, 0, "0:00:59 0:00:59");
        check(60_000, 0, "0:01:00 0:01:00");
        check(300_000, 20_000, "0:05:00 0:04:40");
        check(3_661_000, 0, "1:01:01 1:01:01");
        // The remaining time is rounded down to whole seconds.
        check(3_600_000, 1, "1:00:00 0:59:59");
        check(90_061_000, 1000, "25:01:01 25:01:00");
        check(5000, 9000, "0:00:05 0:00:00");
    }
}
