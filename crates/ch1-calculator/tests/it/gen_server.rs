//! The same calculator as a GenServer: what the runtime takes off our hands.

use crate::{crash, n, session, state};
use ch1_calculator::api::{
    ApplyError, Boundary, Calculator, Letter, Op, Reducer, STATE_TIMEOUT, StateError,
};
use ch1_calculator::boundary::otp::{Call, Message};
use otp_core::{
    ExitReason, Node, RegisterError, StopError,
    prelude::{CallError, Exit, Mailbox, Never, ProcessRef},
    process,
};
use std::time::Duration;
use tokio::time::Instant;

async fn start(initial: &str) -> Calculator {
    Calculator::start(Boundary::Otp, n(initial))
        .await
        .expect("init cannot fail")
}

// S7
#[tokio::test(start_paused = true)]
async fn a_session_through_the_api() {
    session(async |mut me| {
        let calculator = start("0").await;
        calculator.add(n("10"));
        assert_eq!(state(&calculator, &mut me).await, "10");
        calculator.subtract(n("2"));
        assert_eq!(state(&calculator, &mut me).await, "8");
        calculator.multiply(n("6"));
        assert_eq!(state(&calculator, &mut me).await, "48");
        calculator.divide(n("5"));
        assert_eq!(state(&calculator, &mut me).await, "9.6");
        calculator.clear();
        assert_eq!(state(&calculator, &mut me).await, "0");
    })
    .await;
}

// S7
#[tokio::test(start_paused = true)]
async fn casts_and_a_call_of_one_client_are_taken_in_the_order_they_were_sent() {
    session(async |mut me| {
        let calculator = start("0").await;
        for i in 1..=5 {
            calculator.add(i.into());
        }
        assert_eq!(state(&calculator, &mut me).await, "15");
    })
    .await;
}

// S7
#[tokio::test(start_paused = true)]
async fn a_calculator_has_no_name_so_there_may_be_many() {
    session(async |mut me| {
        let (one, two) = (start("1").await, start("2").await);
        assert_eq!(process::node().registered(), Vec::<String>::new());
        one.add(n("10"));
        assert_eq!(state(&one, &mut me).await, "11");
        assert_eq!(state(&two, &mut me).await, "2");
    })
    .await;
}

// S13
#[tokio::test(start_paused = true)]
async fn negate_changes_the_sign() {
    session(async |mut me| {
        let calculator = start("0").await;
        calculator.add(n("10"));
        calculator.negate();
        assert_eq!(state(&calculator, &mut me).await, "-10");
        calculator.negate();
        calculator.divide(n("4"));
        calculator.negate();
        assert_eq!(state(&calculator, &mut me).await, "-2.5");
        calculator.dec();
        assert_eq!(state(&calculator, &mut me).await, "-3.5");
        calculator.fold(Reducer::Inc, vec![n("0"); 4]);
        assert_eq!(state(&calculator, &mut me).await, "0.5");
    })
    .await;
}

// S14
#[tokio::test(start_paused = true)]
async fn inc_is_a_plain_message_and_keeps_its_place_among_the_casts() {
    session(async |mut me| {
        let calculator = start("0").await;
        let Calculator::Otp(server) = &calculator else {
            panic!("a GenServer was asked for");
        };
        server.send(Message::Inc);
        server.send(Message::Inc);
        assert_eq!(state(&calculator, &mut me).await, "2");

        server.cast(Op::Multiply(n("6")));
        server.send(Message::Inc);
        server.cast(Op::Add(n("1")));
        assert_eq!(state(&calculator, &mut me).await, "14");

        calculator.inc();
        calculator.multiply(n("2"));
        assert_eq!(state(&calculator, &mut me).await, "30");
    })
    .await;
}

// S9
#[tokio::test(start_paused = true)]
async fn a_linked_client_dies_with_its_server() {
    let end = Node::new()
        .run_with(async |mut me: Mailbox<Letter>| {
            let calculator = Calculator::start_link(Boundary::Otp, n("1")).await;
            let calculator = calculator.expect("init cannot fail");
            calculator.divide(n("0"));
            // Nothing else is awaited: the exit signal alone ends the client.
            me.receive().await
        })
        .await;
    let Err(ExitReason::Panic(panic)) = end else {
        panic!("the client should have ended with the panic, not with {end:?}");
    };
    assert_eq!(panic.message, "division by zero");
}

