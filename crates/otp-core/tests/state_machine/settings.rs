//! Setting, replacing, cancelling and renaming time-outs.

use crate::stage::Stage;

// STM-040
#[otp_core::test]
async fn setting_one_that_runs_replaces_it_and_cancelling_is_always_fine() {
    let stage = Stage::start(
        "a set: timeout x 10; timeout y 10; timeout z 10; state_timeout s 10; event_timeout e 10
         a anew: timeout x 20; cancel y; timeout z never; cancel s; cancel e; cancel none",
    )
    .await;
    stage.cast("set anew");
    stage
        .wait_for(&["a cast set", "a cast anew", "a timeout x"])
        .await;
    tokio::time::advance(std::time::Duration::from_millis(100)).await;
    stage.check(&[]).await;
}

// STM-040
#[otp_core::test]
async fn a_name_has_one_time_out_however_it_is_set() {
    let stage = Stage::start("a set: timeout x 10; state_timeout x 20\n a go: next b").await;
    stage.cast("set go");
    tokio::time::advance(std::time::Duration::from_millis(100)).await;
    stage.check(&["a cast set", "a cast go"]).await;
}

// STM-041
#[otp_core::test]
async fn an_update_gives_a_running_one_a_new_name_and_leaves_its_time() {
    let stage = Stage::start(
        "a set: timeout x#old 10; state_timeout s#old 20
         a update: timeout x#new update; state_timeout s#new update
         a none: timeout y#new update; state_timeout t update",
    )
    .await;
    // Were it one of zero, it would come before the message that waits.
    stage.cast("set update queued");
    let seen = [
        "a cast set",
        "a cast update",
        "a cast queued",
        "a timeout x#new",
        "a timeout s#new",
    ];
    stage.wait_for(&seen).await;
    // Of one that does not run it is a time-out of zero.
    stage.cast("none queued");
    stage
        .check(&[
            "a cast none",
            "a timeout y#new",
            "a timeout t",
            "a cast queued",
        ])
        .await;
}

// STM-042
#[otp_core::test]
async fn of_one_name_in_a_list_the_last_counts() {
    let stage = Stage::start(
        "a go: timeout x 0; timeout y 0; timeout x 0
         a drop: timeout x 0; cancel x
         a keep: cancel x; timeout x 0",
    )
    .await;
    stage.cast("go");
    stage
        .check(&["a cast go", "a timeout y", "a timeout x"])
        .await;
    stage.cast("drop");
    stage.check(&["a cast drop"]).await;
    stage.cast("keep");
    stage.check(&["a cast keep", "a timeout x"]).await;
}

// STM-042
#[otp_core::test]
async fn an_update_behind_another_setting_is_of_the_one_that_ran_before() {
    let stage = Stage::start(
        "a none: timeout x#a 60000; timeout x#b update
         a run: timeout x#r 10
         a later: timeout x#a 60000; timeout x#b update
         a cancel: cancel x; timeout x#b update
         a change: next b; timeout x#a 60000
         b enter: timeout x#b update",
    )
    .await;
    // Were it set to a long time, the message that waits would come first.
    stage.cast("none queued");
    stage
        .check(&["a cast none", "a timeout x#b", "a cast queued"])
        .await;
    for behind in ["later", "cancel"] {
        stage.cast(&format!("run {behind} queued"));
        let seen = [
            "a cast run",
            &format!("a cast {behind}"),
            "a cast queued",
            "a timeout x#b",
        ];
        stage.wait_for(&seen).await;
    }
    // The settings of a transition and of the enter calls after it are one list.
    stage.cast("change queued");
    stage
        .check(&[
            "a cast change",
            "b enter from a",
            "b timeout x#b",
            "b cast queued",
        ])
        .await;
}
