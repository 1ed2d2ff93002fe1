//! A solution of exercise 2.4: arithmetic on values, without a process.

use std::time::Duration;

/// The remaining time of an alarm in hours, minutes and seconds: `1:05:09`.
pub fn hms(left: Duration) -> String {
    let seconds = left.as_secs();
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    format!("{hours}:{minutes:02}:{:02}", seconds % 60)
}

/// A line of the status: the alarm's name, its duration and its remaining time.
pub fn line(name: &str, duration: Duration, left: Duration) -> String {
    format!("{name} {} {} left", hms(duration), hms(left))
}