// S9
#[tokio::test(start_paused = true)]
async fn a_client_that_traps_exits_finds_the_exit_in_its_mailbox() {
    let node = Node::new();
    let end = node.run_with(async |mut me: Mailbox<Exit>| {
        me.trap_exit(|exit| exit);
        let calculator = Calculator::start_link(Boundary::Otp, n("1")).await;
        let calculator = calculator.expect("init cannot fail");
        calculator.divide(n("0"));
        let exit = me.receive().await;
        assert_eq!(exit.from, calculator.pid());
        assert!(matches!(exit.reason, ExitReason::Panic(_)));
        assert!(!calculator.is_alive());

        // A cast to a dead server is no error, a call is.
        calculator.add(n("1"));
        let Calculator::Otp(server) = calculator else {
            panic!("a GenServer was asked for");
        };
        let result = server.call(Call::State).await;
        assert!(
            matches!(result, Err(CallError::NoProcess { .. })),
            "{result:?}"
        );
    });
    end.await.expect("the client survives");
}

// S9, S11
#[tokio::test(start_paused = true)]
async fn a_call_that_waits_behind_a_crash_fails_at_once() {
    session(async |mut me| {
        let calculator = start("10").await;
        let asked = Instant::now();
        calculator.divide(n("0"));
        calculator.add(n("1"));
        let result = calculator.state(&mut me, STATE_TIMEOUT).await;
        let Err(StateError::Call(CallError::Exited { reason, .. })) = result else {
            panic!("the call should have failed with the server's reason, not {result:?}");
        };
        assert!(matches!(reason, ExitReason::Panic(panic) if panic.message == "division by zero"));
        assert_eq!(asked.elapsed(), Duration::ZERO);
    })
    .await;
}

// S11
#[tokio::test(start_paused = true)]
async fn whoever_watches_learns_the_reason_even_after_the_crash() {
    session(async |mut me| {
        let calculator = start("10").await;
        let watch = calculator.watch(&mut me);
        calculator.divide(n("0"));
        // Let it crash before it is asked: the call finds no process, the monitor has the reason.
        while calculator.is_alive() {
            tokio::task::yield_now().await;
        }
        let result = calculator.state_or_end(&mut me, watch, STATE_TIMEOUT).await;
        assert_eq!(crash(result), "division by zero");
    })
    .await;
}

// S12
#[tokio::test(start_paused = true)]
async fn a_late_answer_is_dropped_and_the_next_one_is_fresh() {
    session(async |mut me| {
        let calculator = start("7").await;
        // More work than it gets done before it lets others run.
        for _ in 0..10_000 {
            calculator.inc();
        }
        let hasty = calculator.state(&mut me, Duration::ZERO).await;
        assert!(
            matches!(hasty, Err(StateError::Call(CallError::Timeout { .. }))),
            "{hasty:?}"
        );
        assert!(calculator.is_alive());

        calculator.add(n("100"));
        assert_eq!(state(&calculator, &mut me).await, "10107");
        assert!(me.is_empty());
    })
    .await;
}

// S12
#[tokio::test(start_paused = true)]
async fn a_busy_server_answers_late_and_the_late_answer_is_dropped() {
    session(async |mut me| {
        let calculator = start("7").await;
        calculator.busy(Duration::from_millis(100));
        calculator.add(n("100"));
        let hasty = calculator.state(&mut me, Duration::from_millis(30)).await;
        assert!(
            matches!(hasty, Err(StateError::Call(CallError::Timeout { .. }))),
            "{hasty:?}"
        );
        assert!(calculator.is_alive());
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert!(me.is_empty());
        assert_eq!(state(&calculator, &mut me).await, "107");
    })
    .await;
}

