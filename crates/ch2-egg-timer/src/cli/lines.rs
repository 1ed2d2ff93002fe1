//! The lines that tell of alarms.

use crate::boundary::Event;
use crate::core::{AlarmName, Length};
use otp_text::time::told;
use std::time::SystemTime;

/// An alarm is set at this moment, and when it will ring; if the calendar has no place for that, only that it is set.
pub(super) fn set(name: &AlarmName, length: Length, now: SystemTime) -> String {
    let due = now.checked_add(length.duration());
    let rings_at = due.and_then(|due| told(now, due));
    let rings_at = rings_at.map_or(String::new(), |due| format!(", rings at {due}"));
    format!("set {name} {length}{rings_at}")
}

/// What is told of an event. That an alarm is set has been told by the command that set it.
pub(super) fn event(event: &Event) -> Option<String> {
    Some(match event {
        Event::Scheduled(..) => return None,
        Event::Rang(name, message) => match message.as_deref() {
            None | Some("") => format!("ring {name}"),
            Some(message) => format!("ring {name} {message}"),
        },
        Event::Failed(name, reason) => format!("failed {name}: {reason}"),
        Event::Pending(status) => format!("pending {status}"),
        Event::Stopped(reason) => format!("terminate: {reason}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_clock_outside_of_the_calendar_tells_no_moment() {
        let eggs: AlarmName = "eggs".parse().expect("a name");
        let length: Length = "5m".parse().expect("a length");
        let line = set(&eggs, length, SystemTime::now());
        assert!(line.starts_with("set eggs 5m, rings at "), "{line}");
        let before = SystemTime::UNIX_EPOCH - Duration::from_secs(86_400);
        assert_eq!(set(&eggs, length, before), "set eggs 5m");
    }
}
