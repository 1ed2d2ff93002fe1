//! The check of exercise 3.5.

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

use exercise::{AFTER_A_CRASH, Alarms, schedule, start, status, stop};
use otp_core::ExitReason;

/// The status once the egg timer has crashed with eggs pending.
async fn after_a_crash() -> Vec<String> {
    start().await.expect("the egg timer starts");
    schedule("eggs").await.expect("the egg timer runs");
    assert_eq!(status().await, Ok(vec!["eggs".to_owned()]));
    stop(ExitReason::other("we_broke_something"));
    tokio::time::sleep(Duration::from_secs(1)).await;
    match status().await {
        Ok(alarms) => alarms,
        Err(_) => panic!("the egg timer has crashed, and nobody has started it again"),
    }
}

#[otp_core::test]
async fn the_egg_timer_comes_back() {
    after_a_crash().await;
    schedule("tea").await.expect("it works again");
    assert!(
        status()
            .await
            .is_ok_and(|alarms| alarms.contains(&"tea".to_owned()))
    );
}

#[otp_core::test]
async fn the_question_is_answered() {
    let right = match after_a_crash().await.is_empty() {
        true => Alarms::Forgotten,
        false => Alarms::Kept,
    };
    assert_ne!(
        AFTER_A_CRASH,
        Alarms::Unknown,
        "what about the eggs? Not answered yet: try it"
    );
    assert!(
        AFTER_A_CRASH == right,
        "what about the eggs? Not {AFTER_A_CRASH:?}: try it once more"
    );
}
