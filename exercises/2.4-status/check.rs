//! The check of exercise 2.4.

#![allow(dead_code)]

#[cfg(feature = "solution")]
#[path = "solution.rs"]
mod exercise;
#[cfg(feature = "start")]
#[path = "start.rs"]
mod exercise;
#[cfg(not(any(feature = "solution", feature = "start")))]
#[path = "src/lib.rs"]
mod exercise;

use std::time::Duration;

use exercise::{hms, line};

#[track_caller]
fn check(millis: u64, expected: &str, words: &str) {
    let shown = hms(Duration::from_millis(millis));
    assert_eq!(shown, expected, "{words} are {expected}");
}

#[test]
fn minutes_and_seconds_have_two_digits() {
    check(300_000, "0:05:00", "five minutes");
    check(5_000, "0:00:05", "five seconds");
    check(0, "0:00:00", "no seconds");
}

#[test]
fn sixty_seconds_are_a_minute_and_sixty_minutes_an_hour() {
    check(60_000, "0:01:00", "sixty seconds");
    check(3_600_000, "1:00:00", "sixty minutes");
    check(3_909_000, "1:05:09", "3,909 seconds");
}

#[test]
fn parts_of_a_second_are_cut_off() {
    check(280_999, "0:04:40", "280.999 seconds");
    check(999, "0:00:00", "999 milliseconds");
}

#[test]
fn hours_continue_after_a_day() {
    check(90_000_000, "25:00:00", "twenty-five hours");
}

#[test]
fn a_line_of_the_status_uses_hms() {
    let shown = line(
        "eggs",
        Duration::from_secs(300),
        Duration::from_millis(280_999),
    );
    assert_eq!(shown, "eggs 0:05:00 0:04:40 left");
}
