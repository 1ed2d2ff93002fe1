//! Raw processes whose start is acknowledged.

use std::future::pending;
use std::time::Duration;

use otp_core::prelude::*;
use otp_core::proc_lib::{self, InitAck};
use otp_core::process;
use otp_core::test::Probe;
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::puppet::{Puppet, boom};
use crate::support::{in_process, panic_of, settle};

type Plain = Mailbox<Never>;

#[tokio::test(start_paused = true)]
async fn a_start_returns_when_it_is_acknowledged_and_the_process_goes_on() {
    in_process(async {
        let begun = Instant::now();
        let process = proc_lib::start(|mut mailbox: Mailbox<u32>, started| async move {
            tokio::time::sleep(Duration::from_secs(1)).await;
            started.ok();
            ExitReason::other(mailbox.receive().await)
        });
        let process = process.await.unwrap();
        assert_eq!(begun.elapsed(), Duration::from_secs(1));
        assert!(process.is_alive());
        process.send(7);
        assert_eq!(process.wait().await, ExitReason::other(7_u32));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_process_may_be_started_from_outside_and_acknowledged_by_another_one() {
    let node = Node::new();
    let (sender, receiver) = oneshot::channel::<InitAck>();
    node.spawn(|_: Plain| async move {
        receiver.await.expect("it is handed over").ok();
    });
    let options = proc_lib::options().on(&node).name("egg");
    let started = options.start(|_: Plain, started| async move {
        let _ = sender.send(started);
        pending::<()>().await;
    });
    let process = started.await.unwrap();
    assert_eq!(node.whereis("egg"), Some(process.pid()));
}

/// How a start fails.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Way {
    Fails,
    Ignores,
    Panics,
    ReturnsWithoutAWord,
    DropsTheHandle,
    IsKilled,
    TakesTooLong,
}

const WAYS: [Way; 7] = [
    Way::Fails,
    Way::Ignores,
    Way::Panics,
    Way::ReturnsWithoutAWord,
    Way::DropsTheHandle,
    Way::IsKilled,
    Way::TakesTooLong,
];

const LIMIT: Duration = Duration::from_secs(5);

impl Way {
    async fn run(self, mailbox: Plain, started: InitAck) -> ExitReason {
        match self {
            Self::Fails => started.fail(boom()),
            Self::Ignores => started.ignore(),
            Self::Panics => panic!("no eggs"),
            Self::ReturnsWithoutAWord => ExitReason::Shutdown,
            Self::DropsTheHandle => {
                drop(started);
                pending().await
            }
            Self::IsKilled => {
                process::exit(mailbox.pid(), ExitReason::Kill);
                pending().await
            }
            Self::TakesTooLong => pending().await,
        }
    }

    #[track_caller]
    fn check(self, error: &StartError) {
        match (self, error) {
            (Self::Panics, StartError::Init(reason)) => {
                assert_eq!(panic_of(reason).message, "no eggs");
            }
            (Self::Fails, error) => assert_eq!(*error, StartError::Init(boom())),
            (Self::Ignores, error) => assert_eq!(*error, StartError::Ignored),
            (Self::ReturnsWithoutAWord, error) => {
                assert_eq!(*error, StartError::Init(ExitReason::Shutdown));
            }
            (Self::TakesTooLong, error) => assert_eq!(*error, StartError::Timeout(LIMIT)),
            (way, error) => assert_eq!(*error, StartError::Init(ExitReason::Killed), "{way:?}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_start_that_fails_says_why_and_leaves_nothing_behind() {
    for way in WAYS {
        in_process(async move {
            let node = process::node();
            let before = node.system_info();
            let options = proc_lib::options().name("egg").timeout(LIMIT);
            let body = move |mailbox: Plain, started| way.run(mailbox, started);
            way.check(&options.clone().start(body).await.unwrap_err());
            assert_eq!(node.whereis("egg"), None, "{way:?}");
            way.check(&options.start_monitor(body).await.unwrap_err());
            assert_eq!(node.system_info(), before, "{way:?}");
        })
        .await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_starter_that_traps_exits_has_the_error_and_no_exit() {
    for way in WAYS {
        in_process(async move {
            let starter = process::spawn(move |mut mailbox: Mailbox<Exit>| async move {
                mailbox.trap_exit(|exit| exit);
                let options = proc_lib::options().timeout(LIMIT);
                let started = options.start_link(move |mailbox, ack| way.run(mailbox, ack));
                way.check(&started.await.unwrap_err());
                let told = mailbox.receive().timeout(Duration::from_secs(1)).await;
                assert_eq!(told, None, "{way:?}");
            });
            assert_eq!(starter.wait().await, ExitReason::Normal, "{way:?}");
        })
        .await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_starter_that_traps_no_exits_is_taken_along_by_an_abnormal_end() {
    for way in WAYS {
        in_process(async move {
            let starter = process::spawn(move |_: Plain| async move {
                let options = proc_lib::options().timeout(LIMIT);
                let started = options.start_link(move |mailbox, ack| way.run(mailbox, ack));
                way.check(&started.await.unwrap_err());
                ExitReason::other("went on")
            });
            let ended = starter.wait().await;
            let lives = matches!(way, Way::Ignores | Way::TakesTooLong);
            assert_eq!(
                ended == ExitReason::other("went on"),
                lives,
                "{way:?}: {ended}"
            );
        })
        .await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_name_that_is_taken_is_found_out_before_anything_runs() {
    in_process(async {
        let holder = Puppet::new(&process::node());
        process::register("egg", &holder).unwrap();
        let body = |_: Plain, _: InitAck| async { unreachable!("it never runs") };
        let refused = proc_lib::options().name("egg").start::<_, _, _>(body).await;
        let refused: Result<_, _> = refused.map(|_: ProcessRef<Never>| ());
        assert_eq!(refused, Err(StartError::AlreadyStarted(holder.pid())));
    })
    .await;
}

// It has come to trap exits before anybody can tell it to stop.
#[tokio::test(start_paused = true)]
async fn a_trapping_child_cleans_up_however_early_it_is_told_to_stop() {
    in_process(async {
        let cleaned = Probe::new();
        let there = cleaned.clone();
        let child = ChildSpec::worker("egg", move || {
            let cleaned = there.clone();
            proc_lib::start_link(|mut mailbox: Mailbox<Exit>, started| async move {
                mailbox.trap_exit(|exit| exit);
                started.ok();
                let exit = mailbox.receive().await;
                cleaned.report(exit.reason.clone());
                exit.reason
            })
        });
        let supervisor = Supervisor::new(Strategy::OneForOne).child(child);
        let supervisor = supervisor.start_link().await.unwrap();
        supervisor.terminate_child("egg").await.unwrap();
        assert_eq!(cleaned.drain(), [ExitReason::Shutdown]);
        settle().await;
    })
    .await;
}
