//! When a child comes back and when it does not.

use std::time::Duration;

use otp_core::prelude::*;
use otp_core::process;
use otp_core::supervisor::{ChildInfo, ChildStatus, StartChildError};

use crate::support::{in_process, settle};
use crate::troupe::{Mood, Troupe, child, die, ids, pid_of, rest, stop};

fn supervisor() -> Supervisor {
    Supervisor::new(Strategy::OneForOne)
}

/// Ways to end.
#[derive(Debug, Clone, Copy)]
enum Way {
    Panic,
    Stop(fn() -> ExitReason),
    Signal(fn() -> ExitReason),
}

impl Way {
    async fn take(self, name: &'static str) {
        match self {
            Self::Panic => die(name).await,
            Self::Stop(reason) => stop(name, reason()).await,
            Self::Signal(reason) => {
                process::exit(pid_of(name), reason());
                rest().await;
            }
        }
    }
}

const ORDERLY: [Way; 4] = [
    Way::Stop(|| ExitReason::Normal),
    Way::Stop(|| ExitReason::Shutdown),
    Way::Stop(|| ExitReason::shutdown_with("done")),
    Way::Signal(|| ExitReason::Shutdown),
];

const ABNORMAL: [Way; 4] = [
    Way::Panic,
    Way::Stop(|| ExitReason::other("oops")),
    Way::Signal(|| ExitReason::Kill),
    Way::Signal(|| ExitReason::other("oops")),
];

/// Lets a child of this type end and says whether it came back (with a new pid), stays known, or is
/// forgotten; and whether there was a report.
async fn end(restart: Restart, way: Way) -> (Option<ChildStatus>, bool, bool) {
    let troupe = Troupe::new();
    let _guard = troupe.with_reports(&["supervisor"]);
    in_process(async move {
        let spec = troupe.hero("superman").restart(restart);
        let supervisor = supervisor().child(spec).start_link().await;
        let supervisor = supervisor.expect("the hero starts");
        let before = pid_of("superman");
        way.take("superman").await;
        let log = troupe.log().await;
        let reported = log.iter().any(|line| line.contains("child_terminated"));
        let info = supervisor.which_child("superman").await;
        let info = info.expect("the supervisor lives");
        let back = info
            .as_ref()
            .and_then(ChildInfo::pid)
            .is_some_and(|pid| pid != before);
        let counts = supervisor.count_children().await;
        let counts = counts.expect("the supervisor lives");
        assert_eq!(counts.active, usize::from(back));
        assert_eq!(counts.specs, usize::from(info.is_some()));
        (info.map(|info| info.status), back, reported)
    })
    .await
}

// SUP-017, SUP-030, S56
#[tokio::test(start_paused = true)]
async fn a_permanent_child_comes_back_whatever_its_end() {
    for way in ORDERLY.into_iter().chain(ABNORMAL) {
        let (_, back, reported) = end(Restart::Permanent, way).await;
        assert!(back && reported, "{way:?}");
    }
}

// SUP-018, SUP-030, S56
#[tokio::test(start_paused = true)]
async fn a_transient_child_comes_back_after_an_abnormal_end_only() {
    for way in ABNORMAL {
        let (_, back, reported) = end(Restart::Transient, way).await;
        assert!(back && reported, "{way:?}");
    }
    for way in ORDERLY {
        let (status, back, reported) = end(Restart::Transient, way).await;
        assert_eq!(status, Some(ChildStatus::Stopped), "{way:?}");
        assert!(!back && !reported, "{way:?}");
    }
}

// SUP-019, SUP-030, S56
#[tokio::test(start_paused = true)]
async fn a_temporary_child_never_comes_back_and_is_forgotten() {
    for way in ABNORMAL {
        assert_eq!(
            end(Restart::Temporary, way).await,
            (None, false, true),
            "{way:?}"
        );
    }
    for way in ORDERLY {
        assert_eq!(
            end(Restart::Temporary, way).await,
            (None, false, false),
            "{way:?}"
        );
    }
}

// SUP-023
#[tokio::test(start_paused = true)]
async fn temporary_children_that_a_group_restart_stops_are_gone_with_what_their_specs_hold() {
    let troupe = Troupe::new().trapping(true);
    in_process(async move {
        let held = std::sync::Arc::new(());
        let (weak, guest) = (std::sync::Arc::downgrade(&held), troupe.hero("guest"));
        let spec = ChildSpec::worker("holder", move || {
            let _held = &held;
            let idle = |_: Mailbox<Never>| std::future::pending::<()>();
            std::future::ready(process::spawn_link(idle))
        });
        let supervisor = Supervisor::new(Strategy::OneForAll)
            .child(troupe.hero("a"))
            .child(guest.restart(Restart::Temporary))
            .child(spec.restart(Restart::Temporary))
            .child(troupe.hero("b"));
        let supervisor = supervisor.start_link().await.unwrap();
        troupe.log().await;
        assert!(weak.upgrade().is_some());
        die("a").await;
        troupe
            .saw(&[
                "terminate a Boom",
                "terminate b shutdown",
                "terminate guest shutdown",
                "start a",
                "start b",
            ])
            .await;
        assert_eq!(ids(&supervisor).await, ["b", "a"]);
        assert!(weak.upgrade().is_none());
    })
    .await;
}

// SUP-021
#[tokio::test(start_paused = true)]
async fn a_group_restart_also_starts_children_that_had_been_stopped() {
    let troupe = Troupe::new().trapping(true);
    in_process(async move {
        let supervisor = Supervisor::new(Strategy::OneForAll)
            .child(troupe.hero("a"))
            .child(troupe.hero("b"))
            .child(troupe.hero("c").restart(Restart::Transient));
        let supervisor = supervisor.start_link().await.unwrap();
        supervisor.terminate_child("b").await.unwrap();
        stop("c", ExitReason::Normal).await;
        troupe.log().await;
        die("a").await;
        troupe
            .saw(&["terminate a Boom", "start a", "start b", "start c"])
            .await;
    })
    .await;
}

// SUP-018
#[tokio::test(start_paused = true)]
async fn a_restart_that_is_ignored_leaves_the_child_without_a_process() {
    let troupe = Troupe::new();
    in_process(async move {
        let supervisor = supervisor().children(troupe.heroes(&["a", "b"]));
        let supervisor = supervisor.start_link().await.unwrap();
        troupe.mood("b", Mood::Ignores);
        die("b").await;
        assert_eq!(child(&supervisor, "b").await.status, ChildStatus::Stopped);
        assert_eq!(
            supervisor.start_child(troupe.hero("b")).await.unwrap_err(),
            StartChildError::AlreadyPresent("b".into())
        );
    })
    .await;
}

// SUP-020
#[tokio::test(start_paused = true)]
async fn a_child_that_keeps_its_name_longer_than_its_life_is_started_when_the_name_is_free() {
    let troupe = Troupe::new();
    in_process(async move {
        let supervisor = supervisor()
            .max_restarts(100, Duration::from_secs(5))
            .child(troupe.hero("a").shutdown(Shutdown::BrutalKill));
        let supervisor = supervisor.start_link().await.unwrap();
        for restarts in 1..=50 {
            process::exit(pid_of("a"), ExitReason::Kill);
            settle().await;
            assert_eq!(child(&supervisor, "a").await.restarts, restarts);
        }
    })
    .await;
}
