//! What a transition does, and in which order.

use std::time::Duration;

use otp_core::prelude::*;

use crate::stage::Stage;

// STM-025
#[otp_core::test]
async fn a_reply_goes_out_before_the_new_state_is_entered() {
    let stage = Stage::start("a ask: next b; reply yes\n b enter: wait").await;
    let begun = tokio::time::Instant::now();
    assert_eq!(stage.call("ask").await, Ok("yes".to_owned()));
    assert_eq!(begun.elapsed(), Duration::ZERO, "to enter it takes 50 ms");
    stage.check(&["a call ask", "b enter from a"]).await;
}

// STM-025
#[otp_core::test]
async fn a_reply_is_out_although_entering_fails() {
    let stage = Stage::start("a ask: next b; reply yes\n b enter: panic boom").await;
    assert_eq!(stage.call("ask").await, Ok("yes".to_owned()));
    assert!(matches!(stage.machine.wait().await, ExitReason::Panic(_)));
}

// STM-026
#[otp_core::test]
async fn it_does_not_matter_where_an_action_stands() {
    for actions in [
        "next b; state_timeout z 0; postpone; insert i",
        "insert i; postpone; next b; state_timeout z 0",
        "postpone; state_timeout z 0; insert i; next b",
    ] {
        let stage = Stage::start(&format!("a p: {actions}\n b enter: add")).await;
        stage.cast("p");
        let seen = [
            "a cast p",
            "b enter from a",
            "b internal i",
            "b cast p",
            "b timeout z",
        ];
        stage.check(&seen).await;
    }
}

// STM-027
#[otp_core::test]
async fn the_next_state_that_is_the_same_is_none() {
    let stage = Stage::start(
        "a enter: add
         a p: postpone; state_timeout s 10
         a same: next a; add",
    )
    .await;
    stage.cast("p same");
    stage
        .check(&["a enter from a", "a cast p", "a cast same"])
        .await;
    assert_eq!(stage.state().await.1, 2, "the data are new");
    stage.wait_for(&["a timeout s"]).await;
}

// STM-028
#[otp_core::test]
async fn a_state_that_is_repeated_is_entered_from_itself_and_nothing_else() {
    let stage = Stage::start(
        "a go: next b
         b enter: add
         b p: postpone; state_timeout s 10
         b again: repeat",
    )
    .await;
    stage.cast("go p again");
    stage
        .check(&[
            "a cast go",
            "b enter from a",
            "b cast p",
            "b cast again",
            "b enter from b",
        ])
        .await;
    stage.wait_for(&["b timeout s"]).await;
}

// STM-030
#[otp_core::test]
async fn hibernating_changes_nothing_that_can_be_seen() {
    let stage = Stage::start(
        "init: hibernate
         a go: hibernate; insert i; timeout t 5
         a i: hibernate
         a t: hibernate; next b
         b enter: hibernate",
    )
    .await;
    stage.cast("go more");
    let seen = [
        "a cast go",
        "a internal i",
        "a cast more",
        "a timeout t",
        "b enter from a",
    ];
    stage.wait_for(&seen).await;
    stage.cast("last");
    stage.check(&["b cast last"]).await;
}
