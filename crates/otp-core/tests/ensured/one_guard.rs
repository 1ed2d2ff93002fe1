//! One guard for each name, also while it rests.

use std::sync::atomic::Ordering;
use std::time::Duration;

use otp_core::guard::{Backoff, Guard, GuardState};
use otp_core::prelude::*;
use otp_core::supervisor::StartChildError;
use otp_core::{DynamicSupervisorRef, Task, process};
use tokio::time::sleep;

use crate::room::{Doors, Room, crowd, down, guards, kill, one_guard_keeps, room, until};

const HOUR: Duration = Duration::from_secs(3600);

type Wanted = Result<ServerRef<Room>, StartChildError>;

fn hour() -> Guard {
    Guard::new().backoff(Backoff::constant(HOUR))
}

fn is_down(wanted: &Wanted) -> bool {
    let down = ExitReason::other("down");
    matches!(wanted, Err(StartChildError::Start { reason, .. }) if *reason == down)
}

/// The server has ended, and its guard rests.
async fn resting(crowd: &DynamicSupervisorRef, child: &ChildSpec) {
    let server = crowd.ensure_started(&room(), child.clone()).await;
    kill(server.expect("it starts")).await;
    until(async || matches!(guards(crowd).await[..], [GuardState::Waiting(_)])).await;
}

fn want(crowd: &DynamicSupervisorRef, child: &ChildSpec) -> Task<Wanted> {
    let (crowd, child) = (crowd.clone(), child.clone());
    Task::spawn(async move { crowd.ensure_started(&room(), child).await })
}

async fn each_outage_leaves_one_guard() {
    let doors = Doors::new(&down(false), 999, 999);
    let (crowd, child) = (crowd().await, doors.child().guarded(hour()));
    for _ in 0..9 {
        resting(&crowd, &child).await;
        doors.down.store(true, Ordering::SeqCst);
        for _ in 0..3 {
            let failed = crowd.ensure_started(&room(), child.clone()).await;
            assert!(is_down(&failed), "{failed:?}");
        }
        doors.down.store(false, Ordering::SeqCst);
        // Its server also comes back if nobody asks before the guard notices the end.
        let server = crowd.ensure_started(&room(), child.clone()).await;
        kill(server.expect("it starts")).await;
    }
    let server = crowd.ensure_started(&room(), child).await;
    one_guard_keeps(&crowd, &server.expect("it starts")).await;
    crowd.stop().await.expect("it stops");
}

#[otp_core::test]
async fn after_many_outages_there_is_one_guard() {
    each_outage_leaves_one_guard().await;
}

#[otp_core::test(workers = 4)]
async fn after_many_outages_there_is_one_guard_on_threads() {
    each_outage_leaves_one_guard().await;
}

#[otp_core::test]
async fn all_who_ask_while_a_guard_rests_share_one_attempt() {
    let doors = Doors::new(&down(false), 1, 1);
    let (crowd, child) = (crowd().await, doors.child().guarded(hour()));
    resting(&crowd, &child).await;
    assert_eq!(doors.events.drain(), ["begins", "runs"]);
    for (is_down, outcome) in [(true, "fails"), (false, "runs")] {
        doors.down.store(is_down, Ordering::SeqCst);
        let callers = [(); 8].map(|()| want(&crowd, &child));
        otp_core::test::idle().await;
        doors.start.add_permits(1);
        assert_eq!(doors.events.next().await, "begins");
        doors.enter.add_permits(1);
        for caller in callers {
            let wanted = caller.await.expect("no panic");
            assert_eq!(wanted.is_err(), is_down, "{wanted:?}");
        }
        assert_eq!(doors.events.next().await, outcome);
    }
    assert_eq!(doors.events.drain(), [""; 0]);
    one_guard_keeps(&crowd, &room().whereis().expect("it runs")).await;
}

/// An attempt for a caller is beside the guard's own: it is not counted by the limit, and the rest continues after it.
#[otp_core::test]
async fn an_attempt_for_a_caller_changes_nothing_for_the_guard() {
    let doors = Doors::new(&down(false), 999, 999);
    let guard = hour().limit(2, 24 * HOUR);
    let (crowd, child) = (crowd().await, doors.child().guarded(guard));
    resting(&crowd, &child).await;
    doors.down.store(true, Ordering::SeqCst);
    sleep(HOUR / 2).await;
    for _ in 0..9 {
        let failed = crowd.ensure_started(&room(), child.clone()).await;
        assert!(is_down(&failed), "{failed:?}");
    }
    let [GuardState::Waiting(left)] = guards(&crowd).await[..] else {
        panic!("it rests")
    };
    assert!(left <= HOUR / 2, "{left:?}");
    doors.down.store(false, Ordering::SeqCst);
    sleep(HOUR / 2).await;
    let server = room().whereis().expect("its time was over");
    one_guard_keeps(&crowd, &server).await;
    // The second restart is still allowed, and no third one.
    kill(server).await;
    sleep(HOUR).await;
    kill(room().whereis().expect("it runs")).await;
    until(async || guards(&crowd).await.is_empty()).await;
}

