//! One alarm.

use crate::core::{AlarmName, Length};
use std::fmt;
use std::time::{Duration, Instant};

/// An alarm: its name, how long it waits, since when, and what to do when it rings.
///
/// `A` stands for what to do. The core carries it and gives it back; it does not know what it is.
#[derive(Clone, Debug)]
pub struct Alarm<A> {
    name: AlarmName,
    length: Length,
    start: Instant,
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

impl<A> Alarm<A> {
    /// An alarm that has been set at `start`, a moment of the monotonic clock.
    pub fn new(name: AlarmName, length: Length, start: Instant, action: A) -> Self {
        Self {
            name,
            length,
            start,
            action,
        }
    }

    /// The name of the alarm.
    pub fn name(&self) -> &AlarmName {
        &self.name
    }

    /// How the alarm stands at `now`.
    pub fn status(&self, now: Instant) -> Status {
        let duration = self.length.duration();
        let waited = now.saturating_duration_since(self.start);
        Status {
            name: self.name.clone(),
            duration,
            remaining: duration.saturating_sub(waited),
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
mod tests {
    use super::*;

    fn alarm(millis: u64, start: Instant) -> Alarm<()> {
        let length = Length::try_from(Duration::from_millis(millis)).expect("a short time");
        Alarm::new("eggs".parse().expect("a name"), length, start, ())
    }

    // S26: the true rest, cut off below the second for display, and zero once overdue.
    #[test]
    fn remaining_is_the_true_rest_and_never_negative() {
        fn check(millis: u64, waited_micros: u64, seconds_left: u64) {
            let start = Instant::now();
            let status = alarm(millis, start).status(start + Duration::from_micros(waited_micros));
            assert_eq!(
                status.remaining.as_secs(),
                seconds_left,
                "{millis} ms, after {waited_micros} us"
            );
            assert_eq!(status.duration, Duration::from_millis(millis));
        }

        check(20_000, 0, 20);
        check(20_000, 1, 19);
        check(20_000, 1_000_000, 19);
        check(20_000, 6_000_000, 14);
        check(20_000, 19_000_000, 1);
        check(20_000, 19_000_001, 0);
        check(20_000, 20_000_000, 0);
        check(20_000, 21_000_001, 0);
        check(500, 0, 0);
        check(1500, 0, 1);
    }

    #[test]
    fn a_moment_before_the_start_does_not_count() {
        let start = Instant::now() + Duration::from_secs(60);
        assert_eq!(
            alarm(5000, start)
                .status(start - Duration::from_secs(9))
                .remaining,
            Duration::from_secs(5)
        );
    }

    #[test]
    fn a_status_reads_well() {
        fn check(remaining: Duration, text: &str) {
            let name = "eggs".parse().expect("a name");
            assert_eq!(
                Status {
                    name,
                    duration: Length::MAX,
                    remaining
                }
                .to_string(),
                text
            );
        }

        check(Duration::ZERO, "eggs 0s left");
        check(Duration::from_micros(1_483_999), "eggs 1s 483ms left");
        check(Duration::from_millis(9999), "eggs 9s 999ms left");
        check(Duration::from_millis(280_999), "eggs 4m 40s left");
        check(Length::MAX, "eggs 10years left");
    }
}
