//! Cron expressions at any moment that a clock can show, in any zone.

use std::time::{Duration, SystemTime};

use otp_core::schedule::{Cron, Zone};
use proptest::prelude::*;

const EXPRESSIONS: [&str; 6] = [
    "* * * * * *",
    "0 0 * * *",
    "0 0 29 2 *",
    "59 23 31 12 *",
    "0 0 L * FRI#L",
    "0 0 30 2 *",
];

fn zones() -> impl Strategy<Value = Zone> {
    let day = 24 * 3600;
    prop_oneof![
        Just(Zone::Local),
        Just(Zone::Utc),
        (-day..=day).prop_map(Zone::Offset),
        any::<i32>().prop_map(Zone::Offset),
    ]
}

/// A moment of the system's clock, if it has one so far from 1970.
fn moment(seconds: i64, nanos: u32) -> Option<SystemTime> {
    let distance = Duration::from_secs(seconds.unsigned_abs());
    let whole = match seconds < 0 {
        true => SystemTime::UNIX_EPOCH.checked_sub(distance),
        false => SystemTime::UNIX_EPOCH.checked_add(distance),
    };
    whole?.checked_add(Duration::from_nanos(nanos.into()))
}

fn cron(text: &str, zone: Zone) -> Cron {
    let cron: Cron = text.parse().expect("an expression");
    cron.in_zone(zone)
}

/// The ends of the calendars of `chrono` and of `croner`, which are the years 1 and 5000, and of the clock.
const ENDS: [i64; 8] = [
    8_210_266_876_799,
    -8_334_601_228_800,
    95_617_584_000,
    -62_135_596_800,
    253_402_300_800,
    0,
    i64::MIN,
    i64::MAX,
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_next_moment_is_behind_any_moment(
        near in prop_oneof![3 => prop::sample::select(&ENDS[..]), 1 => any::<i64>()],
        by in -90_000..90_000_i64,
        nanos in 0..1_000_000_000_u32,
        text in prop::sample::select(&EXPRESSIONS[..]),
        zone in zones(),
    ) {
        if let Some(moment) = moment(near.saturating_add(by), nanos) {
            let next = cron(text, zone).next_after(moment);
            prop_assert!(next.is_none_or(|next| next > moment));
        }
    }
}

#[test]
fn a_zone_does_not_move_a_moment_out_of_the_calendar() {
    let check = |seconds, zone, expected: Option<i64>| {
        let from = moment(seconds, 0).expect("a moment of the clock");
        let next = cron("0 0 1 1 *", zone).next_after(from);
        let expected = expected.and_then(|it| moment(it, 0));
        assert_eq!(next, expected, "{seconds} {zone:?}");
    };

    const HOUR: i32 = 3600;
    const YEAR_1: i64 = -62_135_596_800;
    const YEAR_5000: i64 = 95_617_584_000;
    for east in [0, 14 * HOUR, -14 * HOUR] {
        let zone = Zone::Offset(east);
        let first = YEAR_1 - i64::from(east);
        for earlier in [i64::MIN, -8_334_601_228_800, YEAR_1 - 86_400, first - 1] {
            check(earlier, zone, Some(first));
        }
        let last = YEAR_5000 - i64::from(east);
        check(last - 1, zone, Some(last));
        for later in [last, 8_210_266_876_799, 8_210_266_876_800, i64::MAX] {
            check(later, zone, None);
        }
    }
    // A clock that stands before 1970.
    check(-1, Zone::Utc, Some(0));
    check(-1, Zone::Offset(HOUR), Some(364 * 86_400 + 23 * 3600));
    check(-365 * 86_400 - 1, Zone::Utc, Some(-365 * 86_400));
}