#[otp_core::test]
async fn a_resting_guard_is_used_where_the_supervisor_is_full() {
    let crowd = DynamicSupervisor::new().max_children(1).start().await;
    let crowd = crowd.expect("it starts");
    let doors = Doors::new(&down(false), 99, 99);
    let child = doors.child().guarded(hour());
    for _ in 0..3 {
        resting(&crowd, &child).await;
    }
}

/// The guard is ended while callers wait for its attempt: they get a new one, or the end of the supervisor.
#[otp_core::test]
async fn a_guard_that_is_stopped_in_an_attempt_leaves_no_caller_waiting() {
    for kill in [true, false] {
        let doors = Doors::new(&down(false), 9, 1);
        let (crowd, child) = (crowd().await, doors.child().guarded(hour()));
        resting(&crowd, &child).await;
        let _ = doors.events.drain();
        let callers = [(); 3].map(|()| want(&crowd, &child));
        assert_eq!(doors.events.next().await, "begins");
        let children = crowd.which_children().await.expect("it lives");
        assert_eq!(children.len(), 1);
        let guard = children[0].pid().expect("it runs");
        match kill {
            true => process::exit(guard, ExitReason::Kill),
            false => crowd.terminate_child(guard).await.expect("it is a child"),
        }
        doors.enter.add_permits(9);
        for caller in callers {
            let server = caller.await.expect("no panic").expect("it starts");
            one_guard_keeps(&crowd, &server).await;
        }
        crowd.stop().await.expect("it stops");
    }
    let doors = Doors::new(&down(false), 9, 1);
    let (crowd, child) = (crowd().await, doors.child().guarded(hour()));
    resting(&crowd, &child).await;
    let callers = [(); 3].map(|()| want(&crowd, &child));
    until(async || room().is_alive()).await;
    crowd.stop().await.expect("it stops");
    for caller in callers {
        let ended = caller.await.expect("no panic");
        let ended = ended.map(|server| server.is_alive());
        assert!(
            matches!(ended, Ok(false) | Err(StartChildError::Call(_))),
            "{ended:?}"
        );
    }
}

/// A guard that fails is started again by its supervisor. Callers come before and after.
#[otp_core::test]
async fn a_guard_that_its_supervisor_starts_again_is_one() {
    let doors = Doors::new(&down(false), 999, 999);
    let guard = hour()
        .limit(0, HOUR)
        .on_limit(otp_core::guard::OnLimit::Fail);
    let (crowd, child) = (crowd().await, doors.child().guarded(guard));
    for _ in 0..9 {
        let server = crowd.ensure_started(&room(), child.clone()).await;
        let server = server.expect("it starts");
        process::exit(&server, ExitReason::Kill);
        let callers = [(); 4].map(|()| want(&crowd, &child));
        server.wait().await;
        for caller in callers {
            caller.await.expect("no panic").expect("it starts");
        }
        until(async || room().whereis().is_some_and(|it| it != server)).await;
        let server = room().whereis().expect("it runs");
        one_guard_keeps(&crowd, &server).await;
    }
}

/// `await_ready`, the counts and the stop of a supervisor whose guard rests.
#[otp_core::test]
async fn a_resting_guard_is_a_child_that_runs_and_is_not_ready() {
    let doors = Doors::new(&down(false), 99, 99);
    let (crowd, child) = (crowd().await, doors.child().guarded(hour()));
    resting(&crowd, &child).await;
    let counts = crowd.count_children().await.expect("it lives");
    assert_eq!((counts.specs, counts.active), (1, 1));
    let children = crowd.which_children().await.expect("it lives");
    let guard = children[0].pid().expect("it runs");
    let early = otp_core::guard::ready(guard).timeout(HOUR / 2).await;
    assert!(early.is_err());
    let server = crowd.ensure_started(&room(), child).await;
    let server = server.expect("it starts").pid();
    assert_eq!(otp_core::guard::ready(guard).await, Ok(server));
    kill(room().whereis().expect("it runs")).await;
    crowd.terminate_child(guard).await.expect("it is a child");
    let counts = crowd.count_children().await.expect("it lives");
    assert_eq!(counts.specs, 0);
    crowd.stop().await.expect("it stops");
}
