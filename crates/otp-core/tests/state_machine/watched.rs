//! What those see who watch a machine.

use otp_core::sys::{self, Keep, Switch, SysEvent};
use otp_core::test::{Probe, reports};

use crate::stage::Stage;

const BOOK: &str = "a c: reply r; insert i
    a p: postpone
    a go: next b; state_timeout st 0";

// STM-065
#[otp_core::test]
async fn a_log_tells_of_each_event_how_it_came_and_how_it_ended() {
    let stage = Stage::start(BOOK).await;
    sys::log(&stage.machine, 100).await.expect("it lives");
    assert_eq!(stage.call("c").await, Ok("r".to_owned()));
    stage.cast("p go");
    stage.settled().await;
    let log = sys::get_log(&stage.machine).await.expect("it lives");
    let me = otp_core::process::current();
    let log: Vec<_> = log.iter().map(ToString::to_string).collect();
    let expected = [
        format!("got call c from {me}"),
        format!("sent answer to {me}"),
        "got internal event i".to_owned(),
        "consumed c, state a, n=0".to_owned(),
        "consumed i, state a, n=0".to_owned(),
        "got cast p".to_owned(),
        "postponed p, state a, n=0".to_owned(),
        "got cast go".to_owned(),
        "consumed go, state b, n=0".to_owned(),
        "set time-out st".to_owned(),
        "consumed p, state b, n=0".to_owned(),
        "got time-out st".to_owned(),
        "consumed st, state b, n=0".to_owned(),
    ];
    assert_eq!(log, expected);
}

// STM-065
#[otp_core::test]
async fn statistics_count_what_comes_in_and_what_is_answered() {
    let stage = Stage::start(BOOK).await;
    sys::statistics(&stage.machine, Switch::On)
        .await
        .expect("it lives");
    assert_eq!(stage.call("c").await, Ok("r".to_owned()));
    stage.cast("p go");
    let statistics = sys::get_statistics(&stage.machine).await.expect("it lives");
    let statistics = statistics.expect("they are on");
    // The call, what it inserted, two casts, and the time-out; an event that comes again has been counted.
    assert_eq!((statistics.messages_in, statistics.messages_out), (5, 1));
}

// STM-065
#[otp_core::test(reports)]
async fn a_hook_and_a_trace_see_the_events() {
    let stage = Stage::start(BOOK).await;
    let probe = Probe::new();
    let seen = probe.clone();
    let hook = move |event: &SysEvent| {
        seen.report(event.to_string());
        Keep::Yes
    };
    sys::install(&stage.machine, "hook", hook)
        .await
        .expect("it lives");
    stage.cast("p");
    stage.settled().await;
    assert_eq!(probe.drain(), ["got cast p", "postponed p, state a, n=0"]);
    sys::no_debug(&stage.machine).await.expect("it lives");
    stage.cast("p");
    stage.settled().await;
    assert_eq!(probe.drain(), Vec::<String>::new());
    assert_eq!(reports().take_kinds(), Vec::<String>::new());
}
