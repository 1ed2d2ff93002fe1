//! The forms in which the status of alarms can be shown.

use crate::core::{Hms, Status};
use serde_json::json;

/// A form of the status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// `eggs 4m 40s left`
    #[default]
    Plain,
    /// Name, duration and what is left of it, in hours, minutes and seconds: `eggs 0:05:00 0:04:40`
    Hms,
    /// An array of objects with `name`, `duration_ms` and `remaining_ms`, for other programs.
    Json,
}

impl Format {
    /// The lines that show these alarms in this form.
    ///
    /// ```
    /// use ch2_egg_timer::core::{Format, Status};
    /// use std::time::Duration;
    ///
    /// let eggs = Status {
    ///     name: "eggs".parse().expect("a name"),
    ///     duration: Duration::from_secs(300),
    ///     remaining: Duration::from_secs(280),
    /// };
    /// assert_eq!(Format::Hms.lines(&[eggs]), ["eggs 0:05:00 0:04:40"]);
    /// ```
    pub fn lines(self, alarms: &[Status]) -> Vec<String> {
        match self {
            Self::Plain => alarms.iter().map(ToString::to_string).collect(),
            Self::Hms => alarms.iter().map(hms).collect(),
            Self::Json => vec![json(alarms)],
        }
    }
}

fn hms(alarm: &Status) -> String {
    let [duration, remaining] = [alarm.duration, alarm.remaining].map(Hms::from);
    format!("{} {duration} {remaining}", alarm.name)
}

fn json(alarms: &[Status]) -> String {
    let object = |alarm: &Status| {
        let [duration, remaining] = [alarm.duration, alarm.remaining].map(|it| {
            u64::try_from(it.as_millis()).expect("ten years of milliseconds fit into 64 bits")
        });
        json!({
            "name": alarm.name.as_str(),
            "duration_ms": duration,
            "remaining_ms": remaining,
        })
    };
    alarms
        .iter()
        .map(object)
        .collect::<serde_json::Value>()
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn status(name: &str, duration: u64, remaining: u64) -> Status {
        Status {
            name: name.parse().expect("a name"),
            duration: Duration::from_millis(duration),
            remaining: Duration::from_millis(remaining),
        }
    }

    // S28
    #[test]
    fn duration_and_rest_in_hours_minutes_and_seconds() {
        fn check(duration: u64, waited: u64, line: &str) {
            let alarm = status("a", duration, duration.saturating_sub(waited));
            assert_eq!(Format::Hms.lines(&[alarm]), [line]);
        }

        check(0, 0, "a 0:00:00 0:00:00");
        check(999, 0, "a 0:00:00 0:00:00");
        check(1000, 0, "a 0:00:01 0:00:01");
        check(59_999, 0, "a 0:00:59 0:00:59");
        check(60_000, 0, "a 0:01:00 0:01:00");
        check(300_000, 20_000, "a 0:05:00 0:04:40");
        check(600_000, 10_000, "a 0:10:00 0:09:50");
        check(3_661_000, 0, "a 1:01:01 1:01:01");
        // Whole seconds on both ends may show a second more: ours cuts off what is left of the true rest.
        check(3_600_000, 1, "a 1:00:00 0:59:59");
        check(86_400_000, 0, "a 24:00:00 24:00:00");
        check(90_061_000, 1000, "a 25:01:01 25:01:00");
        check(5000, 9000, "a 0:00:05 0:00:00");
    }

    #[test]
    fn json_is_one_line_that_survives_any_name() {
        let alarms = [status("\"a\" \\ b", 500, 20), status("œufs", 0, 0)];
        let lines = Format::Json.lines(&alarms);
        let [line] = &lines[..] else {
            panic!("{lines:?}")
        };
        let value: serde_json::Value = line.parse().expect("JSON");
        assert_eq!(value[0]["name"], "\"a\" \\ b");
        assert_eq!(value[0]["remaining_ms"], 20);
        assert_eq!(value[1]["duration_ms"], 0);
        assert_eq!(Format::Json.lines(&[]), ["[]"]);
    }

    #[test]
    fn no_alarm_is_no_line() {
        assert!(Format::Plain.lines(&[]).is_empty());
        assert!(Format::Hms.lines(&[]).is_empty());
    }
}
