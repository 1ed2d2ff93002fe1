//! GenServer: the limit of a call holds whatever else its caller does.

use std::time::Duration;

use otp_core::gen_server::Timeout;
use otp_core::prelude::*;
use otp_core::process;
use otp_core::test::Probe;
use tokio::sync::mpsc;
use tokio::task::yield_now;
use tokio::time::{Instant, sleep};

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
        assert_timed_out(&server.call_timeout(1000 * MS, Call::Keep).await);
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
            server.call_timeout(Timeout::Infinity, Call::Keep),
        );
        assert_timed_out(&limited);
        assert_eq!(unlimited, Ok(1));
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
            telling.report(other.call_timeout(day, handler).await);
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
