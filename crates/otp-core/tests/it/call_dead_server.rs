//! GenServer: calls to servers that end before they answer.

use std::time::Duration;

use otp_core::gen_server::{Envelope, RequestSet, TimeLimit, enter_loop};
use otp_core::prelude::*;
use otp_core::process;
use otp_core::test::Probe;
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::support::{
    Call, Gate, Heard, Lab, Order, act, ask, boom, echo, exited, in_process, panic_of_call, quiet,
    settle, stop, with_mailbox,
};

/// A limit for what takes real time, should it not happen.
const LIMIT: Duration = Duration::from_secs(5);

/// How a server ends.
#[derive(Debug, Clone, Copy)]
enum Way {
    Stops,
    IsStopped,
    Panics,
    ExitsItself,
    GetsASignal,
    IsKilled,
}

const WAYS: [Way; 6] = [
    Way::Stops,
    Way::IsStopped,
    Way::Panics,
    Way::ExitsItself,
    Way::GetsASignal,
    Way::IsKilled,
];

impl Way {
    /// Brings about the end, or queues what will.
    fn end(self, server: &ServerRef<Lab>) {
        let reason = ExitReason::other("over");
        match self {
            Self::Stops => server.cast(stop(reason)),
            Self::IsStopped => {
                let server = server.clone();
                process::spawn(|_: Mailbox<Never>| async move {
                    let stopped = server.stop_with(reason).await;
                    stopped.expect("it ends with this reason");
                });
            }
            Self::Panics => server.cast(boom()),
            Self::ExitsItself => server.cast(act(|_, _| process::exit_self(reason))),
            Self::GetsASignal => process::exit(server, reason),
            Self::IsKilled => process::exit(server, ExitReason::Kill),
        }
    }

    /// Checks what a caller got.
    #[track_caller]
    fn check(self, server: &ServerRef<Lab>, answer: &Result<u32, CallError>) {
        match self {
            Self::Panics => assert_eq!(panic_of_call(answer).message, "boom"),
            Self::IsKilled => assert_eq!(*answer, Err(exited(server, ExitReason::Killed))),
            _ => {
                let reason = ExitReason::other("over");
                assert_eq!(*answer, Err(exited(server, reason)), "{self:?}");
            }
        }
    }
}

// CAL-006
#[tokio::test(start_paused = true)]
async fn a_caller_without_a_limit_gets_the_reason_as_soon_as_the_server_ends() {
    for way in WAYS {
        in_process(async move {
            let begun = Instant::now();
            let server = Lab::start(quiet()).await.unwrap();
            let other = server.clone();
            let told = Probe::new();
            let telling = told.clone();
            process::spawn(|_: Mailbox<Never>| async move {
                telling.report(other.call(Call::Keep).timeout(TimeLimit::Infinity).await);
            });
            // The handle is in the server's state by the time that this is answered.
            while server
                .call(ask(|lab, from| from.reply(u32::from(!lab.kept.is_empty()))))
                .await
                != Ok(1)
            {}
            way.end(&server);
            way.check(&server, &told.next().await);
            assert_eq!(begun.elapsed(), Duration::ZERO);
        })
        .await;
    }
}

// CAL-006
#[tokio::test(start_paused = true)]
async fn a_caller_gets_the_reason_even_if_another_process_has_its_handle() {
    for way in WAYS {
        in_process(async move {
            let server = Lab::start(quiet()).await.unwrap();
            let keeper = process::spawn(|mut mailbox: Mailbox<ReplyTo<u32>>| async move {
                let mut kept = Vec::new();
                loop {
                    kept.push(mailbox.receive().await);
                }
            });
            let hand_on = move || {
                let keeper = keeper.clone();
                ask(move |_, from| {
                    keeper.send(from);
                    Reply::later()
                })
            };
            let mut several = RequestSet::new();
            several.add("one of several", server.send_request(hand_on()));
            let request = server.send_request(hand_on());
            let told = Probe::new();
            let (other, telling) = (server.clone(), told.clone());
            process::spawn(|_: Mailbox<Never>| async move {
                telling.report(other.call(hand_on()).timeout(TimeLimit::Infinity).await);
            });
            settle().await;
            let begun = Instant::now();
            way.end(&server);
            way.check(&server, &told.next().await);
            way.check(&server, &request.timeout(LIMIT).await);
            let (_, answer) = several.next().await.expect("one is awaited");
            way.check(&server, &answer);
            assert_eq!(begun.elapsed(), Duration::ZERO);
        })
        .await;
    }
}

