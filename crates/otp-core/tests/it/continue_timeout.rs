//! GenServer: what a callback leaves to do, and time limits on the wait for a message.

use std::time::Duration;

use otp_core::prelude::*;
use otp_core::process;
use otp_core::test::Probe;
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::support::{
    Event, Gate, Lab, Order, act, ask, echo, in_process, lab, panic_of, quiet, run, settle, stop,
};

const LIMIT: Duration = Duration::from_millis(30);

/// An order to report, and to wait for at most `limit` then.
fn note_then_wait(n: u32, limit: Duration) -> Order {
    act(move |lab, _| {
        lab.probe.report(Event::Cast(n));
        Next::Timeout(limit)
    })
}

// CNT-001
#[tokio::test(start_paused = true)]
async fn a_continue_runs_before_messages_that_are_queued_already() {
    in_process(async {
        let probe = Probe::new();
        let server = Lab::start(lab(&probe)).await.unwrap();
        let (open, gate): (_, Gate) = oneshot::channel();
        server.cast(Order::Hold(gate));
        server.cast(act(|_, _| Next::Continue(Order::Note(1))));
        server.send(act(|_, _| Next::Continue(Order::Note(2))));
        server.cast(Order::Note(3));
        drop(open);
        assert_eq!(server.call(echo(4)).await, Ok(4));
        assert_eq!(
            probe.drain(),
            [
                Event::Init,
                Event::Continue(1),
                Event::Continue(2),
                Event::Cast(3),
                Event::Call(4)
            ]
        );
    })
    .await;
}

// CNT-001, CNT-002
#[tokio::test(start_paused = true)]
async fn a_continue_of_init_comes_before_the_first_message_and_start_does_not_wait_for_it() {
    in_process(async {
        let probe = Probe::new();
        let (open, gate): (_, Gate) = oneshot::channel();
        let telling = probe.clone();
        let boot = run(|me| async move {
            gate.await.unwrap();
            // Sent by the continue itself, and so after what was sent before.
            me.cast(Order::Note(2));
            telling.report(Event::Note("booted"));
            Next::NoReply
        });
        let server = Lab::start(lab(&probe).then(Next::Continue(boot))).await;
        let server = server.unwrap();
        server.send(Order::Note(1));
        settle().await;
        assert_eq!(probe.drain(), [Event::Init]);
        open.send(()).unwrap();
        settle().await;
        assert_eq!(
            probe.drain(),
            [Event::Note("booted"), Event::Message(1), Event::Cast(2)]
        );
    })
    .await;
}

// CNT-003
#[tokio::test(start_paused = true)]
async fn a_continue_may_continue_again_and_may_stop() {
    in_process(async {
        let probe = Probe::new();
        let server = Lab::start(lab(&probe)).await.unwrap();
        server.cast(act(|lab, _| {
            lab.probe.report(Event::Note("first"));
            Next::Continue(act(|lab, _| {
                lab.probe.report(Event::Note("second"));
                Next::Continue(stop(ExitReason::other("third")))
            }))
        }));
        let queued = server.send_request(echo(1));
        let reason = ExitReason::other("third");
        assert_eq!(server.wait().await, reason);
        assert_eq!(
            queued.await,
            Err(crate::support::exited(&server, reason.clone()))
        );
        assert_eq!(
            probe.drain(),
            [
                Event::Init,
                Event::Note("first"),
                Event::Note("second"),
                Event::Terminate(reason)
            ]
        );
    })
    .await;
}

// CNT-003
#[tokio::test(start_paused = true)]
async fn a_panic_in_a_continue_is_a_crash() {
    in_process(async {
        let probe = Probe::new();
        let boot = Next::Continue(crate::support::boom());
        let server = Lab::start(lab(&probe).then(boot)).await.unwrap();
        let reason = server.wait().await;
        assert_eq!(panic_of(&reason).message, "boom");
        assert_eq!(probe.drain(), [Event::Init, Event::Terminate(reason)]);
    })
    .await;
}

