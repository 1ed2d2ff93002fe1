//! The lines that the program prints for events.

use crate::boundary::Event;
use otp_text::time;
use std::time::SystemTime;

/// The line for an event. `now` is the current time of the wall clock.
pub(super) fn event(event: &Event, now: SystemTime) -> String {
    match event {
        Event::Scheduled(name, length, due) => {
            let rings_at =
                time::format(now, *due).map_or(String::new(), |due| format!(", rings at {due}"));
            format!("set {name} {length}{rings_at}")
        }
        Event::Rang(name, message) => match message.as_deref() {
            None | Some("") => format!("ring {name}"),
            Some(message) => format!("ring {name} {message}"),
        },
        Event::Failed(name, reason) => format!("failed {name}: {reason}"),
        Event::Pending(status) => format!("pending {status}"),
        Event::Stopped(reason) => format!("terminate: {reason}"),
    }
}
