//! The check of exercise 2.1.

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

use exercise::{add, divide, start, total};
use otp_core::prelude::*;

#[otp_core::test]
async fn the_operations_still_work() {
    let calculator = start(10).await.expect("the calculator starts");
    assert_eq!(add(&calculator, 5).await, Ok(()));
    assert_eq!(divide(&calculator, 3).await, Ok(()));
    assert_eq!(total(&calculator).await, Ok(5), "10, add 5, divide by 3");
}

#[otp_core::test]
async fn the_client_learns_that_its_operation_has_crashed_the_server() {
    let calculator = start(10).await.expect("the calculator starts");
    match divide(&calculator, 0).await {
        Ok(()) => panic!("a division by zero was answered with Ok, and it was never done"),
        Err(CallError::Exited { reason, .. }) => {
            let reason = reason.to_string();
            assert!(
                reason.contains("division by zero"),
                "the error says why: {reason}"
            );
        }
        Err(other) => panic!("the server has exited with a reason, and the error is {other}"),
    }
    let after = add(&calculator, 1).await;
    assert!(
        after.is_err(),
        "the calculator is gone, so an add cannot have been done: {after:?}"
    );
}
