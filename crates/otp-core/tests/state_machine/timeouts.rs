//! When time-outs come, and what ends them.

use std::time::Duration;

use otp_core::TimeLimit;
use otp_core::state_machine::Due;
use otp_core::sys;

use crate::stage::Stage;

/// Lets time pass on the paused clock.
async fn pass(millis: u64) {
    tokio::time::advance(Duration::from_millis(millis)).await;
    otp_core::test::idle().await;
}

// STM-036
#[otp_core::test]
async fn a_state_time_out_is_ended_by_a_change_of_state_only() {
    let stage = Stage::start(
        "a set: state_timeout s 10
         a same: next a
         a again: repeat
         a go: next b
         b back: next a",
    )
    .await;
    stage.cast("set other same again");
    stage.settled().await;
    let seen = [
        "a cast set",
        "a cast other",
        "a cast same",
        "a cast again",
        "a timeout s",
    ];
    stage.wait_for(&seen).await;
    // There and back again before it rings: it is over.
    stage.cast("set go back");
    stage.settled().await;
    pass(20).await;
    stage
        .check(&["a cast set", "a cast go", "b cast back"])
        .await;
}

// STM-036
#[otp_core::test]
async fn a_state_time_out_that_is_set_along_with_a_change_belongs_to_the_new_state() {
    let stage = Stage::start("a go: next b; state_timeout s 10").await;
    stage.cast("go");
    stage.wait_for(&["a cast go", "b timeout s"]).await;
}

// STM-037
#[otp_core::test]
async fn an_event_time_out_is_ended_by_any_event() {
    let stage = Stage::start(
        "a set: event_timeout e 10
         a ask: reply yes
         a both: event_timeout e 10; timeout t 5
         a insert: event_timeout e 10; insert i",
    )
    .await;
    stage.cast("set");
    stage.wait_for(&["a cast set", "a timeout e"]).await;
    stage.cast("set other");
    stage.settled().await;
    pass(20).await;
    stage.check(&["a cast set", "a cast other"]).await;
    // A call that only asks, another time-out, an inserted event: each is one.
    stage.cast("set");
    assert_eq!(stage.call("ask").await, Ok("yes".to_owned()));
    pass(20).await;
    stage.check(&["a cast set", "a call ask"]).await;
    stage.cast("both");
    stage.wait_for(&["a cast both", "a timeout t"]).await;
    stage.cast("insert");
    stage.settled().await;
    pass(20).await;
    stage.check(&["a cast insert", "a internal i"]).await;
}

// STM-037
#[otp_core::test]
async fn an_event_that_comes_again_ends_an_event_time_out() {
    let stage = Stage::start("a p: postpone\n a go: next b; event_timeout e 10").await;
    stage.cast("p go");
    stage.settled().await;
    pass(20).await;
    stage.check(&["a cast p", "a cast go", "b cast p"]).await;
}

// STM-038
#[otp_core::test]
async fn a_system_request_neither_ends_nor_restarts_an_event_time_out() {
    let stage = Stage::start("a set: event_timeout e 10").await;
    stage.cast("set");
    stage.check(&["a cast set"]).await;
    let begun = tokio::time::Instant::now();
    pass(6).await;
    sys::get_status(&stage.machine).await.expect("it lives");
    stage.wait_for(&["a timeout e"]).await;
    assert!(
        begun.elapsed() < Duration::from_millis(14),
        "{:?}",
        begun.elapsed()
    );
}

// STM-039
#[otp_core::test]
async fn named_time_outs_are_many_and_go_on_over_changes_of_state() {
    let stage =
        Stage::start("a go: timeout x 30; timeout y 10; timeout z 20; next b\n b y: next c").await;
    stage.cast("go other");
    stage
        .wait_for(&[
            "a cast go",
            "b cast other",
            "b timeout y",
            "c timeout z",
            "c timeout x",
        ])
        .await;
}

// STM-043
#[otp_core::test]
async fn zeros_come_one_by_one_in_their_order() {
    let stage = Stage::start(
        "a go: timeout x 0; state_timeout y 0; insert i
         a i: timeout w 0
         a x: timeout v 0",
    )
    .await;
    stage.cast("go queued");
    let seen = [
        "a cast go",
        "a internal i",
        "a timeout x",
        "a timeout y",
        "a timeout w",
        "a timeout v",
        "a cast queued",
    ];
    stage.check(&seen).await;
}

