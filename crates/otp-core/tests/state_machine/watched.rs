//! What those see who watch a machine.

use otp_core::prelude::*;
use otp_core::process;
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
    let me = process::current();
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

// STM-042, STM-065
#[otp_core::test]
async fn of_time_outs_those_are_told_that_start() {
    let stage = Stage::start(
        "a set: timeout x 1000; timeout y 1000
        a update: timeout x update
        a missing: state_timeout z update
        a never: timeout x never; cancel y; cancel w
        a twice: timeout x 1000; timeout x 2000; timeout y 1000; cancel y
        a change: next b; timeout w 1000
        b enter: timeout w never; event_timeout v 1000",
    )
    .await;
    sys::log(&stage.machine, 100).await.expect("it lives");
    stage.cast("set update missing never twice change");
    stage.settled().await;
    let log = sys::get_log(&stage.machine).await.expect("it lives");
    let log = log.iter().map(ToString::to_string);
    let told: Vec<_> = log.filter(|line| !line.starts_with("got cast")).collect();
    let expected = [
        "consumed set, state a, n=0",
        "set time-out x",
        "set time-out y",
        "consumed update, state a, n=0",
        "consumed missing, state a, n=0",
        "got time-out z",
        "consumed z, state a, n=0",
        "consumed never, state a, n=0",
        "consumed twice, state a, n=0",
        "set time-out x",
        "consumed change, state b, n=0",
        "set time-out v",
    ];
    assert_eq!(told, expected);
}

// STM-065
#[otp_core::test(reports)]
async fn an_end_in_order_is_told_and_another_one_is_reported() {
    for (end, told) in [
        (
            "stop shutdown",
            &["terminated with shutdown, state a, n=0"][..],
        ),
        ("stop boom", &[]),
    ] {
        let stage = Stage::start(&format!("a go: {end}")).await;
        let probe = Probe::new();
        let seen = probe.clone();
        let hook = move |event: &SysEvent| {
            seen.report(event.to_string());
            Keep::Yes
        };
        let installed = sys::install(&stage.machine, "hook", hook).await;
        installed.expect("it lives");
        stage.cast("go");
        stage.machine.wait().await;
        let expected = [&["got cast go"], told].concat();
        assert_eq!(probe.drain(), expected, "{end}");
    }
    let machine = Stage::start("").await.machine;
    let probe = Probe::new();
    let seen = probe.clone();
    let hook = move |event: &SysEvent| {
        seen.report(event.to_string());
        Keep::Yes
    };
    sys::install(&machine, "hook", hook)
        .await
        .expect("it lives");
    machine.stop().await.expect("it lives");
    assert_eq!(probe.drain(), ["terminated with normal, state a, n=0"]);
    assert!(!reports().take_kinds().is_empty(), "of the abnormal end");
}

/// Keeps its DOWNs for later.
struct Later;

#[state_machine]
impl StateMachine for Later {
    type Args = Pid;
    type State = ();

    async fn init(pid: Pid, context: &mut Context<Machine<Self>>) -> Result<Initial<Self>, Stop> {
        context.monitor(pid);
        Ok(Initial::state((), Self))
    }

    async fn handle(
        &mut self,
        (): &(),
        event: Event<Self>,
        _: &mut Context<Machine<Self>>,
    ) -> Transition<Self> {
        Transition::keep().postpone(event)
    }
}

// STM-065, STM-066
#[otp_core::test]
async fn a_down_is_shown_without_the_help_of_the_machine() {
    let ends = process::spawn(|mut mailbox: Mailbox<()>| async move { mailbox.receive().await });
    let machine = Later::start(ends.pid()).await.expect("it starts");
    sys::log(&machine, 100).await.expect("it lives");
    ends.send(());
    ends.wait().await;
    let status = sys::get_status(&machine).await.expect("it lives");
    let log: Vec<_> = status.log.iter().map(ToString::to_string).collect();
    let pid = ends.pid();
    let is_shown = |text: &str| text.contains("DOWN") && text.contains(&pid.to_string());
    assert!(
        log.len() == 2 && log.iter().all(|it| is_shown(it)),
        "{log:?}"
    );
    assert!(is_shown(&status.postponed[0]), "{:?}", status.postponed);
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
