//! The check of exercise 1.1.

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

use exercise::{add, negate, start, subtract, total};

#[otp_core::test]
async fn negate_changes_the_sign() {
    let calculator = start(10).await.expect("the calculator starts");
    negate(&calculator);
    let total = total(&calculator)
        .await
        .expect("the calculator still runs after negate");
    assert_eq!(total, -10, "negate has not changed 10 into -10");
}

#[otp_core::test]
async fn negate_takes_its_place_among_the_other_operations() {
    let calculator = start(0).await.expect("the calculator starts");
    add(&calculator, 10);
    negate(&calculator);
    subtract(&calculator, 4);
    negate(&calculator);
    let total = total(&calculator).await.expect("the calculator still runs");
    assert_eq!(total, 14, "0, add 10, negate, subtract 4, negate");
}
