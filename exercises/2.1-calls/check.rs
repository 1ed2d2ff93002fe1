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
async fn a_client_whose_operation_crashes_the_server_gets_the_reason() {
    let calculator = start(10).await.expect("the calculator starts");
    match divide(&calculator, 0).await {
        Ok(()) => panic!("a division by zero was answered with Ok, but it was not done"),
        Err(CallError::Exited { reason, .. }) => {
            let reason = reason.to_string();
            assert!(
                reason.contains("division by zero"),
                "the error must contain the reason of the crash: {reason}"
            );
        }
        Err(other) => panic!("the error must be CallError::Exited with the reason, not: {other}"),
    }
    let after = add(&calculator, 1).await;
    assert!(
        after.is_err(),
        "the calculator has ended, so an add must fail: {after:?}"
    );
}
