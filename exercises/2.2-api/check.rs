//! The check of exercise 2.2.

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

use exercise::{Pending, Timer};

const MINUTE: Duration = Duration::from_secs(60);

fn alarm(name: &str, minutes: u32) -> Pending {
    Pending {
        name: name.to_owned(),
        duration: minutes * MINUTE,
    }
}

#[otp_core::test]
async fn status_has_an_alarm_that_was_set() {
    let timer = Timer::start_link().await.expect("the timer starts");
    assert_eq!(
        timer.status().await,
        Ok(vec![]),
        "a new timer has no alarms"
    );
    timer.schedule("eggs", 5 * MINUTE);
    let status = timer.status().await;
    assert_eq!(
        status,
        Ok(vec![alarm("eggs", 5)]),
        "after schedule eggs 5m the status must have the alarm"
    );
}

#[otp_core::test]
async fn an_alarm_is_replaced_and_cancelled() {
    let timer = Timer::start_link().await.expect("the timer starts");
    timer.schedule("eggs", 5 * MINUTE);
    timer.schedule("tea", 3 * MINUTE);
    timer.schedule("eggs", 7 * MINUTE);
    let status = timer.status().await;
    assert_eq!(
        status,
        Ok(vec![alarm("tea", 3), alarm("eggs", 7)]),
        "the second alarm with the name eggs replaces the first"
    );
    assert_eq!(
        timer.cancel("eggs").await,
        Ok(true),
        "the eggs were pending, so cancel must return true"
    );
    assert_eq!(
        timer.cancel("eggs").await,
        Ok(false),
        "the eggs are cancelled already, so cancel must return false"
    );
    assert_eq!(timer.status().await, Ok(vec![alarm("tea", 3)]));
}

#[otp_core::test]
async fn clones_are_the_same_timer() {
    let timer = Timer::start_link().await.expect("the timer starts");
    timer.clone().schedule("eggs", MINUTE);
    assert_eq!(
        timer.status().await,
        Ok(vec![alarm("eggs", 1)]),
        "a clone of the handle has set the alarm"
    );
}
