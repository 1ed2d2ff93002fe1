//! When an alarm rings, in the time that people live by.

use chrono::{DateTime, Offset, TimeZone};
use std::fmt::Display;

/// A moment as it is told at `now`: the time of day; with the date, unless that is today; with the zone's offset from UTC,
/// if that is another by then. (In autumn there are two o'clocks that only the offset tells apart.)
pub(super) fn told<Z: TimeZone>(now: &DateTime<Z>, then: &DateTime<Z>) -> String
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

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

    #[test]
    fn the_date_is_told_when_it_is_not_today() {
        fn check(seconds: i64, expected: &str) {
            let zone = FixedOffset::east_opt(2 * 3600).expect("a zone");
            let now = zone
                .with_ymd_and_hms(2024, 2, 28, 23, 50, 7)
                .single()
                .expect("a moment");
            let then = now + TimeDelta::seconds(seconds);
            assert_eq!(told(&now, &then), expected);
        }

        check(0, "23:50:07");
        check(9 * 60, "23:59:07");
        check(10 * 60, "2024-02-29 00:00:07");
        check(2 * 86_400, "2024-03-01 23:50:07");
    }

    /// A zone in which the clocks go back from 3 to 2 on one day.
    #[derive(Clone, Debug)]
    struct Autumn;

    impl TimeZone for Autumn {
        type Offset = FixedOffset;

        fn from_offset(_: &FixedOffset) -> Self {
            Self
        }

        fn offset_from_local_date(&self, _: &NaiveDate) -> chrono::MappedLocalTime<FixedOffset> {
            unreachable!("nothing here begins with a local time")
        }

        fn offset_from_local_datetime(
            &self,
            _: &NaiveDateTime,
        ) -> chrono::MappedLocalTime<FixedOffset> {
            unreachable!("nothing here begins with a local time")
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
    fn two_oclock_comes_twice_and_is_told_apart() {
        let day = NaiveDate::from_ymd_opt(2024, 10, 27).expect("a day");
        let before = Autumn.from_utc_datetime(&day.and_hms_opt(0, 10, 0).expect("a time"));
        let once = before + TimeDelta::minutes(10);
        let again = before + TimeDelta::minutes(70);
        assert_eq!(told(&before, &once), "02:20:00");
        assert_eq!(told(&before, &again), "02:20:00 +01:00");
    }
}
