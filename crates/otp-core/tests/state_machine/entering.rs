//! Entering states.

use otp_core::prelude::*;

use crate::book::Ask;
use crate::stage::Stage;

// STM-031
#[otp_core::test]
async fn a_state_is_told_which_one_was_before() {
    let stage = Stage::start(
        "a enter: add
         b enter: add
         a p: postpone
         a go: next b; insert i
         b back: next a
         b same: next b",
    )
    .await;
    stage.cast("p go same keep back");
    let seen = [
        "a enter from a",
        "a cast p",
        "a cast go",
        "b enter from a",
        "b internal i",
        "b cast p",
        "b cast same",
        "b cast keep",
        "b cast back",
        "a enter from b",
    ];
    stage.check(&seen).await;
}

// STM-032
#[otp_core::test]
async fn entering_may_change_data_reply_set_time_outs_and_stop() {
    let stage = Stage::start(
        "a ask: hold; next b
         b enter: add; reply_held hello; timeout t 5
         b t: next c
         c enter: stop done",
    )
    .await;
    assert_eq!(stage.call("ask").await, Ok("hello".to_owned()));
    assert_eq!(stage.state().await, ("b".to_owned(), 1));
    let seen = [
        "a call ask",
        "b enter from a",
        "b timeout t",
        "c enter from b",
        "terminate in c, n=1: done",
    ];
    assert_eq!(stage.ended(&seen).await, ExitReason::other("done"));
}

// STM-032
#[otp_core::test]
async fn entering_may_answer_several_calls() {
    let stage = Stage::start(
        "a hold: hold
         a ask: hold; next b
         b enter: reply_held one; reply_held two",
    )
    .await;
    let (first, second) = tokio::join!(stage.call("hold"), stage.call("ask"));
    assert_eq!(first, Ok("one".to_owned()));
    assert_eq!(second, Ok("two".to_owned()));
}

// STM-033
#[otp_core::test]
async fn time_outs_of_entering_come_after_those_of_the_change() {
    let stage = Stage::start(
        "a go: add; next b; timeout t 50; timeout u 5; timeout z 0
         b enter: add; timeout t 1; timeout y 0",
    )
    .await;
    stage.cast("go");
    let seen = [
        "a cast go",
        "b enter from a",
        "b timeout z",
        "b timeout y",
        "b timeout t",
        "b timeout u",
    ];
    stage.wait_for(&seen).await;
    assert_eq!(stage.state().await.1, 2, "it sees the data of the change");
}

// STM-034
#[otp_core::test]
async fn a_state_that_enters_itself_again_is_told_the_same_former_one() {
    let stage = Stage::start("a p: postpone\n a go: next b; insert i\n b enter: again").await;
    stage.cast("p go");
    let seen = [
        "a cast p",
        "a cast go",
        "b enter from a",
        "b enter from a",
        "b enter from a",
        "b internal i",
        "b cast p",
    ];
    stage.check(&seen).await;
}

// STM-034
#[otp_core::test(real_clock)]
async fn a_state_that_is_entered_without_end_can_be_killed() {
    let stage = Stage::start("a go: next b\n b enter: forever").await;
    stage.cast("go");
    let machine = stage.machine.pid();
    while stage.probe.drain().len() < 3 {
        tokio::task::yield_now().await;
    }
    otp_core::process::exit(machine, ExitReason::Kill);
    assert_eq!(stage.machine.wait().await, ExitReason::Killed);
}

// STM-035
#[otp_core::test]
async fn a_crash_in_entering_is_one_in_the_former_state() {
    let stage = Stage::start(
        "a ask: hold; next b; insert i
         b enter: add; panic boom",
    )
    .await;
    let call = stage
        .machine
        .send_request(|from| Ask("ask".to_owned(), from));
    let failed = call.await;
    assert!(
        matches!(failed, Err(CallError::Exited { .. })),
        "{failed:?}"
    );
    stage.machine.wait().await;
    let seen = stage.probe.drain();
    assert_eq!(seen[..2], ["a call ask", "b enter from a"]);
    assert!(seen[2].starts_with("terminate in a, n=1: "), "{seen:?}");
}

// STM-035
#[otp_core::test]
async fn a_stop_in_entering_is_one_in_the_new_state() {
    let stage = Stage::start("a go: next b\n b enter: add; stop done").await;
    stage.cast("go");
    let seen = ["a cast go", "b enter from a", "terminate in b, n=1: done"];
    assert_eq!(stage.ended(&seen).await, ExitReason::other("done"));
}
