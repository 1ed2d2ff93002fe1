//! GenServer: the answers to calls, early, late, and never.

use std::time::Duration;

use otp_core::gen_server::{Address, TimeLimit};
use otp_core::prelude::*;
use otp_core::process;
use otp_core::test::Probe;
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::support::{
    Call, Event, Lab, Order, act, ask, echo, exited, in_process, lab, panic_of, quiet,
};

const LIMIT: Duration = Duration::from_millis(30);

// CAL-009
#[tokio::test(start_paused = true)]
async fn a_deferred_answer_may_come_from_any_process_and_others_are_served_meanwhile() {
    in_process(async {
        let server = Lab::start(quiet()).await.unwrap();
        let (answer, answered) = oneshot::channel();
        let helper = process::spawn(|mut mailbox: Mailbox<ReplyTo<u32>>| async move {
            let from = mailbox.receive().await;
            answered.await.unwrap();
            from.send(42);
        });
        let request = server.send_request(ask(move |_, from| {
            helper.send(from);
            Reply::later()
        }));
        assert_eq!(server.call(echo(1)).await, Ok(1));
        server.cast(Order::Note(2));
        assert_eq!(server.call(echo(3)).await, Ok(3));
        answer.send(()).unwrap();
        assert_eq!(request.await, Ok(42));
    })
    .await;
}

// CAL-009
#[tokio::test(start_paused = true)]
async fn calls_may_be_answered_in_another_order_than_they_came() {
    in_process(async {
        let server = Lab::start(quiet()).await.unwrap();
        let requests: Vec<_> = (0..3).map(|_| server.send_request(Call::Keep)).collect();
        server.cast(act(|lab, _| {
            for (n, from) in (0..).zip(lab.kept.drain(..).rev()) {
                from.send(n);
            }
            Next::NoReply
        }));
        for (request, n) in requests.into_iter().zip([2, 1, 0]) {
            assert_eq!(request.await, Ok(n));
        }
    })
    .await;
}

// CAL-010
#[tokio::test(start_paused = true)]
async fn an_answer_to_a_caller_that_is_gone_is_harmless() {
    in_process(async {
        let server = Lab::start(quiet()).await.unwrap();
        let other = server.clone();
        let caller = process::spawn(|_: Mailbox<Never>| async move {
            let _ = other.call(Call::Keep).await;
        });
        let gave_up = server.call(Call::Keep).timeout(LIMIT).await;
        assert!(gave_up.is_err());
        drop(server.send_request(Call::Keep));
        process::exit(&caller, ExitReason::Kill);
        caller.wait().await;
        let answered = server.call(ask(|lab, from| {
            let answered = lab.kept.drain(..).map(|from| from.send(1)).count();
            from.reply(u32::try_from(answered).unwrap())
        }));
        assert_eq!(answered.await, Ok(3));
        assert_eq!(server.call(echo(2)).await, Ok(2));
    })
    .await;
}

// CAL-011
#[tokio::test(start_paused = true)]
async fn a_dropped_handle_fails_the_call_at_once_with_an_error_of_its_own() {
    in_process(async {
        let begun = Instant::now();
        let server = Lab::start(quiet()).await.unwrap();
        let dropped = Err(CallError::ReplyDropped {
            server: Address::Pid(server.pid()),
        });
        let at_once = ask(|_, from| {
            drop(from);
            Reply::later()
        });
        assert_eq!(
            server.call(at_once).timeout(TimeLimit::Infinity).await,
            dropped
        );

        let later = server.send_request(Call::Keep);
        server.cast(act(|lab, _| {
            lab.kept.clear();
            Next::NoReply
        }));
        assert_eq!(later.await, dropped);

        let elsewhere = ask(|_, from| {
            process::spawn(|_: Mailbox<Never>| async move { drop(from) });
            Reply::later()
        });
        assert_eq!(server.call(elsewhere).await, dropped);
        assert_eq!(server.call(echo(1)).await, Ok(1));
        assert_eq!(begun.elapsed(), Duration::ZERO);
    })
    .await;
}

// CAL-014
#[tokio::test(start_paused = true)]
async fn with_reply_and_stop_terminate_runs_and_then_the_answer_goes_out() {
    in_process(async {
        let probe = Probe::new();
        let (open, gate) = oneshot::channel::<()>();
        let server = Lab::start(lab(&probe).terminate(|_| async { gate.await.unwrap() }))
            .await
            .unwrap();
        let reason = ExitReason::other("done");
        let why = reason.clone();
        let mut request = server.send_request(ask(|_, from| from.reply(1).then(Next::Stop(why))));
        assert_eq!(request.wait(LIMIT).await, None);
        assert_eq!(
            probe.drain(),
            [Event::Init, Event::Terminate(reason.clone())]
        );
        open.send(()).unwrap();
        assert_eq!(request.await, Ok(1));
        assert_eq!(server.wait().await, reason);
    })
    .await;
}

// CAL-014, TRM-010
#[tokio::test(start_paused = true)]
async fn with_reply_and_stop_the_answer_goes_out_even_if_terminate_panics() {
    in_process(async {
        let server = Lab::start(quiet().terminate(|_| async { panic!("boom") }))
            .await
            .unwrap();
        let answer = server.call(ask(|_, from| {
            from.reply(1).then(Next::Stop(ExitReason::Normal))
        }));
        assert_eq!(answer.await, Ok(1));
        let reason = server.wait().await;
        assert_eq!(panic_of(&reason).message, "boom");
    })
    .await;
}

// CAL-015
#[tokio::test(start_paused = true)]
async fn with_stop_and_no_reply_the_caller_gets_the_stop_reason() {
    in_process(async {
        for reason in [
            ExitReason::other("oops"),
            ExitReason::Normal,
            ExitReason::Shutdown,
        ] {
            for keep in [true, false] {
                let server = Lab::start(quiet()).await.unwrap();
                let why = reason.clone();
                let answer = server.call(ask(move |lab, from| {
                    match keep {
                        true => lab.kept.push(from),
                        false => drop(from),
                    }
                    Reply::later().then(Next::Stop(why))
                }));
                assert_eq!(answer.await, Err(exited(&server, reason.clone())));
            }
        }
    })
    .await;
}
