//! Guards that have not run yet.

use std::time::Duration;

use otp_core::guard::{Guard, ready};
use otp_core::prelude::*;

use crate::room::{Doors, Room, crowd, down, room};

async fn nobody_takes_a_new_guard_for_its_child() {
    let crowd = crowd().await;
    for _ in 0..200 {
        let doors = Doors::new(&down(false), 1, 1);
        let child = doors.child().guarded(Guard::new());
        let guard = crowd.start_child(child).await.expect("it starts");
        let guard = guard.pid().expect("it runs");
        let server = ready(guard).timeout(Duration::from_secs(60)).await;
        assert_eq!(server, Ok(room().whereis().expect("it runs").pid()));
        crowd.terminate_child(guard).await.expect("it is a child");
    }
}

#[otp_core::test]
async fn a_guard_that_has_not_run_yet_is_a_guard() {
    nobody_takes_a_new_guard_for_its_child().await;
}

#[otp_core::test(workers = 4)]
async fn a_guard_that_has_not_run_yet_is_a_guard_on_threads() {
    nobody_takes_a_new_guard_for_its_child().await;
}

#[otp_core::test]
async fn a_guarded_child_gets_the_extra_arguments_of_its_supervisor() {
    let crowd = DynamicSupervisor::new().extra_arguments(Doors::new(&down(false), 2, 2));
    let crowd = crowd.start().await.expect("it starts");
    let child = ChildSpec::worker_with("room", |doors: Doors| {
        Room::options().name("room").start_link(doors)
    });
    let child = child.guarded(Guard::new());
    let guard = crowd.start_child(child.clone()).await.expect("it starts");
    let guard = guard.pid().expect("it runs");
    let server = ready(guard).timeout(Duration::from_secs(60)).await;
    assert_eq!(server, Ok(room().whereis().expect("it runs").pid()));
    crowd.terminate_child(guard).await.expect("it is a child");
    let server = crowd.ensure_started(&room(), child).await;
    assert!(server.expect("it starts").is_alive());
}