// CAL-008
#[tokio::test(start_paused = true)]
async fn a_call_queued_at_a_server_that_ends_fails_at_once_with_its_reason() {
    for way in WAYS {
        in_process(async move {
            let begun = Instant::now();
            let server = Lab::start(quiet()).await.unwrap();
            let (open, gate): (_, Gate) = oneshot::channel();
            server.cast(Order::Hold(gate));
            way.end(&server);
            if let Way::IsStopped = way {
                // Lets the process that stops it get its request in before ours.
                settle().await;
            }
            let queued = server.send_request(echo(1));
            drop(open);
            match way {
                // The end was decided before the call.
                Way::GetsASignal | Way::IsKilled => assert!(
                    matches!(queued.await, Err(CallError::NoProcess { .. })),
                    "{way:?}"
                ),
                _ => way.check(&server, &queued.await),
            }
            assert!(begun.elapsed() <= Duration::from_secs(1));
        })
        .await;
    }
}

// CAL-008
#[tokio::test(start_paused = true)]
async fn a_call_queued_before_the_exit_signal_fails_with_its_reason() {
    for way in [Way::GetsASignal, Way::IsKilled] {
        in_process(async move {
            let server = Lab::start(quiet()).await.unwrap();
            let (_open, gate): (_, Gate) = oneshot::channel();
            server.cast(Order::Hold(gate));
            settle().await;
            let queued = server.send_request(echo(1));
            way.end(&server);
            way.check(&server, &queued.await);
        })
        .await;
    }
}

// CAL-008
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn queued_calls_get_the_reason_on_many_threads_too() {
    in_process(async {
        for round in 0..300 {
            let server = Lab::start(quiet()).await.unwrap();
            let (open, gate): (_, Gate) = oneshot::channel();
            server.cast(Order::Hold(gate));
            let early = server.send_request(echo(1));
            // Callers that run at the same time as the server ends.
            let told = Probe::new();
            for n in 0..4 {
                let (server, telling) = (server.clone(), told.clone());
                process::spawn(move |_: Mailbox<Never>| async move {
                    telling.report(server.call(echo(n)).await);
                });
            }
            let way = match round % 3 {
                0 => Way::Stops,
                1 => Way::GetsASignal,
                _ => Way::IsKilled,
            };
            way.end(&server);
            let late = server.send_request(echo(2));
            drop(open);
            match way {
                Way::Stops => {
                    assert_eq!(early.timeout(LIMIT).await, Ok(1));
                    way.check(&server, &late.timeout(LIMIT).await);
                }
                _ => {
                    way.check(&server, &early.timeout(LIMIT).await);
                    assert!(matches!(
                        late.timeout(LIMIT).await,
                        Err(CallError::NoProcess { .. })
                    ));
                }
            }
            for _ in 0..4 {
                match told.next().await {
                    // It came before the order to stop, or after the end.
                    Ok(_) if matches!(way, Way::Stops) => {}
                    Err(CallError::NoProcess { .. }) => {}
                    answer => way.check(&server, &answer),
                }
            }
        }
    })
    .await;
}

/// Starts a server whose terminate waits for the gate, in the two ways in which there are servers.
async fn slow_to_end(gate: Gate, entered: bool) -> ServerRef<Lab> {
    let setup = quiet().terminate(|_| async {
        let _ = gate.await;
    });
    if !entered {
        return Lab::start(setup).await.expect("its init is plain");
    }
    let state = setup.state();
    process::spawn(|mailbox: Mailbox<Envelope<Lab>>| {
        enter_loop(mailbox, state, Next::NoReply, None)
    })
    .into()
}

