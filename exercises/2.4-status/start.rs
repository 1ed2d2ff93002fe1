//! Exercise 2.4: a duration as a kitchen clock shows it. The task is in `TASK.md`.

use std::time::Duration;

/// The remaining time of an alarm in hours, minutes and seconds: `1:05:09`.
pub fn hms(left: Duration) -> String {
    format!("{}s", left.as_secs())
}

/// A line of the status: the alarm's name, its duration and its remaining time.
pub fn line(name: &str, duration: Duration, left: Duration) -> String {
    format!("{name} {} {} left", hms(duration), hms(left))
}
