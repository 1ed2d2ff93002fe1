//! The check of exercise 1.2.

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

use exercise::{Message, add, inc, multiply, start, total};

#[otp_core::test]
async fn inc_adds_one() {
    let calculator = start(0).await.expect("the calculator starts");
    inc(&calculator);
    let total = total(&calculator)
        .await
        .expect("the calculator still runs after inc");
    assert_eq!(total, 1, "inc has not turned 0 into 1");
}

#[otp_core::test]
async fn a_message_without_the_api_works_too() {
    let calculator = start(41).await.expect("the calculator starts");
    calculator.send(Message::Inc);
    let total = total(&calculator)
        .await
        .expect("the calculator still runs after a message");
    assert_eq!(
        total, 42,
        "the message Inc itself, sent without the API, has not turned 41 into 42"
    );
}

#[otp_core::test]
async fn messages_and_casts_keep_their_order() {
    let calculator = start(0).await.expect("the calculator starts");
    inc(&calculator);
    inc(&calculator);
    multiply(&calculator, 6);
    inc(&calculator);
    add(&calculator, 1);
    let total = total(&calculator).await.expect("the calculator still runs");
    assert_eq!(total, 14, "0, inc, inc, multiply 6, inc, add 1");
}
