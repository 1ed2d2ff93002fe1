//! Children that are guarded twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use otp_core::guard::{Guard, NotReady, OnLimit};
use otp_core::prelude::*;
use otp_core::supervisor::StartChildError;

use crate::room::{BACKOFF, Doors, crowd, down, fails, one_guard_keeps, room};

const HOUR: Duration = Duration::from_secs(3600);

/// A back-off and a limit, in both orders.
fn guarded_twice(child: &ChildSpec) -> [ChildSpec; 2] {
    let limit = || Guard::new().limit(2, HOUR).on_limit(OnLimit::Rest);
    let child = || child.clone();
    [
        child().backoff(BACKOFF).guarded(limit()),
        child().guarded(limit()).backoff(BACKOFF),
    ]
}

async fn callers_wait_for_a_child_that_is_guarded_twice() {
    let (failing, name) = (ChildSpec::worker("room", fails), room());
    for n in 0..2 {
        let doors = Doors::new(&down(false), 9, 9);
        let crowd = crowd().await;
        let child = guarded_twice(&doors.child())[n].clone();
        let (server, again) = tokio::join!(
            crowd.ensure_started(&name, child.clone()),
            crowd.ensure_started(&name, child),
        );
        let server = server.expect("it starts");
        assert_eq!(again, Ok(server.clone()));
        one_guard_keeps(&crowd, &server).await;
        crowd.stop().await.expect("it stops");

        let crowd = crate::room::crowd().await;
        let failed = crowd
            .ensure_started(&room(), guarded_twice(&failing)[n].clone())
            .await;
        let (id, reason) = ("room".into(), ExitReason::other("down"));
        assert_eq!(failed, Err(StartChildError::Start { id, reason }));
        crowd.stop().await.expect("it stops");
    }
}

#[otp_core::test]
async fn who_wants_a_server_that_is_guarded_twice_gets_it_once_it_runs() {
    callers_wait_for_a_child_that_is_guarded_twice().await;
}

#[otp_core::test(workers = 4)]
async fn who_wants_a_server_that_is_guarded_twice_gets_it_once_it_runs_on_threads() {
    callers_wait_for_a_child_that_is_guarded_twice().await;
}

#[otp_core::test]
async fn a_child_that_is_guarded_twice_is_ready_when_it_runs() {
    for n in 0..2 {
        let doors = Doors::new(&down(false), 9, 0);
        let child = guarded_twice(&doors.child())[n].clone();
        let tree = Supervisor::new(Strategy::OneForOne).child(child);
        let tree = tree.start().await.expect("it starts");
        let limit = Duration::from_secs(60);
        let early = tree.await_ready().timeout(limit).await;
        assert_eq!(early, Err(NotReady::Timeout { limit }));
        doors.enter.add_permits(1);
        assert_eq!(tree.await_ready().await, Ok(()));
        assert!(room().is_alive());
        tree.stop().await.expect("it stops");
    }
}

#[otp_core::test]
async fn the_settings_of_both_guards_hold() {
    for n in 0..2 {
        let starts = Arc::new(std::sync::Mutex::new(Vec::new()));
        let (times, began) = (starts.clone(), tokio::time::Instant::now());
        let child = ChildSpec::worker("room", move || {
            times.lock().expect("no panic").push(began.elapsed());
            fails()
        });
        let child = guarded_twice(&child)[n].clone().with_id("another");
        let tree = Supervisor::new(Strategy::OneForOne).child(child);
        let tree = tree.start().await.expect("it starts");
        tokio::time::sleep(HOUR).await;
        let stopped = NotReady::Stopped("another".into());
        assert_eq!(tree.await_ready().await, Err(stopped));
        let starts = starts.lock().expect("no panic").clone();
        assert_eq!(starts.len(), 3, "two restarts are allowed");
        for pair in starts.windows(2) {
            assert!(pair[1] - pair[0] >= Duration::from_millis(20), "{starts:?}");
        }
        tree.stop().await.expect("it stops");
    }
}

/// What is set between them stays: the last guard's settings count, and the rest of the specification.
#[otp_core::test]
async fn of_two_settings_the_last_one_counts() {
    let tried = Arc::new(AtomicBool::new(false));
    let child = ChildSpec::worker("room", {
        let tried = tried.clone();
        move || {
            tried.store(true, Ordering::SeqCst);
            fails()
        }
    });
    let child = child
        .guarded(Guard::new().limit(1_000, HOUR).on_limit(OnLimit::Fail))
        .restart(Restart::Temporary)
        .shutdown(Shutdown::Within(HOUR))
        .guarded(Guard::new().limit(0, HOUR).on_limit(OnLimit::Rest));
    assert_eq!(child.restart_type(), Restart::Temporary);
    assert_eq!(child.shutdown_value(), Shutdown::Within(HOUR));
    let tree = Supervisor::new(Strategy::OneForOne).child(child);
    let tree = tree.start().await.expect("it starts");
    while tree.count_children().await.expect("it lives").specs > 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert!(tried.load(Ordering::SeqCst));
    assert!(tree.is_alive());
    tree.stop().await.expect("it stops");
}
