//! The server made by hand, and its flaws.

use crate::{crash, n, session, state};
use ch1_calculator::api::{
    ApplyError, Boundary, Calculator, Client, Letter, Op, Reducer, STATE_TIMEOUT, StateError,
};
use ch1_calculator::boundary::handmade::{self, Request};
use otp_core::{ExitReason, Node, prelude::Mailbox, process};
use std::time::Duration;
use tokio::time::Instant;

async fn start(initial: &str) -> Calculator {
    Calculator::start(Boundary::Handmade, n(initial))
        .await
        .expect("it always starts")
}

// S1
#[tokio::test(start_paused = true)]
async fn the_bare_process_adds_up_and_answers_into_the_askers_mailbox() {
    session(async |mut me: Mailbox<Letter>| {
        let calculator = handmade::start(n("0"));
        calculator.send(Request::Apply(Op::Add(n("10"))));
        calculator.send(Request::Apply(Op::Add(n("20"))));
        calculator.send(Request::Apply(Op::Subtract(n("40"))));
        calculator.send(Request::State(me.me()));
        assert!(matches!(me.receive().await, Letter::State(total) if total == n("-10")));
        assert!(calculator.is_alive());
    })
    .await;
}

// S1
#[tokio::test(start_paused = true)]
async fn a_session_through_the_api() {
    session(async |mut me| {
        let calculator = start("10").await;
        calculator.add(n("1"));
        calculator.add(n("5"));
        assert_eq!(state(&calculator, &mut me).await, "16");
        calculator.subtract(n("4"));
        calculator.multiply(n("3"));
        assert_eq!(state(&calculator, &mut me).await, "36");
        calculator.divide(n("5"));
        assert_eq!(state(&calculator, &mut me).await, "7.2");
        calculator.clear();
        assert_eq!(state(&calculator, &mut me).await, "0");
        assert!(me.is_empty());
    })
    .await;
}

// S13
#[tokio::test(start_paused = true)]
async fn negate_inc_dec_and_fold_change_the_total() {
    session(async |mut me| {
        let calculator = start("5").await;
        calculator.negate();
        assert_eq!(state(&calculator, &mut me).await, "-5");
        calculator.inc();
        calculator.inc();
        calculator.dec();
        assert_eq!(state(&calculator, &mut me).await, "-4");
        calculator.fold(Reducer::Subtract, vec![n("1"), n("2"), n("3")]);
        assert_eq!(state(&calculator, &mut me).await, "-10");
    })
    .await;
}

// S3
#[tokio::test(start_paused = true)]
async fn a_dead_calculator_keeps_the_asker_waiting_for_the_whole_time_limit() {
    session(async |mut me| {
        let calculator = start("1").await;
        process::exit(calculator.pid(), ExitReason::Kill);

        let asked = Instant::now();
        let result = calculator.state(&mut me, STATE_TIMEOUT).await;
        assert!(matches!(result, Err(StateError::Timeout(STATE_TIMEOUT))));
        assert!(asked.elapsed() >= STATE_TIMEOUT);
        assert!(asked.elapsed() < 2 * STATE_TIMEOUT);
    })
    .await;
}

// S3
#[tokio::test(start_paused = true)]
async fn a_late_answer_is_taken_for_the_next_one() {
    session(async |mut me| {
        let calculator = start("7").await;
        // No time at all: the calculator is not even asked before we give up.
        let hasty = calculator.state(&mut me, Duration::ZERO).await;
        assert!(matches!(hasty, Err(StateError::Timeout(_))));

        calculator.add(n("100"));
        assert_eq!(state(&calculator, &mut me).await, "7");
        calculator.add(n("1"));
        // One answer behind, for ever.
        assert_eq!(state(&calculator, &mut me).await, "107");
        calculator.add(n("1"));
        assert_eq!(state(&calculator, &mut me).await, "108");
    })
    .await;
}

// S3
#[tokio::test(start_paused = true)]
async fn a_forged_answer_is_believed() {
    session(async |mut me| {
        let calculator = start("7").await;
        me.me().send(Letter::State(n("666")));
        assert_eq!(state(&calculator, &mut me).await, "666");
    })
    .await;
}

// S3
#[tokio::test(start_paused = true)]
async fn other_letters_are_left_where_they_are() {
    session(async |mut me| {
        let calculator = start("7").await;
        let other = start("0").await;
        process::exit(other.pid(), ExitReason::Kill);
        let watch = other.watch(&mut me);
        assert_eq!(state(&calculator, &mut me).await, "7");
        assert!(matches!(me.receive().await, Letter::Down(down) if down.monitor == watch));
    })
    .await;
}

