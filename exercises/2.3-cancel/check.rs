//! The check of exercise 2.3.

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

use exercise::{cancel, schedule, start, status};
use otp_core::test::Probe;
use tokio::time::sleep;

const MINUTE: Duration = Duration::from_secs(60);

#[otp_core::test]
async fn an_alarm_rings_once() {
    let rings = Probe::new();
    let rung = rings.clone();
    let timer = start(move |name| rung.report(name.to_owned()))
        .await
        .expect("the timer starts");
    schedule(&timer, "eggs", 5 * MINUTE)
        .await
        .expect("the timer runs");
    assert_eq!(status(&timer).await, Ok(vec!["eggs".to_owned()]));
    sleep(10 * MINUTE).await;
    assert_eq!(rings.drain(), ["eggs"], "one alarm, one ring");
    assert_eq!(
        status(&timer).await,
        Ok(vec![]),
        "the alarm has rung, so it is not pending"
    );
}

#[otp_core::test]
async fn a_cancelled_alarm_does_not_ring() {
    let rings = Probe::new();
    let rung = rings.clone();
    let timer = start(move |name| rung.report(name.to_owned()))
        .await
        .expect("the timer starts");
    schedule(&timer, "eggs", 5 * MINUTE)
        .await
        .expect("the timer runs");
    schedule(&timer, "tea", 3 * MINUTE)
        .await
        .expect("the timer runs");
    assert_eq!(
        cancel(&timer, "eggs").await,
        Ok(true),
        "the eggs were pending, so cancel must return true"
    );
    assert_eq!(
        cancel(&timer, "eggs").await,
        Ok(false),
        "the eggs are cancelled already, so cancel must return false"
    );
    sleep(10 * MINUTE).await;
    let rung = rings.drain();
    assert!(
        !rung.contains(&"eggs".to_owned()),
        "the eggs were cancelled, but they rang"
    );
    assert_eq!(rung, ["tea"], "the tea was not cancelled, so it must ring");
}

#[otp_core::test]
async fn an_alarm_that_is_set_again_rings_at_its_new_time_only() {
    let rings = Probe::new();
    let rung = rings.clone();
    let timer = start(move |name| rung.report(name.to_owned()))
        .await
        .expect("the timer starts");
    schedule(&timer, "eggs", 5 * MINUTE)
        .await
        .expect("the timer runs");
    schedule(&timer, "eggs", 7 * MINUTE)
        .await
        .expect("the timer runs");
    sleep(6 * MINUTE).await;
    assert_eq!(
        rings.drain(),
        [""; 0],
        "the eggs were set again for 7 minutes, but they rang after 5"
    );
    sleep(6 * MINUTE).await;
    assert_eq!(
        rings.drain(),
        ["eggs"],
        "the eggs ring once, after 7 minutes"
    );
}
