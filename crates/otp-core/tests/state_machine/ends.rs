//! How a machine ends.

use otp_core::prelude::*;
use otp_core::{process, sys};

use crate::book::Ask;
use crate::stage::Stage;

// STM-056
#[otp_core::test]
async fn a_stop_runs_terminate_with_the_data_as_they_are() {
    let stage = Stage::start("a go: add; stop done").await;
    stage.cast("go never");
    let seen = ["a cast go", "terminate in a, n=1: done"];
    assert_eq!(stage.ended(&seen).await, ExitReason::other("done"));
}

// STM-056
#[otp_core::test]
async fn an_order_to_stop_comes_after_what_was_sent_before() {
    let stage = Stage::start("").await;
    stage.cast("before");
    assert_eq!(stage.machine.stop().await, Ok(()));
    stage
        .ended(&["a cast before", "terminate in a, n=0: normal"])
        .await;

    let stage = Stage::start("").await;
    sys::suspend(&stage.machine).await.expect("it lives");
    stage.cast("never");
    assert_eq!(stage.machine.stop_with(ExitReason::Shutdown).await, Ok(()));
    stage.ended(&["terminate in a, n=0: shutdown"]).await;
}

// STM-057
#[otp_core::test]
async fn replies_of_a_stop_go_out_before_terminate_runs() {
    let stage = Stage::start("a ask: stop done; reply bye\n a terminate: wait").await;
    let (machine, probe) = (stage.machine.clone(), stage.probe.clone());
    let caller = process::spawn(move |_: Mailbox<Never>| async move {
        let answer = machine.call(|from| Ask("ask".to_owned(), from)).await;
        assert!(machine.is_alive(), "it cleans up for 50 ms");
        probe.report(format!("got {}", answer.expect("it is answered")));
    });
    assert_eq!(caller.wait().await, ExitReason::Normal);
    let seen = ["a call ask", "terminate in a, n=0: done", "got bye"];
    assert_eq!(stage.ended(&seen).await, ExitReason::other("done"));
}

// STM-057
#[otp_core::test]
async fn a_stop_may_answer_several_calls() {
    let stage = Stage::start("a early: hold\n a ask: stop done; reply bye; reply_held late").await;
    let request = |name: &str| {
        let name = name.to_owned();
        stage.machine.send_request(|from| Ask(name, from))
    };
    let (early, ask) = (request("early"), request("ask"));
    assert_eq!(early.await, Ok("late".to_owned()));
    assert_eq!(ask.await, Ok("bye".to_owned()));
    assert_eq!(stage.machine.wait().await, ExitReason::other("done"));
}

// STM-059
#[otp_core::test]
async fn a_crash_gives_the_reason_to_all_who_wait() {
    let stage = Stage::start("a waits: postpone\n a bad: add; panic boom").await;
    let waits = stage
        .machine
        .send_request(|from| Ask("waits".to_owned(), from));
    let bad = stage
        .machine
        .send_request(|from| Ask("bad".to_owned(), from));
    for call in [waits, bad] {
        let failed = call.await;
        assert!(
            matches!(
                &failed,
                Err(CallError::Exited {
                    reason: ExitReason::Panic(_),
                    ..
                })
            ),
            "{failed:?}"
        );
    }
    let seen = stage.probe.drain();
    assert_eq!(seen[..2], ["a call waits", "a call bad"]);
    // The data are as the callback has left them.
    assert!(seen[2].starts_with("terminate in a, n=1: "), "{seen:?}");
}

// STM-059
#[otp_core::test(reports)]
async fn an_exit_with_shutdown_in_a_callback_gives_no_report() {
    let stage = Stage::start("a bad: exit shutdown").await;
    stage.cast("bad");
    let seen = ["a cast bad", "terminate in a, n=0: shutdown"];
    assert_eq!(stage.ended(&seen).await, ExitReason::Shutdown);
    assert_eq!(otp_core::test::reports().take_kinds(), Vec::<String>::new());
}

// STM-059
#[otp_core::test]
async fn an_error_of_a_callback_ends_the_machine_with_it() {
    let stage = Stage::start("a bad: fail burnt").await;
    stage.cast("bad");
    assert_eq!(stage.machine.wait().await.to_string(), "burnt");
    let stage = Stage::start("a go: next b\n b enter: fail burnt").await;
    stage.cast("go");
    assert_eq!(stage.machine.wait().await.to_string(), "burnt");
}

// STM-060
#[otp_core::test]
async fn a_failure_of_terminate_takes_the_place_of_the_reason() {
    let stage = Stage::start("a go: stop done\n a terminate: exit worse").await;
    stage.cast("go");
    let seen = ["a cast go", "terminate in a, n=0: done"];
    assert_eq!(stage.ended(&seen).await, ExitReason::other("worse"));
}
