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

use ch1_calculator::core::Number;
use exercise::{Op, negate, send, start, total};

fn n(text: &str) -> Number {
    text.parse().expect("a number")
}

#[otp_core::test]
async fn negate_changes_the_sign() {
    for (before, after) in [("10", "-10"), ("-2.5", "2.5"), ("0", "0")] {
        let calculator = start(n(before)).await.expect("the calculator starts");
        negate(&calculator);
        let total = total(&calculator)
            .await
            .expect("the calculator still runs after negate");
        assert_eq!(
            total,
            n(after),
            "negate has not changed {before} into {after}"
        );
    }
}

#[otp_core::test]
async fn negate_works_between_other_operations() {
    let calculator = start(n("0")).await.expect("the calculator starts");
    send(&calculator, Op::Add(n("10")));
    negate(&calculator);
    send(&calculator, Op::Subtract(n("4")));
    negate(&calculator);
    send(&calculator, Op::Divide(n("4")));
    let total = total(&calculator).await.expect("the calculator still runs");
    assert_eq!(
        total,
        n("3.5"),
        "0, add 10, negate, subtract 4, negate, divide by 4"
    );
}