// S12
#[tokio::test(start_paused = true)]
async fn a_call_that_takes_too_long_ends_a_caller_that_does_not_catch_it() {
    session(async |_| {
        let calculator = start("7").await;
        let pid = calculator.pid();
        let Calculator::Otp(server) = calculator.clone() else {
            panic!("a GenServer was asked for");
        };
        calculator.busy(Duration::from_millis(100));
        let caller = process::spawn(async move |_: Mailbox<Never>| {
            let limit = Duration::from_millis(30);
            server.call(Call::State).timeout(limit).await?;
            Ok::<_, ExitReason>(())
        });
        let reason = caller.wait().await;
        let told = format!("the call to {pid} got no answer within 30ms");
        assert_eq!(reason.to_string(), told);
        assert!(calculator.is_alive());
    })
    .await;
}

// S18
#[tokio::test(start_paused = true)]
async fn a_call_waits_until_the_operation_is_done() {
    session(async |mut me| {
        let calculator = start("10").await;
        for op in [Op::Add(n("1")), Op::Add(n("5"))] {
            calculator.apply_and_wait(op).await.expect("it is done");
        }
        assert_eq!(state(&calculator, &mut me).await, "16");
        for op in [
            Op::Subtract(n("4")),
            Op::Multiply(n("3")),
            Op::Divide(n("8")),
        ] {
            calculator.apply_and_wait(op).await.expect("it is done");
        }
        assert_eq!(state(&calculator, &mut me).await, "4.5");
        calculator
            .apply_and_wait(Op::Clear)
            .await
            .expect("it is done");
        assert_eq!(state(&calculator, &mut me).await, "0");
    })
    .await;
}

// S11, S18
#[tokio::test(start_paused = true)]
async fn a_call_that_crashes_the_server_tells_its_caller_at_once() {
    session(async |_| {
        let calculator = start("10").await;
        let result = calculator.apply_and_wait(Op::Divide(n("0"))).await;
        let Err(ApplyError::Call(CallError::Exited { reason, .. })) = result else {
            panic!("the call should have failed with the server's reason, not {result:?}");
        };
        assert!(matches!(reason, ExitReason::Panic(panic) if panic.message == "division by zero"));
        let again = calculator.apply_and_wait(Op::Add(n("1"))).await;
        assert!(
            matches!(again, Err(ApplyError::Call(CallError::NoProcess { .. }))),
            "{again:?}"
        );
    })
    .await;
}

// S11
#[tokio::test(start_paused = true)]
async fn a_linked_caller_dies_while_it_waits_for_the_answer() {
    let end = Node::new().run(async {
        let calculator = Calculator::start_link(Boundary::Otp, n("10")).await;
        let calculator = calculator.expect("init cannot fail");
        calculator.apply_and_wait(Op::Divide(n("0"))).await.is_ok()
    });
    assert!(matches!(end.await, Err(ExitReason::Panic(_))));
}

// S18
#[tokio::test(start_paused = true)]
async fn with_calls_the_mailbox_holds_no_more_than_one_request_a_client() {
    session(async |mut me| {
        let calculator = start("0").await;
        let queue = || {
            let info = process::node().process_info(calculator.pid());
            info.expect("it lives").message_queue_len
        };
        calculator.busy(Duration::from_secs(1));
        let clients: Vec<ProcessRef<Never>> = (1..=4)
            .map(|i| {
                let calculator = calculator.clone();
                process::spawn(async move |_| {
                    for _ in 0..25 {
                        calculator
                            .apply_and_wait(Op::Add(i.into()))
                            .await
                            .expect("it is done");
                    }
                })
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(500)).await;
        assert_eq!(queue(), 4);
        for client in clients {
            assert_eq!(client.wait().await, ExitReason::Normal);
        }
        assert_eq!(state(&calculator, &mut me).await, "250");
    })
    .await;
}

// S7
#[tokio::test(start_paused = true)]
async fn a_name_is_given_and_is_free_again_after_the_stop() {
    session(async |_| {
        let (one, two) = (start("1").await, start("2").await);
        one.register("calc").expect("the name is free");
        assert_eq!(process::whereis("calc"), Some(one.pid()));
        assert!(matches!(
            two.register("calc"),
            Err(RegisterError::NameTaken { .. })
        ));
        one.stop().await.expect("it lives");
        assert!(matches!(one.stop().await, Err(StopError::NoProcess { .. })));
        two.register("calc").expect("the name is free");
    })
    .await;
}
