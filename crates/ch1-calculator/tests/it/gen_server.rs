//! The calculator that is a GenServer.

use crate::{n, session};
use ch1_calculator::api::{Calculator, Number, Op, STATE_TIMEOUT};
use otp_core::prelude::*;
use otp_core::process;
use std::time::Duration;
use tokio::time::Instant;

async fn start(initial: &str) -> Calculator {
    let started = Calculator::start(n(initial)).await;
    started.expect("init cannot fail")
}

async fn state(calculator: &Calculator) -> String {
    let total = calculator.state(STATE_TIMEOUT).await;
    total.expect("the calculator answers").to_string()
}

fn is_division_by_zero(reason: &ExitReason) -> bool {
    matches!(reason, ExitReason::Panic(panic) if panic.message == "division by zero")
}

// S7
#[tokio::test(start_paused = true)]
async fn a_session() {
    session(async |_| {
        let calculator = start("0").await;
        calculator.apply(Op::Add(n("10")));
        assert_eq!(state(&calculator).await, "10");
        for op in [
            Op::Subtract(n("2")),
            Op::Multiply(n("6")),
            Op::Divide(n("5")),
        ] {
            calculator.apply(op);
        }
        assert_eq!(state(&calculator).await, "9.6");
        calculator.apply(Op::Clear);
        assert_eq!(state(&calculator).await, "0");
        // A call comes after the earlier casts of the same client.
        for i in 1..=5 {
            calculator.apply(Op::Add(i.into()));
        }
        assert_eq!(state(&calculator).await, "15");
        calculator.apply(Op::Fold(vec![Op::Dec; 4]));
        assert_eq!(state(&calculator).await, "11");
    })
    .await;
}

// S7
#[tokio::test(start_paused = true)]
async fn a_calculator_has_no_name_so_there_may_be_many() {
    session(async |_| {
        let (one, two) = (start("1").await, start("2").await);
        assert_eq!(process::node().registered(), Vec::<String>::new());
        one.apply(Op::Add(n("10")));
        assert_eq!(state(&one).await, "11");
        assert_eq!(state(&two).await, "2");
    })
    .await;
}

// S13
#[tokio::test(start_paused = true)]
async fn negate_changes_the_sign() {
    session(async |_| {
        let calculator = start("0").await;
        for op in [Op::Add(n("10")), Op::Negate] {
            calculator.apply(op);
        }
        assert_eq!(state(&calculator).await, "-10");
        for op in [Op::Negate, Op::Divide(n("4")), Op::Negate] {
            calculator.apply(op);
        }
        assert_eq!(state(&calculator).await, "-2.5");
    })
    .await;
}

// S9
#[tokio::test(start_paused = true)]
async fn a_linked_client_dies_with_its_server() {
    let end = Node::new().run_with(async |mut me: Mailbox<Number>| {
        let calculator = Calculator::start_link(n("1")).await;
        let calculator = calculator.expect("init cannot fail");
        calculator.apply(Op::Divide(n("0")));
        // The client waits for no DOWN and no answer: the exit signal ends it.
        me.receive().await
    });
    let end = end.await.expect_err("the client dies");
    assert!(is_division_by_zero(&end), "{end}");
}

// S9
#[tokio::test(start_paused = true)]
async fn a_client_that_traps_exits_gets_an_exit_message() {
    let end = Node::new().run_with(async |mut me: Mailbox<Exit>| {
        me.trap_exit(|exit| exit);
        let calculator = Calculator::start_link(n("1")).await;
        let calculator = calculator.expect("init cannot fail");
        calculator.apply(Op::Divide(n("0")));
        let exit = me.receive().await;
        assert_eq!(exit.from, calculator.process().pid());
        assert!(is_division_by_zero(&exit.reason), "{}", exit.reason);
        // A cast to a dead server has no error; a call has one.
        calculator.apply(Op::Add(n("1")));
        let total = calculator.state(STATE_TIMEOUT).await;
        assert!(
            matches!(total, Err(CallError::NoProcess { .. })),
            "{total:?}"
        );
    });
    end.await.expect("the client survives");
}

// S9, S11
#[tokio::test(start_paused = true)]
async fn a_call_that_waits_behind_a_crash_fails_at_once() {
    session(async |_| {
        let calculator = start("10").await;
        let asked = Instant::now();
        calculator.apply(Op::Divide(n("0")));
        calculator.apply(Op::Add(n("1")));
        let total = calculator.state(STATE_TIMEOUT).await;
        let Err(CallError::Exited { reason, .. }) = total else {
            panic!("the call should have failed with the server's reason, not {total:?}");
        };
        assert!(is_division_by_zero(&reason), "{reason}");
        assert_eq!(asked.elapsed(), Duration::ZERO);
    })
    .await;
}

// S12
// ANCHOR: late
#[tokio::test(start_paused = true)]
async fn a_busy_server_answers_late_and_the_late_answer_is_dropped() {
    session(async |me| {
        let calculator = start("7").await;
        calculator.process().send(Duration::from_millis(100));
        calculator.apply(Op::Add(n("100")));
        let total = calculator.state(Duration::from_millis(30)).await;
        assert!(matches!(total, Err(CallError::Timeout { .. })), "{total:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert!(me.is_empty());
        assert_eq!(state(&calculator).await, "107");
    })
    .await;
}
// ANCHOR_END: late

// S12
#[tokio::test(start_paused = true)]
async fn a_call_without_an_answer_in_time_ends_its_caller() {
    session(async |_| {
        let calculator = start("7").await;
        let asked = calculator.clone();
        calculator.process().send(Duration::from_millis(100));
        let caller = process::spawn(async move |_: Mailbox<Never>| {
            asked.state(Duration::from_millis(30)).await?;
            Ok::<_, ExitReason>(())
        });
        let pid = calculator.process().pid();
        let expected = format!("the call to {pid} got no answer within 30ms");
        assert_eq!(caller.wait().await.to_string(), expected);
        assert!(process::node().is_alive(pid));
    })
    .await;
}