// S4, S6
#[tokio::test(start_paused = true)]
async fn a_crash_is_silent_for_whoever_does_not_watch() {
    for zero in ["0", "0.0"] {
        session(async move |mut me| {
            let calculator = start("10").await;
            calculator.divide(n(zero));
            // Queued behind the crash, and lost with the mailbox.
            calculator.add(n("1"));
            calculator.add(n("2"));
            let result = calculator.state(&mut me, STATE_TIMEOUT).await;
            assert!(matches!(result, Err(StateError::Timeout(_))));
            assert!(!calculator.is_alive());

            // Sending to a dead process is no error.
            calculator.add(n("1"));
            let result = calculator.state(&mut me, STATE_TIMEOUT).await;
            assert!(matches!(result, Err(StateError::Timeout(_))));
        })
        .await;
    }
}

// S4, S6
#[tokio::test(start_paused = true)]
async fn whoever_watches_learns_the_reason_and_does_not_wait() {
    session(async |mut me| {
        let calculator = start("10").await;
        let watch = calculator.watch(&mut me);
        let asked = Instant::now();
        calculator.divide(n("0"));
        let result = calculator.state_or_end(&mut me, watch, STATE_TIMEOUT).await;
        assert_eq!(crash(result), "division by zero");
        assert_eq!(asked.elapsed(), Duration::ZERO);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_watched_calculator_answers_as_any_other() {
    session(async |mut me| {
        let calculator = start("10").await;
        let watch = calculator.watch(&mut me);
        calculator.add(n("1"));
        let total = calculator.state_or_end(&mut me, watch, STATE_TIMEOUT).await;
        assert_eq!(total.expect("it lives"), n("11"));
    })
    .await;
}

// S4, with a link: the handmade boundary has none by itself.
#[tokio::test(start_paused = true)]
async fn a_linked_client_dies_with_its_calculator() {
    let end = Node::new()
        .run_with(async |mut me: Mailbox<Letter>| {
            let calculator = Calculator::start_link(Boundary::Handmade, n("1")).await;
            let calculator = calculator.expect("it always starts");
            calculator.divide(n("0"));
            calculator.state(&mut me, STATE_TIMEOUT).await.is_ok()
        })
        .await;
    let Err(ExitReason::Panic(panic)) = end else {
        panic!("the client should have ended with the panic, not with {end:?}");
    };
    assert_eq!(panic.message, "division by zero");
}

#[tokio::test(start_paused = true)]
async fn a_total_that_grows_without_end_crashes_in_time() {
    session(async |mut me| {
        let calculator = start("1e500").await;
        let watch = calculator.watch(&mut me);
        calculator.multiply(n("1e499"));
        calculator.multiply(n("10"));
        let result = calculator.state_or_end(&mut me, watch, STATE_TIMEOUT).await;
        assert_eq!(
            crash(result),
            "overflow: the result needs more than 1000 digits"
        );
    })
    .await;
}

// S3
#[tokio::test(start_paused = true)]
async fn a_client_keeps_the_late_answer_for_the_next_question() {
    session(async |_| {
        let calculator = start("7").await;
        let client = Client::start_link();
        let letters = || {
            process::node()
                .process_info(client.pid())
                .expect("it lives")
                .message_queue_len
        };
        let limit = Duration::from_millis(80);

        calculator.busy(Duration::from_millis(120));
        let hasty = client.state(&calculator, limit).await;
        assert!(matches!(hasty, Err(StateError::Timeout(_))), "{hasty:?}");
        tokio::time::sleep(limit).await;
        assert_eq!(letters(), 1);

        calculator.add(n("100"));
        let state = async || client.state(&calculator, limit).await.expect("an answer");
        assert_eq!(state().await, n("7"));
        assert_eq!(state().await, n("107"));
        client.forge(n("666"));
        assert_eq!(state().await, n("107"));
        assert_eq!(state().await, n("666"));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_client_that_has_ended_says_so() {
    session(async |mut me| {
        me.trap_exit(|_| Letter::State(n("0")));
        let calculator = start("7").await;
        let client = Client::start_link();
        process::exit(client.pid(), ExitReason::Kill);
        let result = client.state(&calculator, STATE_TIMEOUT).await;
        assert!(matches!(result, Err(StateError::NoClient)), "{result:?}");
        assert!(!client.is_alive());
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn stop_ends_the_calculator_in_good_order_and_spares_those_linked_with_it() {
    session(async |mut me| {
        let started = Calculator::start_link(Boundary::Handmade, n("1")).await;
        let calculator = started.expect("it always starts");
        calculator.stop().await.expect("nobody answers");
        assert_eq!(calculator.wait().await, ExitReason::Normal);
        let nobody = calculator.state(&mut me, Duration::from_millis(80)).await;
        assert!(matches!(nobody, Err(StateError::Timeout(_))), "{nobody:?}");
        calculator.stop().await.expect("nobody answers now either");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_call_is_refused() {
    session(async |_| {
        let refused = start("1").await.apply_and_wait(Op::Negate).await;
        assert!(matches!(refused, Err(ApplyError::NoCalls)), "{refused:?}");
    })
    .await;
}
