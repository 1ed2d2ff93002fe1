//! The server made by hand and its flaws.

use crate::{n, session};
use ch1_calculator::api::{Handmade, NoAnswer, Number, Op, STATE_TIMEOUT};
use otp_core::{ExitReason, Mailbox, process};
use std::time::Duration;
use tokio::time::Instant;

async fn state(calculator: &Handmade, me: &mut Mailbox<Number>) -> String {
    let total = calculator.state(me, STATE_TIMEOUT).await;
    total.expect("the calculator answers").to_string()
}

fn apply(calculator: &Handmade, ops: impl IntoIterator<Item = Op>) {
    ops.into_iter().for_each(|op| calculator.apply(op));
}

// S1
#[tokio::test(start_paused = true)]
async fn a_session() {
    session(async |mut me| {
        let calculator = Handmade::start(n("10"));
        apply(&calculator, [Op::Add(n("1")), Op::Add(n("5"))]);
        assert_eq!(state(&calculator, &mut me).await, "16");
        apply(
            &calculator,
            [
                Op::Subtract(n("4")),
                Op::Multiply(n("3")),
                Op::Divide(n("5")),
            ],
        );
        assert_eq!(state(&calculator, &mut me).await, "7.2");
        apply(&calculator, [Op::Clear, Op::Dec, Op::Negate]);
        assert_eq!(state(&calculator, &mut me).await, "1");
        let list = [n("1"), n("2"), n("3")].map(Op::Subtract);
        calculator.apply(Op::Fold(list.into()));
        assert_eq!(state(&calculator, &mut me).await, "-5");
        assert!(me.is_empty());
    })
    .await;
}

// S3
#[tokio::test(start_paused = true)]
async fn a_question_to_a_dead_calculator_waits_for_the_whole_time_limit() {
    session(async |mut me| {
        let calculator = Handmade::start(n("1"));
        process::exit(calculator.process().pid(), ExitReason::Kill);
        let asked = Instant::now();
        let total = calculator.state(&mut me, STATE_TIMEOUT).await;
        assert_eq!(total, Err(NoAnswer(STATE_TIMEOUT)));
        assert!(asked.elapsed() >= STATE_TIMEOUT);
        assert!(asked.elapsed() < 2 * STATE_TIMEOUT);
    })
    .await;
}

// S3
// ANCHOR: late
#[tokio::test(start_paused = true)]
async fn a_late_answer_is_taken_for_the_next_one() {
    session(async |mut me| {
        let calculator = Handmade::start(n("7"));
        let limit = Duration::from_millis(80);
        calculator.process().send(2 * limit);
        assert_eq!(calculator.state(&mut me, limit).await, Err(NoAnswer(limit)));
        tokio::time::sleep(2 * limit).await;
        assert_eq!(me.len(), 1);
        calculator.apply(Op::Add(n("100")));
        assert_eq!(state(&calculator, &mut me).await, "7");
        calculator.apply(Op::Add(n("1")));
        // From now on each answer is that of the question before.
        assert_eq!(state(&calculator, &mut me).await, "107");
    })
    .await;
}
// ANCHOR_END: late

// S3
#[tokio::test(start_paused = true)]
async fn a_forged_answer_is_accepted() {
    session(async |mut me| {
        let calculator = Handmade::start(n("7"));
        me.me().send(n("666"));
        assert_eq!(state(&calculator, &mut me).await, "666");
    })
    .await;
}

// S4, S6
#[tokio::test(start_paused = true)]
async fn a_crash_is_silent_and_loses_the_queue() {
    for zero in ["0", "0.0"] {
        session(async move |mut me| {
            let calculator = Handmade::start(n("10"));
            apply(&calculator, [Op::Divide(n(zero)), Op::Add(n("1"))]);
            let total = calculator.state(&mut me, STATE_TIMEOUT).await;
            assert_eq!(total, Err(NoAnswer(STATE_TIMEOUT)));
            assert!(!process::node().is_alive(calculator.process().pid()));
            let ExitReason::Panic(panic) = calculator.process().wait().await else {
                panic!("it should have crashed");
            };
            assert_eq!(panic.message, "division by zero");
            // A send to a dead process is no error.
            calculator.apply(Op::Add(n("1")));
            assert!(calculator.state(&mut me, STATE_TIMEOUT).await.is_err());
        })
        .await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_total_with_too_many_digits_crashes() {
    session(async |_| {
        let calculator = Handmade::start(n("1e500"));
        apply(
            &calculator,
            [Op::Multiply(n("1e499")), Op::Multiply(n("10"))],
        );
        let ExitReason::Panic(panic) = calculator.process().wait().await else {
            panic!("it should have crashed");
        };
        assert!(panic.message.starts_with("overflow"), "{panic}");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn find_returns_a_running_calculator() {
    session(async |mut me| {
        let process = Handmade::start(n("1")).process();
        let found = || Handmade::find(&process::node(), process.pid());
        let calculator = found().expect("it runs");
        assert_eq!(state(&calculator, &mut me).await, "1");
        process::exit(process.pid(), ExitReason::Kill);
        process.wait().await;
        assert!(found().is_none());
        assert!(Handmade::find(&process::node(), process::current()).is_none());
    })
    .await;
}
