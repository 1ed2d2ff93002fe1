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
use exercise::{AFTER_A_CRASH, Alarms, Current, start};
use otp_core::prelude::*;
use otp_core::process;
use tokio::time::sleep;

fn now(current: &Current) -> EggTimer {
    let timer = current
        .lock()
        .expect("no thread panics with this lock")
        .clone();
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
        Err(_) => panic!("the egg timer has crashed and was not restarted"),
    }
}

/// The egg timer after a crash with eggs pending.
async fn after_a_crash() -> EggTimer {
    let current = Current::default();
    let starts = current.clone();
    // A crash of the egg timer may end the process that started it, so that is not the check's process.
    process::spawn(async move |_: Mailbox<Never>| {
        start(starts).await.expect("the egg timer starts");
        std::future::pending::<()>().await;
    });
    sleep(Duration::from_secs(1)).await;
    let first = now(&current);
    schedule(&first, "eggs");
    assert_eq!(names(&first).await, ["eggs"]);
    first.stop_because(ExitReason::other("we_broke_something"));
    sleep(Duration::from_secs(1)).await;
    now(&current)
}

#[otp_core::test]
async fn the_egg_timer_is_restarted() {
    let timer = after_a_crash().await;
    names(&timer).await;
    schedule(&timer, "tea");
    assert!(names(&timer).await.contains(&"tea".to_owned()));
}

#[otp_core::test]
async fn the_question_is_answered() {
    let timer = after_a_crash().await;
    let right = match names(&timer).await.is_empty() {
        true => Alarms::Lost,
        false => Alarms::Kept,
    };
    assert_ne!(
        AFTER_A_CRASH,
        Alarms::Unanswered,
        "are the eggs still pending after the restart? Not answered yet: try it"
    );
    assert!(
        AFTER_A_CRASH == right,
        "are the eggs still pending after the restart? The answer {AFTER_A_CRASH:?} is wrong: try it again"
    );
}
