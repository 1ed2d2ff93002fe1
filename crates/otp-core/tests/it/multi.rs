//! GenServer: one request to many servers.

use std::time::Duration;

use otp_core::gen_server::{Address, TimeLimit, abcast, multi_call};
use otp_core::prelude::*;
use otp_core::process;
use otp_core::test::Probe;
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::support::{Event, Gate, Lab, Order, in_process, lab, quiet, settle, stop};

const LIMIT: Duration = Duration::from_millis(100);

/// A server whose casts can be copied, as a broadcast needs.
struct Tally(Probe<(&'static str, u32)>, &'static str);

#[gen_server]
impl GenServer for Tally {
    type Args = Self;
    type Cast = u32;

    async fn init(state: Self, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(state))
    }

    async fn handle_cast(&mut self, n: u32, _: &mut Context<Self>) -> Next<Self> {
        self.0.report((self.1, n));
        Next::NoReply
    }
}

fn names<S: GenServer>(names: &[&'static str]) -> Vec<ServerName<S>> {
    names.iter().copied().map(ServerName::new).collect()
}

fn echo_7(from: ReplyTo<u32>) -> crate::support::Call {
    crate::support::Call::Echo(7, from)
}

// MUL-001
#[tokio::test(start_paused = true)]
async fn multi_call_gives_the_answers_and_who_gave_none_and_why() {
    in_process(async {
        let slow_probe = Probe::new();
        let start = |name: &'static str| Lab::options().name(name).start(quiet());
        start("one").await.unwrap();
        start("two").await.unwrap();
        let dying = start("dying").await.unwrap();
        let (end, gate): (_, Gate) = oneshot::channel();
        dying.cast(Order::Hold(gate));
        dying.cast(stop(ExitReason::other("over")));
        let slow = Lab::options().name("slow").start(lab(&slow_probe));
        let slow = slow.await.unwrap();
        let (open, gate): (_, Gate) = oneshot::channel();
        slow.cast(Order::Hold(gate));

        // It runs when the requests have been sent.
        process::spawn(|_: Mailbox<Never>| async { end.send(()).unwrap() });
        let begun = Instant::now();
        let all = names::<Lab>(&["slow", "one", "missing", "dying", "two"]);
        let (mut good, mut bad) = multi_call(&all, LIMIT, echo_7).await;
        let taken = begun.elapsed();
        assert!(taken >= LIMIT && taken < 2 * LIMIT, "{taken:?}");

        good.sort_by_key(|(server, _)| server.name().to_string());
        let good: Vec<_> = good
            .into_iter()
            .map(|(server, answer)| (server.name().to_string(), answer))
            .collect();
        assert_eq!(good, [("one".to_owned(), 7), ("two".to_owned(), 7)]);
        bad.sort_by_key(|(server, _)| server.name().to_string());
        let bad: Vec<_> = bad.into_iter().map(|(_, error)| error).collect();
        let named = |name: &'static str| Address::Name(name.into());
        assert_eq!(
            bad,
            [
                CallError::Exited {
                    server: named("dying"),
                    reason: ExitReason::other("over")
                },
                CallError::NoProcess {
                    server: named("missing")
                },
                CallError::Timeout {
                    server: named("slow"),
                    limit: LIMIT
                },
            ]
        );

        // The late answer is dropped, and the slow server lives.
        open.send(()).unwrap();
        settle().await;
        assert_eq!(slow_probe.drain(), [Event::Init, Event::Call(7)]);
        let (good, bad) = multi_call(&all[..2], LIMIT, echo_7).await;
        assert_eq!((good.len(), bad.len()), (2, 0));
    })
    .await;
}

// MUL-001
#[tokio::test(start_paused = true)]
async fn multi_call_returns_as_soon_as_all_have_answered() {
    in_process(async {
        for name in ["one", "two"] {
            Lab::options().name(name).start(quiet()).await.unwrap();
        }
        let begun = Instant::now();
        let all = names::<Lab>(&["one", "two", "missing"]);
        let (good, bad) = multi_call(&all, TimeLimit::Infinity, echo_7).await;
        assert_eq!((good.len(), bad.len()), (2, 1));
        assert_eq!(begun.elapsed(), Duration::ZERO);
        let (good, bad) = multi_call(&names::<Lab>(&[]), LIMIT, echo_7).await;
        assert_eq!((good.len(), bad.len()), (0, 0));
    })
    .await;
}

// MUL-001
#[tokio::test(start_paused = true)]
async fn a_multi_call_without_a_limit_ends_with_the_servers_that_do_not_answer() {
    in_process(async {
        let stuck = Lab::options().name("stuck").start(quiet()).await.unwrap();
        let (_open, gate): (_, Gate) = oneshot::channel();
        stuck.cast(Order::Hold(gate));
        process::spawn(|_: Mailbox<Never>| async move {
            tokio::time::sleep(Duration::from_secs(60 * 60)).await;
            process::exit(&stuck, ExitReason::Kill);
        });
        let all = names::<Lab>(&["stuck"]);
        let (_, bad) = multi_call(&all, TimeLimit::Infinity, echo_7).await;
        assert!(
            matches!(
                &bad[..],
                [(
                    _,
                    CallError::Exited {
                        reason: ExitReason::Killed,
                        ..
                    }
                )]
            ),
            "{bad:?}"
        );
    })
    .await;
}

// CST-003
#[tokio::test(start_paused = true)]
async fn abcast_reaches_everyone_there_is_and_passes_over_the_missing() {
    in_process(async {
        let probe = Probe::new();
        for name in ["one", "two"] {
            let tally = Tally(probe.clone(), name);
            Tally::options().name(name).start(tally).await.unwrap();
        }
        abcast(&names::<Tally>(&["one", "missing", "two"]), &5);
        assert_eq!(probe.drain(), [], "it does not wait for anyone");
        settle().await;
        let mut got = probe.drain();
        got.sort_unstable();
        assert_eq!(got, [("one", 5), ("two", 5)]);
    })
    .await;
}
