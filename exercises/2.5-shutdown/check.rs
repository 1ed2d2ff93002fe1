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

type Word = (Vec<String>, ExitReason);

#[otp_core::test]
async fn a_stop_hears_the_last_word() {
    let words = Probe::<Word>::new();
    let heard = words.clone();
    let timer = start_link(move |pending, reason| heard.report((pending.to_vec(), reason.clone())));
    let timer = timer.await.expect("the timer starts");
    schedule(&timer, "eggs");
    timer.stop().await.expect("the timer stops");
    let words = words.drain();
    assert!(
        !words.is_empty(),
        "the timer was stopped with eggs pending, and said nothing"
    );
    assert_eq!(words, [(vec!["eggs".to_owned()], ExitReason::Normal)]);
}

#[otp_core::test]
async fn a_parent_that_shuts_down_hears_it_as_well() {
    let words = Probe::<Word>::new();
    let heard = words.clone();
    let parent = process::spawn(async move |_: Mailbox<Never>| {
        let timer =
            start_link(move |pending, reason| heard.report((pending.to_vec(), reason.clone())));
        let timer = timer.await.expect("the timer starts");
        schedule(&timer, "tea");
        // It has been scheduled once this is answered.
        otp_core::sys::get_status(&timer)
            .await
            .expect("the timer runs");
        process::exit_self(ExitReason::Shutdown);
    });
    parent.wait().await;
    let word = tokio::time::timeout(std::time::Duration::from_secs(1), words.next()).await;
    let word = word.expect(
        "the timer's parent has shut down, and the timer said nothing: does it trap exits?",
    );
    assert_eq!(word, (vec!["tea".to_owned()], ExitReason::Shutdown));
}