// STM-044
#[otp_core::test]
async fn an_event_time_out_of_zero_is_lost_if_anything_else_comes_first() {
    let stage = Stage::start(
        "a last: event_timeout e 0
         a first: event_timeout e 0; timeout t 0
         a second: timeout t 0; event_timeout e 0
         a inserts: event_timeout e 0; insert i",
    )
    .await;
    stage.cast("last queued");
    stage
        .check(&["a cast last", "a timeout e", "a cast queued"])
        .await;
    stage.cast("first");
    stage
        .check(&["a cast first", "a timeout e", "a timeout t"])
        .await;
    stage.cast("second");
    stage.check(&["a cast second", "a timeout t"]).await;
    stage.cast("inserts");
    stage.check(&["a cast inserts", "a internal i"]).await;
}

// STM-045
#[otp_core::test]
async fn a_zero_that_waits_may_be_ended_and_set_anew() {
    let stage = Stage::start(
        "a go: timeout x 0; timeout y 0; state_timeout s 0; insert i
         a i: cancel y; timeout x 0; next b
         b anew: timeout x 0; timeout y 0; insert j
         b j: timeout x 0
         b renew: timeout x 0; insert k
         b k: timeout x#new update",
    )
    .await;
    stage.cast("go");
    stage
        .check(&["a cast go", "a internal i", "b timeout x"])
        .await;
    stage.cast("anew");
    stage
        .check(&["b cast anew", "b internal j", "b timeout y", "b timeout x"])
        .await;
    stage.cast("renew");
    stage
        .check(&["b cast renew", "b internal k", "b timeout x#new"])
        .await;
}

// STM-046
#[otp_core::test]
async fn a_zero_that_waits_and_is_set_anew_with_a_time_rings_once_at_that_time() {
    let stage = Stage::start("a go: timeout x 0; insert i\n a i: timeout x 10").await;
    stage.cast("go queued");
    stage
        .wait_for(&["a cast go", "a internal i", "a cast queued", "a timeout x"])
        .await;
    pass(50).await;
    stage.check(&[]).await;
}

// STM-047
#[otp_core::test]
async fn a_time_out_that_rang_while_it_was_ended_never_arrives() {
    let stage = Stage::start(
        "a cancel: wait; cancel x
         a set: timeout x 10
         a renew: wait; timeout x 10
         a leave: wait; next b
         a state: state_timeout x 10",
    )
    .await;
    // Each waits for 50 ms, while the ring is put into the mailbox.
    stage.cast("set cancel");
    pass(20).await;
    stage.wait_for(&["a cast set", "a cast cancel"]).await;
    stage.cast("set renew");
    stage
        .wait_for(&["a cast set", "a cast renew", "a timeout x"])
        .await;
    stage.cast("state leave");
    stage.wait_for(&["a cast state", "a cast leave"]).await;
    pass(50).await;
    stage.check(&[]).await;
}

// STM-048
#[otp_core::test]
async fn a_time_out_takes_its_place_in_the_mailbox() {
    // The machine is busy for 50 ms from the second event on.
    let busy = Stage::start("a set: timeout x 10\n a busy: wait").await;
    busy.cast("set busy before");
    // What comes at 30 ms stands behind what rang at 10 ms.
    otp_core::timer::send_after(&busy.machine, Duration::from_millis(30), "after".to_owned());
    let seen = [
        "a cast set",
        "a cast busy",
        "a cast before",
        "a timeout x",
        "a info after",
    ];
    busy.wait_for(&seen).await;
}

// STM-049
#[otp_core::test]
async fn an_instant_that_has_passed_comes_at_once_behind_what_waits() {
    let stage = Stage::start("a go: timeout p past").await;
    stage.cast("go queued");
    stage
        .wait_for(&["a cast go", "a cast queued", "a timeout p"])
        .await;
    assert_eq!(Due::from(TimeLimit::Infinity), Due::Never);
    assert_eq!(
        Due::from(TimeLimit::After(Duration::ZERO)),
        Due::After(Duration::ZERO)
    );
}

// STM-050
#[otp_core::test]
async fn time_outs_run_on_while_the_machine_is_suspended() {
    let stage = Stage::start("a set: state_timeout s 10").await;
    stage.cast("set");
    sys::suspend(&stage.machine).await.expect("it lives");
    stage.cast("while1");
    pass(20).await;
    stage.cast("while2");
    assert_eq!(stage.probe.drain(), ["a cast set"]);
    sys::resume(&stage.machine).await.expect("it lives");
    stage
        .check(&["a cast while1", "a timeout s", "a cast while2"])
        .await;
}

#[otp_core::test]
async fn a_time_that_never_comes_is_no_danger() {
    let stage = Stage::start(&format!("a go: timeout x {}; timeout y 1", u64::MAX)).await;
    stage.cast("go");
    stage.wait_for(&["a cast go", "a timeout y"]).await;
}
