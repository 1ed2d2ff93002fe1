//! A dynamic supervisor that has as many children as it may have.

use std::sync::atomic::Ordering;

use otp_core::guard::{Backoff, GuardState};
use otp_core::prelude::*;
use otp_core::supervisor::StartChildError;
use otp_core::{DynamicSupervisorRef, Task};

use crate::room::{BACKOFF, Doors, Room, down, guards, kill, one_guard_keeps, room, until};

async fn small_crowd() -> DynamicSupervisorRef {
    let crowd = DynamicSupervisor::new().max_children(1);
    crowd.start().await.expect("it starts")
}

fn wanted(
    crowd: &DynamicSupervisorRef,
    child: &ChildSpec,
) -> Task<Result<ServerRef<Room>, StartChildError>> {
    let (crowd, child) = (crowd.clone(), child.clone());
    Task::spawn(async move { crowd.ensure_started(&room(), child).await })
}

async fn all_get_the_one_server() {
    let doors = Doors::new(&down(false), 0, 0);
    let plain = doors.child();
    for child in [plain.clone(), plain.backoff(BACKOFF)] {
        let crowd = small_crowd().await;
        let callers = [(); 8].map(|()| wanted(&crowd, &child));
        // All have looked for the name, and some have asked the supervisor.
        for _ in 0..50 {
            tokio::task::yield_now().await;
        }
        doors.start.add_permits(1);
        assert_eq!(doors.events.next().await, "begins");
        doors.enter.add_permits(1);
        assert_eq!(doors.events.next().await, "runs");
        let mut servers = Vec::new();
        for caller in callers {
            servers.push(caller.await.expect("no panic").expect("it starts"));
        }
        servers.dedup();
        assert_eq!(servers.len(), 1);
        crowd.stop().await.expect("it stops");
    }
}

#[otp_core::test]
async fn all_who_want_it_get_the_one_server_that_has_room() {
    all_get_the_one_server().await;
}

#[otp_core::test(workers = 4)]
async fn all_who_want_it_get_the_one_server_that_has_room_on_threads() {
    for _ in 0..20 {
        all_get_the_one_server().await;
    }
}

/// The place of a child that did not start is free for who comes next.
async fn a_failed_start_leaves_its_place() {
    let down = down(true);
    let doors = Doors::new(&down, 9_999, 9_999);
    let crowd = small_crowd().await;
    let child = doors.child().backoff(BACKOFF);
    for _ in 0..100 {
        let callers = [(); 2].map(|()| wanted(&crowd, &child));
        for caller in callers {
            let failed = caller.await.expect("no panic");
            // The server of the other caller counts as running while its `init` runs.
            let fails = matches!(failed, Ok(_) | Err(StartChildError::Start { .. }));
            assert!(fails, "{failed:?}");
        }
    }
    down.store(false, Ordering::SeqCst);
    until(async || crowd.ensure_started(&room(), child.clone()).await.is_ok()).await;
    let server = room().whereis().expect("it runs");
    one_guard_keeps(&crowd, &server).await;
    crowd.stop().await.expect("it stops");
}

#[otp_core::test]
async fn a_child_that_did_not_start_leaves_its_place() {
    a_failed_start_leaves_its_place().await;
}

#[otp_core::test(workers = 4)]
async fn a_child_that_did_not_start_leaves_its_place_on_threads() {
    a_failed_start_leaves_its_place().await;
}

#[otp_core::test]
async fn the_place_of_another_child_is_taken() {
    let crowd = small_crowd().await;
    let other = ChildSpec::worker("other", || otp_core::Agent::start_link(|| 0));
    let other = crowd.start_child(other).await.expect("it starts");
    let hour = Backoff::constant(std::time::Duration::from_secs(3600));
    let doors = Doors::new(&down(false), 9, 9);
    let child = doors.child().backoff(hour);
    let full = Err(StartChildError::MaxChildren(1));
    assert_eq!(crowd.ensure_started(&room(), child.clone()).await, full);
    let other = other.pid().expect("it runs");
    crowd.terminate_child(other).await.expect("it is a child");
    let server = crowd.ensure_started(&room(), child).await;
    kill(server.expect("it starts")).await;
    until(async || matches!(guards(&crowd).await[..], [GuardState::Waiting(_)])).await;
    let other = ServerName::<Room>::new("another");
    assert_eq!(crowd.ensure_started(&other, doors.child()).await, full);
}
