//! Calls of handlers.

use std::time::Duration;

use otp_core::TimeLimit;
use otp_core::event_manager::{EventManager, HandlerCallError};
use otp_core::prelude::*;
use otp_core::test::{Probe, reports};
use tokio::time::Instant;

use crate::puppet::{Call, Deed, Order, id, stage, texts};

// GEV-012
#[otp_core::test]
async fn a_call_reaches_one_handler() {
    let probe = Probe::new();
    let manager = stage(&["a", "b"], &probe).await;
    assert_eq!(manager.call(id("a"), Call::Name).await, Ok("a".to_owned()));
    assert_eq!(probe.drain(), Vec::<String>::new());
}

// GEV-012
#[otp_core::test]
async fn a_call_has_five_seconds_and_a_late_answer_is_lost() {
    let probe = Probe::new();
    let manager = stage(&["slow"], &probe).await;
    let before = Instant::now();
    let sleep = Deed::Sleep(Duration::from_secs(20));
    let late = manager
        .call(id("slow"), |from| Call::Mute(sleep, from))
        .await;
    let waited = before.elapsed().as_secs_f64();
    assert!((5.0..6.0).contains(&waited), "{waited}");
    let late = late.expect_err("it is late");
    assert!(
        matches!(late, HandlerCallError::Manager(CallError::Timeout { .. })),
        "{late}"
    );
    let name = manager
        .call(id("slow"), Call::Name)
        .timeout(Duration::from_secs(60))
        .await;
    assert_eq!(
        name,
        Ok("slow".to_owned()),
        "the next answer is the next call's"
    );
    let sleep = Deed::Sleep(Duration::from_millis(100));
    let short = manager.call(id("slow"), |from| Call::Mute(sleep, from));
    let short = short.timeout(Duration::from_millis(10)).await;
    assert!(matches!(
        short,
        Err(HandlerCallError::Manager(CallError::Timeout { .. }))
    ));
}

// GEV-012
#[otp_core::test]
async fn a_call_of_no_manager_fails() {
    let probe = Probe::new();
    let manager = stage(&["a"], &probe).await;
    manager.stop().await.expect("it stops");
    let error = manager.call(id("a"), Call::Name).await;
    assert!(
        matches!(
            error,
            Err(HandlerCallError::Manager(CallError::NoProcess { .. }))
        ),
        "{error:?}"
    );
    let error = EventManager::<Order>::named("nobody")
        .call(id("a"), Call::Name)
        .await;
    assert!(
        matches!(
            error,
            Err(HandlerCallError::Manager(CallError::NoProcess { .. }))
        ),
        "{error:?}"
    );
}

// GEV-013
#[otp_core::test]
async fn a_call_of_an_unknown_handler_says_so() {
    let probe = Probe::new();
    let manager = stage(&["a"], &probe).await;
    let error = manager.call(id("b"), Call::Name).await;
    assert_eq!(error, Err(HandlerCallError::NoHandler(id("b").name())));
}

// GEV-013
#[otp_core::test(reports)]
async fn a_handler_that_fails_over_a_call_is_removed_and_reported() {
    let probe = Probe::new();
    let manager = stage(&["a", "b"], &probe).await;
    let error = manager
        .call(id("a"), |from| Call::Mute(Deed::Panic, from))
        .await;
    let Err(HandlerCallError::Failed {
        handler,
        reason: ExitReason::Panic(info),
    }) = error
    else {
        panic!("{error:?}");
    };
    assert_eq!((handler, info.message.as_str()), (id("a").name(), "boom"));
    assert_eq!(probe.drain(), ["a terminate Failed(boom)"]);
    assert_eq!(texts(&manager).await, ["b"]);
    assert_eq!(reports().take_kinds(), ["gen_event"]);
}

// GEV-013
#[otp_core::test(reports)]
async fn a_handler_may_answer_and_go() {
    let probe = Probe::new();
    let manager = stage(&["a"], &probe).await;
    let answer = manager
        .call(id("a"), |from| Call::Do(Deed::Remove, from))
        .await;
    assert_eq!(answer, Ok("bye from a".to_owned()));
    assert_eq!(texts(&manager).await, [] as [&str; 0]);
    assert_eq!(probe.drain(), ["a terminate Removed"]);
    assert_eq!(reports().take_kinds(), Vec::<String>::new());
}

// GEV-014
#[otp_core::test(reports)]
async fn a_request_is_answered_later_and_an_error_is_no_answer() {
    let probe = Probe::new();
    let manager = stage(&["a"], &probe).await;
    let mut name = manager.send_request(id("a"), Call::Name);
    let unknown = manager.send_request(id("b"), Call::Name);
    let failed = manager.send_request(id("a"), |from| Call::Mute(Deed::Panic, from));
    assert_eq!(
        name.wait(TimeLimit::Infinity).await,
        Some(Ok("a".to_owned()))
    );
    for error in [unknown.await, failed.await] {
        assert!(
            matches!(error, Err(CallError::ReplyDropped { .. })),
            "{error:?}"
        );
    }
    assert_eq!(reports().take_kinds(), ["gen_event"]);
}