// CNT-004
#[tokio::test(start_paused = true)]
async fn with_a_reply_and_a_continue_the_reply_goes_out_first() {
    in_process(async {
        let probe = Probe::new();
        let server = Lab::start(lab(&probe)).await.unwrap();
        let (open, gate): (_, Gate) = oneshot::channel();
        let handler = |_: &mut Lab, from: ReplyTo<u32>| {
            from.reply(1).then(Next::Continue(run(|_| async {
                gate.await.unwrap();
                Next::Continue(Order::Note(2))
            })))
        };
        assert_eq!(server.call(ask(handler)).await, Ok(1));
        assert_eq!(probe.drain(), [Event::Init], "the continue is not over");
        let mut next = server.send_request(echo(3));
        assert_eq!(next.wait(LIMIT).await, None);
        open.send(()).unwrap();
        assert_eq!(next.await, Ok(3));
        assert_eq!(probe.drain(), [Event::Continue(2), Event::Call(3)]);
    })
    .await;
}

// TMO-001
#[tokio::test(start_paused = true)]
async fn a_limit_without_a_message_gives_a_timeout_when_it_is_over() {
    in_process(async {
        let probe = Probe::new();
        let begun = Instant::now();
        let server = Lab::start(lab(&probe).then(Next::Timeout(LIMIT))).await;
        let server = server.unwrap();
        assert_eq!(probe.next().await, Event::Init);
        assert_eq!(probe.next().await, Event::Timeout);
        let taken = begun.elapsed();
        assert!(taken >= LIMIT && taken < 2 * LIMIT, "{taken:?}");
        // As much from a cast, from a call, from a message and from a continue.
        let orders: [fn(&ServerRef<Lab>); 4] = [
            |server| server.cast(act(|_, _| Next::Timeout(LIMIT))),
            |server| server.send(act(|_, _| Next::Timeout(LIMIT))),
            |server| {
                server.cast(act(|_, _| Next::Continue(act(|_, _| Next::Timeout(LIMIT)))));
            },
            |server| {
                drop(server.send_request(ask(|_, from| from.reply(1).then(Next::Timeout(LIMIT)))));
            },
        ];
        for order in orders {
            let begun = Instant::now();
            order(&server);
            assert_eq!(probe.next().await, Event::Timeout);
            assert!(begun.elapsed() >= LIMIT);
            settle().await;
            assert_eq!(probe.drain(), [], "it comes once");
        }
    })
    .await;
}

// TMO-002
#[tokio::test(start_paused = true)]
async fn any_message_ends_the_limit_and_it_does_not_come_back() {
    in_process(async {
        let probe = Probe::new();
        let server = Lab::start(lab(&probe).trapping(true)).await.unwrap();
        let messages: [fn(&ServerRef<Lab>); 4] = [
            |server| server.cast(Order::Note(2)),
            |server| server.send(Order::Note(2)),
            |server| drop(server.send_request(echo(2))),
            |server| process::exit(server, ExitReason::Shutdown),
        ];
        for message in messages {
            server.cast(note_then_wait(1, LIMIT));
            tokio::time::sleep(LIMIT / 2).await;
            message(&server);
            settle().await;
            let seen = probe.drain();
            assert!(!seen.contains(&Event::Timeout), "{seen:?}");
            assert!(seen.len() >= 2, "{seen:?}");
        }
    })
    .await;
}

// TMO-002
#[tokio::test(start_paused = true)]
async fn a_limit_counts_from_the_callback_that_set_it() {
    in_process(async {
        let probe = Probe::new();
        let server = Lab::start(lab(&probe)).await.unwrap();
        for n in 0..4 {
            server.cast(note_then_wait(n, LIMIT));
            tokio::time::sleep(LIMIT * 2 / 3).await;
        }
        let seen = probe.drain();
        assert!(!seen.contains(&Event::Timeout), "{seen:?}");
        settle().await;
        assert_eq!(probe.drain(), [Event::Timeout]);
    })
    .await;
}

