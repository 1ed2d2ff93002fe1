//! The check of exercise 2.5.

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

use exercise::{schedule, start_link};
use otp_core::prelude::*;
use otp_core::process;
use otp_core::test::Probe;

type LastWords = (Vec<String>, ExitReason);

#[otp_core::test]
async fn a_stop_reports_the_last_words() {
    let words = Probe::<LastWords>::new();
    let reports = words.clone();
    let timer =
        start_link(move |pending, reason| reports.report((pending.to_vec(), reason.clone())));
    let timer = timer.await.expect("the timer starts");
    schedule(&timer, "eggs");
    timer.stop().await.expect("the timer stops");
    let words = words.drain();
    assert!(
        !words.is_empty(),
        "the timer was stopped with eggs pending, but last_words was not called"
    );
    assert_eq!(words, [(vec!["eggs".to_owned()], ExitReason::Normal)]);
}

#[otp_core::test]
async fn a_shutdown_of_the_parent_reports_them_too() {
    let words = Probe::<LastWords>::new();
    let reports = words.clone();
    let parent = process::spawn(async move |_: Mailbox<Never>| {
        let timer =
            start_link(move |pending, reason| reports.report((pending.to_vec(), reason.clone())));
        let timer = timer.await.expect("the timer starts");
        schedule(&timer, "tea");
        // The cast is handled before this call.
        otp_core::sys::get_status(&timer)
            .await
            .expect("the timer runs");
        process::exit_self(ExitReason::Shutdown);
    });
    parent.wait().await;
    let word = tokio::time::timeout(std::time::Duration::from_secs(1), words.next()).await;
    let word = word.expect(
        "the timer's parent has shut down, but last_words was not called: does the timer trap exits?",
    );
    assert_eq!(word, (vec!["tea".to_owned()], ExitReason::Shutdown));
}
