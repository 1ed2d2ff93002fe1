//! Formats moments, for every time of the clock.
//!
//! A clock can show any time: a machine without a battery begins in 1970, a typing error sets the year 20260. `chrono` and
//! `SystemTime` panic on some of these moments. The functions of this module do not.

use chrono::{DateTime, Datelike, Local, NaiveTime, Offset, TimeZone, Utc};
use std::fmt::Display;
use std::time::{Duration, SystemTime};

/// A moment in the time zone of the user, or `None` if it is before 1970 or after 9999.
///
/// # Examples
///
/// ```
/// use otp_text::time::local;
/// use std::time::{Duration, SystemTime};
///
/// assert!(local(SystemTime::now()).is_some());
/// assert!(local(SystemTime::UNIX_EPOCH - Duration::from_secs(1)).is_none());
/// ```
#[must_use]
pub fn local(moment: SystemTime) -> Option<DateTime<Local>> {
    let since = moment.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    let seconds = i64::try_from(since.as_secs()).ok()?;
    let utc: DateTime<Utc> = DateTime::from_timestamp(seconds, since.subsec_nanos())?;
    // The zone may move the moment into another year, so a day is added.
    let near = utc.checked_add_signed(chrono::TimeDelta::days(1))?;
    (near.year() <= 9999).then(|| Local.from_utc_datetime(&utc.naive_utc()))
}

/// The time of day in the time zone of the user, or in UTC if the moment is outside of the calendar.
#[must_use]
pub fn time_of_day(moment: SystemTime) -> NaiveTime {
    if let Some(local) = local(moment) {
        return local.time();
    }
    const DAY: u64 = 24 * 60 * 60;
    let (seconds, nanos) = match moment.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) => (since.as_secs() % DAY, since.subsec_nanos()),
        Err(before) => {
            let before = before.duration() + Duration::from_secs(DAY);
            let rest = Duration::new(before.as_secs() % DAY, before.subsec_nanos());
            let since = Duration::from_secs(DAY) - rest;
            (since.as_secs() % DAY, since.subsec_nanos())
        }
    };
    let seconds = u32::try_from(seconds).unwrap_or_default();
    NaiveTime::from_num_seconds_from_midnight_opt(seconds, nanos).unwrap_or_default()
}

/// Formats a moment in the time zone of the user: the time of day, with the date if that is not today, and with the zone's
/// offset from UTC if that differs from the offset at `now`. `None` if one of the moments is outside of the calendar.
#[must_use]
pub fn format(now: SystemTime, then: SystemTime) -> Option<String> {
    Some(format_in(&local(now)?, &local(then)?))
}

/// At the end of summer time two moments differ only in their offset, so the offset is shown.
fn format_in<Z: TimeZone>(now: &DateTime<Z>, then: &DateTime<Z>) -> String
where
    Z::Offset: Display,
{
    let mut form = match then.date_naive() == now.date_naive() {
        true => "%H:%M:%S".to_owned(),
        false => "%Y-%m-%d %H:%M:%S".to_owned(),
    };
    if then.offset().fix() != now.offset().fix() {
        form.push_str(" %:z");
    }
    then.format(&form).to_string()
}

/// The moment after a delay.
///
/// # Errors
///
/// [`OutsideCalendar`] if `now` or that moment is before 1970 or after 9999.
///
/// # Examples
///
/// ```
/// use otp_text::time::{OutsideCalendar, after};
/// use std::time::{Duration, SystemTime};
///
/// let epoch = SystemTime::UNIX_EPOCH;
/// let minute = Duration::from_secs(60);
/// assert_eq!(after(epoch, minute), Ok(epoch + minute));
/// assert_eq!(after(epoch - 2 * minute, minute), Err(OutsideCalendar));
/// ```
pub fn after(now: SystemTime, delay: Duration) -> Result<SystemTime, OutsideCalendar> {
    let then = now.checked_add(delay).ok_or(OutsideCalendar)?;
    match (local(now), local(then)) {
        (Some(_), Some(_)) => Ok(then),
        _ => Err(OutsideCalendar),
    }
}