// TMO-003
#[tokio::test(start_paused = true)]
async fn a_limit_of_zero_gives_the_timeout_at_once_if_nothing_is_queued() {
    in_process(async {
        let probe = Probe::new();
        let begun = Instant::now();
        let zero = Next::Timeout(Duration::ZERO);
        let server = Lab::start(lab(&probe).then(zero)).await.unwrap();
        assert_eq!(probe.next().await, Event::Init);
        assert_eq!(probe.next().await, Event::Timeout);
        let (open, gate): (_, Gate) = oneshot::channel();
        server.cast(Order::Hold(gate));
        server.cast(note_then_wait(1, Duration::ZERO));
        server.send(Order::Note(2));
        drop(open);
        assert_eq!(server.call(echo(3)).await, Ok(3));
        assert_eq!(
            probe.drain(),
            [Event::Cast(1), Event::Message(2), Event::Call(3)]
        );
        assert!(begun.elapsed() < LIMIT, "{:?}", begun.elapsed());
    })
    .await;
}

// TMO-003, TMO-004
#[tokio::test(start_paused = true)]
async fn a_limit_never_overtakes_messages_however_many_are_queued() {
    in_process(async {
        let probe = Probe::new();
        let server = Lab::start(lab(&probe)).await.unwrap();
        let (open, gate): (_, Gate) = oneshot::channel();
        server.cast(Order::Hold(gate));
        for n in 0..1_000 {
            server.cast(note_then_wait(n, Duration::ZERO));
        }
        drop(open);
        settle().await;
        let seen = probe.drain();
        let timeouts: Vec<_> = (0..seen.len())
            .filter(|at| seen[*at] == Event::Timeout)
            .collect();
        assert_eq!(timeouts, [1_001], "after init and all casts");
    })
    .await;
}

// TMO-004
#[tokio::test(start_paused = true)]
async fn a_message_that_came_while_the_limit_ran_out_is_handled_and_no_timeout_follows() {
    in_process(async {
        let probe = Probe::new();
        let server = Lab::start(lab(&probe)).await.unwrap();
        // The callback takes longer than the limit that was set before it.
        server.cast(note_then_wait(1, LIMIT));
        settle_for(LIMIT / 3).await;
        server.cast(run(|_| async {
            tokio::time::sleep(2 * LIMIT).await;
            Next::NoReply
        }));
        server.cast(Order::Note(2));
        settle().await;
        assert_eq!(probe.drain(), [Event::Init, Event::Cast(1), Event::Cast(2)]);
    })
    .await;
}

async fn settle_for(time: Duration) {
    tokio::time::sleep(time).await;
}

// PRC-011
#[tokio::test(start_paused = true)]
async fn a_server_that_hibernates_handles_what_is_queued_and_what_comes() {
    in_process(async {
        let probe = Probe::new();
        let hibernating = lab(&probe).then(Next::Hibernate);
        let server = Lab::start(hibernating).await.unwrap();
        settle().await;
        assert_eq!(server.call(echo(1)).await, Ok(1));
        let (open, gate): (_, Gate) = oneshot::channel();
        server.cast(Order::Hold(gate));
        server.cast(act(|_, _| Next::Hibernate));
        server.cast(Order::Note(2));
        drop(open);
        let handler = |_: &mut Lab, from: ReplyTo<u32>| from.reply(3).then(Next::Hibernate);
        assert_eq!(server.call(ask(handler)).await, Ok(3));
        assert_eq!(server.call(echo(4)).await, Ok(4));
        assert_eq!(
            probe.drain(),
            [Event::Init, Event::Call(1), Event::Cast(2), Event::Call(4)]
        );
    })
    .await;
}

// TMO-001: what OTP calls infinity
#[tokio::test(start_paused = true)]
async fn a_limit_beyond_the_clock_is_no_limit() {
    in_process(async {
        let probe = Probe::new();
        let server = Lab::start(lab(&probe).then(Next::Timeout(Duration::MAX))).await;
        tokio::time::sleep(Duration::from_secs(1_000_000)).await;
        assert_eq!(probe.drain(), [Event::Init]);
        assert_eq!(server.unwrap().call(echo(1)).await, Ok(1));
        let endless = Lab::start(quiet()).await.unwrap();
        assert_eq!(endless.call(echo(2)).timeout(Duration::MAX).await, Ok(2));
    })
    .await;
}
