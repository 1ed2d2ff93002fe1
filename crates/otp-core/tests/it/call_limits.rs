//! GenServer: the limit of a call holds whatever else its caller does.

use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt};
use otp_core::gen_server::TimeLimit;
use otp_core::prelude::*;
use otp_core::process;
use otp_core::test::Probe;
use tokio::sync::mpsc;
use tokio::task::yield_now;
use tokio::time::{Instant, sleep, timeout};

use crate::support::{Call, Lab, ask, exited, in_process, quiet};

const MS: Duration = Duration::from_millis(1);

/// How many operations tokio allows a task before it has to let others have their turn.
const BUDGET: usize = 128;

/// A call that answers all that were kept before it.
fn answer_kept() -> impl FnOnce(ReplyTo<u32>) -> Call {
    ask(|lab, from| {
        for kept in lab.kept.drain(..) {
            kept.send(1);
        }
        from.reply(0)
    })
}

#[track_caller]
fn assert_timed_out(answer: &Result<u32, CallError>) {
    assert!(
        matches!(answer, Err(CallError::Timeout { .. })),
        "{answer:?}"
    );
}

// CAL-002
#[tokio::test(start_paused = true)]
async fn a_call_by_a_task_that_has_used_up_its_budget_keeps_its_limit() {
    in_process(async {
        let server = Lab::start(quiet()).await.unwrap();
        let (coins, mut purse) = mpsc::unbounded_channel();
        for _ in 0..BUDGET {
            coins.send(()).expect("the purse is open");
        }
        // What the start has used is given back.
        yield_now().await;
        for _ in 0..BUDGET {
            purse.recv().await;
        }
        let begun = Instant::now();
        assert_timed_out(&server.call(Call::Keep).timeout(1000 * MS).await);
        assert!(begun.elapsed() <= 1010 * MS, "{:?}", begun.elapsed());
    })
    .await;
}

// CAL-002
#[tokio::test(start_paused = true)]
async fn of_two_calls_at_once_each_keeps_its_own_limit() {
    in_process(async {
        let server = Lab::start(quiet()).await.unwrap();
        let (limited, unlimited) = tokio::join!(
            biased;
            async {
                // The other call has begun to wait by now, and is over after the next one.
                sleep(30 * MS).await;
                assert_eq!(server.call(answer_kept()).await, Ok(0));
                server.call(Call::Keep).await
            },
            server.call(Call::Keep).timeout(TimeLimit::Infinity),
        );
        assert_timed_out(&limited);
        assert_eq!(unlimited, Ok(1));
    })
    .await;
}

/// A call that is answered at once.
async fn answered(server: &ServerRef<Lab>) {
    let answer = server.call(ask(|_, from| from.reply(7))).await;
    assert_eq!(answer, Ok(7));
}

/// A call that is never answered, with the limit that calls use to have.
async fn assert_keeps_its_limit(server: &ServerRef<Lab>) {
    let begun = Instant::now();
    let answer = timeout(20_000 * MS, server.call(Call::Keep)).await;
    assert_timed_out(&answer.expect("the limit is 5 s"));
    let elapsed = begun.elapsed();
    assert!(
        (5000 * MS..=5025 * MS).contains(&elapsed),
        "it took {elapsed:?}"
    );
}

// CAL-002
#[tokio::test(start_paused = true)]
async fn a_call_after_others_keeps_its_limit_however_long_ago_they_were() {
    in_process(async {
        let server = Lab::start(quiet()).await.unwrap();
        for pause in [0, 1, 15, 19, 20, 21, 1000] {
            for _ in 0..3 {
                answered(&server).await;
            }
            // The alarm that is kept from them rings soon, when no call waits for it.
            sleep(pause * MS).await;
            assert_keeps_its_limit(&server).await;
        }
    })
    .await;
}

// CAL-002
#[tokio::test(start_paused = true)]
async fn a_call_that_is_polled_apart_keeps_its_limit_after_others_that_were_not() {
    in_process(async {
        let server = Lab::start(quiet()).await.unwrap();
        for before in 0..3 {
            for _ in 0..before {
                answered(&server).await;
            }
            // Each of these has a waker of its own.
            let mut apart: FuturesUnordered<_> = (0..3)
                .map(async |n| {
                    for _ in 0..n {
                        answered(&server).await;
                        sleep(7 * MS).await;
                    }
                    assert_keeps_its_limit(&server).await;
                })
                .collect();
            assert_keeps_its_limit(&server).await;
            while apart.next().await.is_some() {}
            drop(apart);
            assert_keeps_its_limit(&server).await;
        }
    })
    .await;
}

// CAL-006
#[tokio::test(start_paused = true)]
async fn a_caller_with_a_long_limit_learns_soon_of_a_server_whose_handle_lives_on() {
    in_process(async {
        let server = Lab::start(quiet()).await.unwrap();
        let (hand_on, mut handed_on) = mpsc::unbounded_channel();
        let told = Probe::new();
        let (other, telling) = (server.clone(), told.clone());
        process::spawn(move |_: Mailbox<Never>| async move {
            let handler = ask(move |_, from| {
                hand_on.send(from).expect("the test waits for it");
                Reply::later()
            });
            let day = Duration::from_secs(24 * 60 * 60);
            telling.report(other.call(handler).timeout(day).await);
        });
        let handle = handed_on.recv().await;
        let begun = Instant::now();
        let reason = ExitReason::other("over");
        process::exit(&server, reason.clone());
        assert_eq!(told.next().await, Err(exited(&server, reason)));
        assert!(begun.elapsed() < 1000 * MS, "{:?}", begun.elapsed());
        drop(handle);
    })
    .await;
}