/// The moment is before 1970 or after 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the moment is before 1970 or after 9999: set the clock of the machine")]
pub struct OutsideCalendar;

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{FixedOffset, NaiveDate, NaiveDateTime, TimeDelta};
    use proptest::prelude::*;

    fn moment(seconds: i64) -> Option<SystemTime> {
        let distance = Duration::from_secs(seconds.unsigned_abs());
        match seconds < 0 {
            true => SystemTime::UNIX_EPOCH.checked_sub(distance),
            false => SystemTime::UNIX_EPOCH.checked_add(distance),
        }
    }

    #[test]
    fn the_calendar_begins_in_1970_and_ends_with_9999() {
        let end = 253_402_300_800; // 10000-01-01 00:00:00
        for (seconds, has_date) in [
            (-1, false),
            (0, true),
            (1_700_000_000, true),
            (end - 90_000, true),
            (end, false),
            (i64::MAX, false),
            (i64::MIN, false),
        ] {
            let Some(moment) = moment(seconds) else {
                continue;
            };
            assert_eq!(local(moment).is_some(), has_date, "{seconds}");
        }
    }

    #[test]
    fn a_delay_may_end_outside_of_the_calendar() {
        let last = SystemTime::UNIX_EPOCH + Duration::from_secs(253_402_300_800 - 90_000);
        let check = |seconds, millis, is_inside| {
            let now = moment(seconds).expect("a moment of the system's clock");
            let then = after(now, Duration::from_millis(millis));
            assert_eq!(then.is_ok(), is_inside, "{seconds} s and {millis} ms");
        };

        check(0, 0, true);
        check(-1, 0, false);
        check(-1, 60_000, false);
        check(253_402_300_800 - 90_000, 1000, true);
        check(253_402_300_800 - 90_000, 90_000_000, false);
        assert_eq!(after(last, Duration::MAX), Err(OutsideCalendar));
    }

    #[test]
    fn a_time_of_day_outside_of_the_calendar_is_in_utc() {
        let check = |seconds, shown: &str| {
            let moment = moment(seconds).expect("a moment of the system's clock");
            assert_eq!(time_of_day(moment).format("%H:%M:%S").to_string(), shown);
        };

        check(-1, "23:59:59");
        check(-86_400, "00:00:00");
        check(253_402_300_800 + 3661, "01:01:01");
    }

    #[test]
    fn the_date_is_shown_when_it_is_not_today() {
        fn check(seconds: i64, expected: &str) {
            let zone = FixedOffset::east_opt(2 * 3600).expect("a zone");
            let now = zone
                .with_ymd_and_hms(2024, 2, 28, 23, 50, 7)
                .single()
                .expect("a moment");
            let then = now + TimeDelta::seconds(seconds);
            assert_eq!(format_in(&now, &then), expected);
        }

        check(0, "23:50:07");
        check(9 * 60, "23:59:07");
        check(10 * 60, "2024-02-29 00:00:07");
        check(2 * 86_400, "2024-03-01 23:50:07");
    }

    /// A zone whose clocks are set back from 3 to 2 on one day.
    #[derive(Clone, Debug)]
    struct Autumn;

    impl TimeZone for Autumn {
        type Offset = FixedOffset;

        fn from_offset(_: &FixedOffset) -> Self {
            Self
        }

        fn offset_from_local_date(&self, _: &NaiveDate) -> chrono::MappedLocalTime<FixedOffset> {
            unreachable!("no test converts a local time")
        }

        fn offset_from_local_datetime(
            &self,
            _: &NaiveDateTime,
        ) -> chrono::MappedLocalTime<FixedOffset> {
            unreachable!("no test converts a local time")
        }

        fn offset_from_utc_date(&self, utc: &NaiveDate) -> FixedOffset {
            self.offset_from_utc_datetime(&utc.and_time(NaiveTime::MIN))
        }

        fn offset_from_utc_datetime(&self, utc: &NaiveDateTime) -> FixedOffset {
            let change =
                NaiveDate::from_ymd_opt(2024, 10, 27).and_then(|it| it.and_hms_opt(1, 0, 0));
            let summer = Some(*utc) < change;
            FixedOffset::east_opt(if summer { 7200 } else { 3600 }).expect("an offset")
        }
    }

    #[test]
    fn the_repeated_hour_is_shown_with_its_offset() {
        let day = NaiveDate::from_ymd_opt(2024, 10, 27).expect("a day");
        let before = Autumn.from_utc_datetime(&day.and_hms_opt(0, 10, 0).expect("a time"));
        let first = before + TimeDelta::minutes(10);
        let second = before + TimeDelta::minutes(70);
        assert_eq!(format_in(&before, &first), "02:20:00");
        assert_eq!(format_in(&before, &second), "02:20:00 +01:00");
    }

    proptest! {
        #[test]
        fn the_functions_do_not_panic(seconds: i64, nanos in 0..1_000_000_000_u32) {
            if let Some(moment) = moment(seconds).and_then(|it| it.checked_add(Duration::from_nanos(nanos.into()))) {
                let _ = local(moment);
                let _ = time_of_day(moment);
            }
        }
    }
}
