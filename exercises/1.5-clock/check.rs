//! The check of exercise 1.5.

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

use exercise::{PERIOD, start, tick};
use otp_core::test::Probe;
use tokio::time::sleep;

#[otp_core::test]
async fn the_clock_ticks_by_itself() {
    let probe = Probe::new();
    let ticks = probe.clone();
    let _clock = start(move |n| ticks.report(n))
        .await
        .expect("the clock starts");
    sleep(PERIOD * 3 + Duration::from_secs(1)).await;
    assert_eq!(probe.drain(), [1, 2, 3], "three periods, three ticks");
}

#[otp_core::test]
async fn an_extra_tick_does_not_double_the_ticks() {
    let probe = Probe::new();
    let ticks = probe.clone();
    let clock = start(move |n| ticks.report(n))
        .await
        .expect("the clock starts");
    sleep(PERIOD / 2).await;
    tick(&clock);
    assert_eq!(
        probe.next().await,
        1,
        "the clock handles the extra tick at once"
    );
    // From here on there is one tick a period after the last tick.
    for n in 2..6 {
        sleep(PERIOD).await;
        tokio::task::yield_now().await;
        let ticks = probe.drain();
        assert!(ticks.len() < 2, "two ticks in one period: {ticks:?}");
        assert_eq!(ticks, [n], "one tick a period after the extra tick");
    }
}
