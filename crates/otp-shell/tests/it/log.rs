//! What the reports look like on standard error.

use otp_shell::log::{Colours, LogLevel, subscriber};
use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};

/// A writer that keeps what it gets, in the hands of the test and of the subscriber.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("one test thread").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn shown(level: LogLevel, colours: Colours, events: impl FnOnce()) -> String {
    let kept = Kept::default();
    let writer = kept.clone();
    tracing::subscriber::with_default(subscriber(level, colours, move || writer.clone()), events);
    let bytes = kept.0.lock().expect("one test thread").clone();
    String::from_utf8(bytes).expect("reports are text")
}

/// Splits `12:34:56.789 rest` and checks the time's shape.
fn without_time(line: &str) -> &str {
    let (time, rest) = line.split_once(' ').expect("a time comes first");
    let shape: String = time
        .chars()
        .map(|c| if c.is_ascii_digit() { '0' } else { c })
        .collect();
    assert_eq!(shape, "00:00:00.000");
    rest
}

#[test]
fn a_report_is_its_message_without_the_fields() {
    let text = shown(LogLevel::Warn, Colours::Off, || {
        tracing::error!(
            target: "otp_core::report",
            server = "<0.8.0>",
            reason = "division by zero",
            "GenServer <0.8.0> terminating\n** division by zero\nState: 10\n"
        );
    });
    assert_eq!(
        without_time(&text),
        "[error] GenServer <0.8.0> terminating\n** division by zero\nState: 10\n"
    );
}

#[test]
fn the_crash_report_behind_a_report_is_for_those_who_want_everything() {
    for (level, lines) in [(LogLevel::Info, 1), (LogLevel::Debug, 2)] {
        let text = shown(level, Colours::Off, || {
            tracing::error!(target: "otp_core::report", "GenServer <0.8.0> terminating");
            tracing::error!(target: "otp_core::crash", pid = "<0.8.0>", "Process <0.8.0> terminating");
        });
        assert_eq!(text.lines().count(), lines, "{level:?}: {text}");
        assert!(!text.contains("pid="), "{text}");
    }
}

#[test]
fn any_other_event_keeps_its_fields() {
    let text = shown(LogLevel::Debug, Colours::Off, || {
        tracing::debug!(total = 6, name = "eggs", "asked");
    });
    assert_eq!(without_time(&text), "[debug] asked total=6 name=\"eggs\"\n");
}

#[test]
fn events_below_the_level_are_not_shown() {
    let text = shown(LogLevel::Warn, Colours::Off, || {
        tracing::info!("all is well");
        tracing::warn!("odd");
    });
    assert_eq!(without_time(&text), "[warning] odd\n");

    let text = shown(LogLevel::Error, Colours::Off, || tracing::warn!("odd"));
    assert_eq!(text, "");
}

#[test]
fn colours_surround_the_whole_report() {
    let text = shown(LogLevel::Error, Colours::On, || tracing::error!("gone"));
    assert!(text.starts_with("\x1b[31m"), "{text:?}");
    assert!(text.ends_with("[error] gone\x1b[0m\n"), "{text:?}");
}
