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

use ch2_egg_timer::api::EggTimer;
use ch2_egg_timer::boundary::OnRing;
use exercise::{AFTER_A_CRASH, Alarms, Place, start};
use otp_core::prelude::*;
use otp_core::process;
use tokio::time::sleep;

fn now(place: &Place) -> EggTimer {
    let timer = place.lock().expect("no thread panics with the lock").clone();
    timer.expect("`start` has not started an egg timer")
}

fn schedule(timer: &EggTimer, name: &str) {
    let (name, length) = (name.parse(), "5m".parse());
    let set = timer.schedule(
        name.expect("a name"),
        length.expect("a length"),
        OnRing::Tell(None),
    );
    set.expect("the clock is right");
}

async fn names(timer: &EggTimer) -> Vec<String> {
    match timer.status().await {
        Ok(alarms) => alarms.iter().map(|alarm| alarm.name.to_string()).collect(),
        Err(_) => panic!("the egg timer has crashed, and nobody has started it again"),
    }
}

/// The egg timer that has come back after a crash with eggs pending.
async fn after_a_crash() -> EggTimer {
    let place = Place::default();
    let starts = place.clone();
    // A process of its own: a crash of the egg timer may end it, and not this check.
    process::spawn(async move |_: Mailbox<Never>| {
        start(starts).await.expect("the egg timer starts");
        std::future::pending::<()>().await;
    });
    sleep(Duration::from_secs(1)).await;
    let first = now(&place);
    schedule(&first, "eggs");
    assert_eq!(names(&first).await, ["eggs"]);
    first.stop_because(ExitReason::other("we_broke_something"));
    sleep(Duration::from_secs(1)).await;
    now(&place)
}

#[otp_core::test]
async fn the_egg_timer_comes_back() {
    let timer = after_a_crash().await;
    names(&timer).await;
    schedule(&timer, "tea");
    assert!(names(&timer).await.contains(&"tea".to_owned()));
}

#[otp_core::test]
async fn the_question_is_answered() {
    let timer = after_a_crash().await;
    let right = match names(&timer).await.is_empty() {
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
