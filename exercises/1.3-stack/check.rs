//! The check of exercise 1.3.

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

use exercise::{Empty, pop, push, start, state};

#[otp_core::test]
async fn the_last_item_is_removed_first() {
    let stack = start().await.expect("the stack starts");
    push(&stack, "plate");
    push(&stack, "cup");
    let items = state(&stack).await.expect("the stack still runs");
    assert_eq!(
        items,
        ["cup", "plate"],
        "the cup was added last, so it must be the first item"
    );
    let first = pop(&stack).await.expect("the stack still runs after pop");
    assert_eq!(
        first.as_deref(),
        Ok("cup"),
        "the cup was added last, so it must be the first item"
    );
    let second = pop(&stack).await.expect("the stack still runs after pop");
    assert_eq!(second.as_deref(), Ok("plate"));
}

#[otp_core::test]
async fn a_pop_of_an_empty_stack_returns_an_error_and_does_not_end_the_server() {
    let stack = start().await.expect("the stack starts");
    let answer = pop(&stack).await;
    assert!(
        answer.is_ok(),
        "a pop of the empty stack has crashed the server"
    );
    assert_eq!(
        answer,
        Ok(Err(Empty)),
        "a pop of the empty stack must return Empty"
    );
    push(&stack, "plate");
    let popped = pop(&stack)
        .await
        .expect("the stack still runs after a pop of the empty stack");
    assert_eq!(popped.as_deref(), Ok("plate"));
}
