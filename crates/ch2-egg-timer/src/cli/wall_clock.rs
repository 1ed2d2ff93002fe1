//! When an alarm rings, in the time that people live by.

use crate::core::Length;
use chrono::{DateTime, TimeDelta, TimeZone};
use std::fmt::Display;

/// The time of day at which an alarm set `now` rings; with the date, unless that is today.
///
/// The zone's own rules are applied to that moment, so an alarm which rings on the other side of a
/// change to summer time shows what the clocks will say then. `None` if the calendar ends before.
pub(super) fn rings_at<Z: TimeZone>(now: &DateTime<Z>, length: Length) -> Option<String>
where
    Z::Offset: Display,
{
    let wait = TimeDelta::from_std(length.duration()).ok()?;
    let then = now.clone().checked_add_signed(wait)?;
    let form = if then.date_naive() == now.date_naive() {
        "%H:%M:%S"
    } else {
        "%Y-%m-%d %H:%M:%S"
    };
    Some(then.format(form).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{FixedOffset, NaiveDate, Utc};

    #[test]
    fn the_date_is_told_when_it_is_not_today() {
        fn check(length: &str, expected: &str) {
            let zone = FixedOffset::east_opt(2 * 3600).expect("a zone");
            let now = zone
                .with_ymd_and_hms(2024, 2, 28, 23, 50, 7)
                .single()
                .expect("a moment");
            let length = length.parse().expect("a length");
            assert_eq!(rings_at(&now, length).as_deref(), Some(expected));
        }

        check("0s", "23:50:07");
        check("9m", "23:59:07");
        check("10m", "2024-02-29 00:00:07");
        check("2d", "2024-03-01 23:50:07");
        check("10y", "2034-02-28 11:50:07");
    }

    #[test]
    fn a_clock_at_the_end_of_the_calendar_has_no_answer() {
        let end = NaiveDate::MAX
            .and_hms_opt(23, 59, 59)
            .expect("a moment")
            .and_local_timezone(Utc);
        let end = end.single().expect("one moment in UTC");
        assert_eq!(rings_at(&end, "5m".parse().expect("a length")), None);
    }
}
