use super::*;
use proptest::prelude::*;
use std::time::Instant;

const fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A moment at which both clocks agree with everybody's.
fn noon() -> Moment {
    Moment {
        monotonic: Instant::now() + secs(1_000_000),
        wall: Wall::EPOCH + secs(1_700_000_000),
    }
}

/// The moment at which one clock has counted so many seconds, and the other shows so many more than at the start.
fn later(start: Moment, counted: u64, shown: i64) -> Moment {
    let shift = secs(shown.unsigned_abs());
    Moment {
        monotonic: start.monotonic + secs(counted),
        wall: if shown < 0 {
            start.wall - shift
        } else {
            start.wall + shift
        },
    }
}

fn alarm(millis: u64, start: Moment) -> Alarm<()> {
    let length = Length::try_from(Duration::from_millis(millis)).expect("a short time");
    Alarm::new("eggs".parse().expect("a name"), length, start, ())
}

// S26: the true rest, cut off below the second for display, and zero once overdue.
#[test]
fn remaining_is_the_true_rest_and_never_negative() {
    fn check(millis: u64, waited_micros: u64, seconds_left: u64) {
        let (start, waited) = (noon(), Duration::from_micros(waited_micros));
        let now = Moment {
            monotonic: start.monotonic + waited,
            wall: start.wall + waited,
        };
        let status = alarm(millis, start).status(now);
        assert_eq!(
            status.remaining.as_secs(),
            seconds_left,
            "{millis} ms, after {waited_micros} us"
        );
        assert_eq!(status.duration, Duration::from_millis(millis));
    }

    check(20_000, 0, 20);
    check(20_000, 1, 19);
    check(20_000, 1_000_000, 19);
    check(20_000, 6_000_000, 14);
    check(20_000, 19_000_000, 1);
    check(20_000, 19_000_001, 0);
    check(20_000, 20_000_000, 0);
    check(20_000, 21_000_001, 0);
    check(500, 0, 0);
    check(1500, 0, 1);
}

#[test]
fn a_moment_before_the_start_does_not_count() {
    let start = noon();
    let before = Moment {
        monotonic: start.monotonic - secs(9),
        wall: start.wall - secs(9),
    };
    assert_eq!(alarm(5000, start).remaining(before), secs(5));
}

#[test]
fn the_first_of_the_two_promises_counts() {
    fn check(counted: u64, shown: i64, left: u64, due: i64) {
        let start = noon();
        let now = later(start, counted, shown);
        let eggs = alarm(300_000, start);
        assert_eq!(eggs.remaining(now), secs(left), "{counted} {shown}");
        assert_eq!(
            eggs.due(now),
            later(start, 0, due).wall,
            "{counted} {shown}"
        );
    }

    // Nothing has happened to the clocks.
    check(60, 60, 240, 300);
    // The machine has slept for two minutes after one, and for an hour.
    check(60, 180, 120, 300);
    check(60, 3660, 0, 3660);
    // The clock was set back by an hour after a minute: the eggs ring an hour earlier on it.
    check(60, -3540, 240, -3300);
    check(300, -3300, 0, -3300);
    // And by less than it has gone.
    check(60, 30, 240, 270);
}

#[test]
fn what_two_clocks_are_always_apart_does_not_count() {
    let start = noon();
    let eggs = alarm(300_000, start);
    let mut now = later(start, 60, 60);
    now.wall = now.wall + Duration::from_millis(499);
    assert_eq!(eggs.remaining(now), secs(240));
    now.wall = now.wall + Duration::from_millis(1);
    assert_eq!(eggs.remaining(now), secs(240) - Duration::from_millis(500));
}

#[test]
fn another_moment_is_told_once() {
    let start = noon();
    let mut eggs = alarm(300_000, start);
    let mut check = |counted, shown, told: Option<i64>| {
        let due = told.map(|told| later(start, 0, told).wall);
        assert_eq!(
            eggs.tell_moved(later(start, counted, shown)),
            due,
            "{counted} {shown}"
        );
    };

    check(10, 10, None);
    // A sleep moves nothing.
    check(20, 50, None);
    // The clock is set back an hour, and right again.
    check(60, -3540, Some(-3300));
    check(70, -3530, None);
    check(80, 80, Some(300));
    check(90, 90, None);
    // What rings at once has no other moment.
    check(100, 4000, None);
}

#[test]
fn an_alarm_works_at_any_date() {
    for wall in [
        Wall::EPOCH - secs(86_400),
        Wall::EPOCH - secs(u64::MAX),
        Wall::EPOCH + secs(u64::MAX),
    ] {
        let start = Moment { wall, ..noon() };
        let mut eggs = alarm(300_000, start);
        assert_eq!(eggs.remaining(later(start, 60, 60)), secs(240));
        assert_eq!(eggs.tell_moved(later(start, 60, 60)), None);
    }
}

#[test]
fn a_status_reads_well() {
    fn check(remaining: Duration, text: &str) {
        let name = "eggs".parse().expect("a name");
        assert_eq!(
            Status {
                name,
                duration: Length::MAX,
                remaining
            }
            .to_string(),
            text
        );
    }

    check(Duration::ZERO, "eggs 0s left");
    check(Duration::from_micros(1_483_999), "eggs 1s 483ms left");
    check(Duration::from_millis(9999), "eggs 9s 999ms left");
    check(Duration::from_millis(280_999), "eggs 4m 40s left");
    check(Length::MAX, "eggs 10years left");
}

proptest! {
    /// Whatever is done to the wall clock: an alarm is not late by either promise, and the moment that its owner knows
    /// is the one at which it rings, if nothing more happens.
    #[test]
    fn no_alarm_is_late_and_no_told_moment_is_wrong(
        length in 1..100_000_u64,
        steps in prop::collection::vec((0..10_000_u64, -100_000..100_000_i64), 0..20),
    ) {
        let start = noon();
        let mut eggs = alarm(length * 1000, start);
        let mut told = start.wall + secs(length);
        let (mut counted, mut shown) = (0, 0);
        for (wait, step) in steps {
            counted += wait;
            shown += i64::try_from(wait).expect("small") + step;
            let now = later(start, counted, shown);
            let left = eggs.remaining(now);
            prop_assert!(left <= secs(length.saturating_sub(counted)));
            prop_assert!(now.wall + left <= (start.wall + secs(length)).max(now.wall));
            told = eggs.tell_moved(now).unwrap_or(told);
            prop_assert!(left.is_zero() || eggs.due(now) == told);
        }
    }
}
