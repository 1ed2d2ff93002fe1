//! The lines that tell of alarms, with and without a prompt.

use super::wall_clock;
use crate::boundary::{Event, system_time};
use crate::core::{AlarmName, Length, Status, Wall};
use otp_text::time::local;
use std::time::SystemTime;

/// An alarm is set at this moment, and when it will ring.
pub(super) fn set(name: &AlarmName, length: Length, now: Wall) -> String {
    let due = now + length.duration();
    format!("set {name} {length}{}", rings_at(now, due))
}

/// The clock was set, and the alarm rings at another moment than was told before.
pub(super) fn moved(name: &AlarmName, due: Wall) -> String {
    let rings_at = rings_at(SystemTime::now().into(), due);
    format!("moved {name}{rings_at} (the clock was set)")
}

/// Nothing, if there is no calendar for these moments.
fn rings_at(now: Wall, due: Wall) -> String {
    let [now, due] = [now, due].map(|moment| local(system_time(moment)?));
    match now.zip(due) {
        Some((now, due)) => format!(", rings at {}", wall_clock::told(&now, &due)),
        None => String::new(),
    }
}

/// An alarm rings.
pub(super) fn ring(name: &AlarmName, message: Option<&str>) -> String {
    let message = message
        .filter(|text| !text.is_empty())
        .map(|text| format!(" {text}"));
    format!("ring {name}{}", message.unwrap_or_default())
}

/// An alarm will not ring any more, and how long it would have waited.
pub(super) fn pending(status: &Status) -> String {
    format!("pending {status}")
}

/// What a session tells of an event. That an alarm is set has been told by the command which set it.
pub(super) fn event(event: &Event) -> Option<String> {
    Some(match event {
        Event::Scheduled { .. } => return None,
        Event::Moved { name, due } => moved(name, *due),
        Event::Rang { name, message } => ring(name, message.as_deref()),
        Event::Failed { name, reason } => format!("failed {name}: {reason}"),
        Event::Pending(status) => pending(status),
        Event::Stopped(reason) => format!("terminate: {reason}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use otp_core::ExitReason;
    use std::time::Duration;

    fn eggs() -> AlarmName {
        "eggs".parse().expect("a name")
    }

    #[test]
    fn a_ring_begins_with_its_name_and_says_its_message() {
        let check = |message, line| assert_eq!(ring(&eggs(), message), line);

        check(None, "ring eggs");
        check(Some(""), "ring eggs");
        check(Some("take them out"), "ring eggs take them out");
    }

    #[test]
    fn a_clock_outside_of_the_calendar_tells_no_moment() {
        let length: Length = "5m".parse().expect("a length");
        let line = set(&eggs(), length, SystemTime::now().into());
        assert!(line.starts_with("set eggs 5m, rings at "), "{line}");
        let day = Duration::from_secs(86_400);
        for now in [
            Wall::EPOCH - day,
            Wall::EPOCH + 400 * 366 * 1000 * day,
            Wall::EPOCH + Duration::MAX,
        ] {
            assert_eq!(set(&eggs(), length, now), "set eggs 5m");
            assert_eq!(moved(&eggs(), now), "moved eggs (the clock was set)");
        }
    }

    #[test]
    fn an_event_is_one_line() {
        let check = |told: Event, line: Option<&str>| {
            assert_eq!(event(&told).as_deref(), line);
        };

        let length: Length = "5m".parse().expect("a length");
        let name = eggs();
        check(Event::Scheduled { name, length }, None);
        let pending = Status {
            name: eggs(),
            duration: length.duration(),
            remaining: "4m40s".parse::<Length>().expect("a length").duration(),
        };
        check(Event::Pending(pending), Some("pending eggs 4m 40s left"));
        let reason = ExitReason::other("burnt");
        let failed = Event::Failed {
            name: eggs(),
            reason,
        };
        check(failed, Some("failed eggs: burnt"));
        check(
            Event::Stopped(ExitReason::Normal),
            Some("terminate: normal"),
        );
    }
}
