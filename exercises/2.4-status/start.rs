//! Exercise 2.4: a time as a kitchen clock shows it. The task is in `TASK.md`.

use std::time::Duration;

/// The time that is left of an alarm, in hours, minutes and seconds: `1:05:09`.
pub fn hms(left: Duration) -> String {
    format!("{}s", left.as_secs())
}

/// One line of a status: the alarm's name, its whole time, and what is left.
pub fn line(name: &str, duration: Duration, left: Duration) -> String {
    format!("{name} {} {} left", hms(duration), hms(left))
}