// CAL-008, CAL-015, CAL-016
#[tokio::test(start_paused = true)]
async fn during_a_long_terminate_callers_wait_for_the_reason() {
    for entered in [false, true] {
        in_process(async move {
            let (open, gate) = oneshot::channel();
            let server = slow_to_end(gate, entered).await;
            let kept = server.send_request(Call::Keep);
            let dropped = server.send_request(ask(|_, from| {
                drop(from);
                Reply::later().then(Next::Stop(ExitReason::other("over")))
            }));
            let queued = server.send_request(echo(1));
            settle().await;
            let sent_meanwhile = server.send_request(echo(2));
            let mut requests = [kept, dropped, queued, sent_meanwhile];
            for request in &mut requests {
                assert_eq!(request.wait(Duration::from_secs(1)).await, None);
            }
            open.send(()).unwrap();
            for request in requests {
                Way::Stops.check(&server, &request.await);
            }
        })
        .await;
    }
}

// CAL-016
#[tokio::test(start_paused = true)]
async fn a_handle_dropped_by_a_panic_gives_the_panic_and_not_a_dropped_reply() {
    for entered in [false, true] {
        in_process(async move {
            let (open, gate) = oneshot::channel();
            let server = slow_to_end(gate, entered).await;
            let mut unwound = server.send_request(ask(|_, _from| panic!("boom")));
            assert_eq!(unwound.wait(Duration::from_secs(1)).await, None);
            open.send(()).unwrap();
            Way::Panics.check(&server, &unwound.await);
        })
        .await;
    }
}

// CAL-006, CAL-014
#[tokio::test(start_paused = true)]
async fn an_answer_that_a_kill_keeps_from_going_out_fails_the_call() {
    in_process(async {
        let (_open, gate) = oneshot::channel();
        let server = slow_to_end(gate, false).await;
        let mut request = server.send_request(ask(|_, from| {
            from.reply(1).then(Next::Stop(ExitReason::Normal))
        }));
        assert_eq!(request.wait(Duration::from_secs(1)).await, None);
        Way::IsKilled.end(&server);
        let answer = request.timeout(LIMIT).await;
        Way::IsKilled.check(&server, &answer);
    })
    .await;
}

// CAL-016
#[tokio::test(start_paused = true)]
async fn an_answer_that_a_panic_keeps_from_going_out_fails_the_call() {
    in_process(async {
        let server = Lab::start(quiet()).await.unwrap();
        let answer = server.call(ask(|_, from| {
            let _reply: Reply<Lab> = from.reply(1);
            panic!("boom")
        }));
        Way::Panics.check(&server, &answer.await);
    })
    .await;
}

// CAL-011
#[tokio::test(start_paused = true)]
async fn an_answer_that_is_thrown_away_fails_the_call() {
    in_process(async {
        let server = Lab::start(quiet()).await.unwrap();
        let answer = server.call(ask(|_, from| {
            drop(from.reply::<Lab>(1));
            Reply::later()
        }));
        let answer = answer.await;
        assert!(
            matches!(answer, Err(CallError::ReplyDropped { .. })),
            "{answer:?}"
        );
    })
    .await;
}

// CAL-016
#[tokio::test(start_paused = true)]
async fn a_panic_reaches_the_caller_and_those_linked_with_the_server() {
    with_mailbox(|mut mailbox| async move {
        mailbox.trap_exit(Heard::Exit);
        let server = Lab::start_link(quiet()).await.unwrap();
        let answer = server.call(ask(|_, _| panic!("boom"))).await;
        let info = panic_of_call(&answer);
        assert_eq!(info.message, "boom");
        assert!(
            info.location
                .as_ref()
                .unwrap()
                .contains("call_dead_server.rs:")
        );
        let Err(CallError::Exited { reason, .. }) = answer else {
            unreachable!("it was one a line ago");
        };
        settle().await;
        assert_eq!(
            mailbox.receive().await,
            Heard::Exit(Exit {
                from: server.pid(),
                reason
            })
        );
    })
    .await;
}

// CAL-006: a `?` in a process's body does what OTP does there
#[tokio::test(start_paused = true)]
async fn a_failed_call_ends_a_caller_that_passes_the_error_on() {
    in_process(async {
        let server = Lab::start(quiet()).await.unwrap();
        let other = server.clone();
        let caller = process::spawn(move |_: Mailbox<Never>| async move {
            other.call(ask(|_, _| panic!("boom"))).await?;
            Ok::<(), CallError>(())
        });
        let reason = caller.wait().await;
        let error = reason.downcast_error::<CallError>().unwrap().clone();
        assert_eq!(panic_of_call::<()>(&Err(error)).message, "boom");
    })
    .await;
}
