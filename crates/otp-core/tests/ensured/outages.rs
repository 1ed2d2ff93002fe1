//! A name that is taken when a guard starts its child again.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use otp_core::guard::{Guard, GuardState};
use otp_core::prelude::*;
use otp_core::supervisor::StartChildError;
use otp_core::{DynamicSupervisorRef, Task, process};

use crate::room::{BACKOFF, Doors, Room, crowd, down, guards, kill, one_guard_keeps, room, until};

/// One caller wants the room, and the other one wants it during an outage: its server has the name when the first
/// guard starts its own again. Returns the doors of both, and the other one's call.
async fn overlap(
    [one, other]: [&DynamicSupervisorRef; 2],
    guard: impl Fn() -> Guard,
) -> ([Doors; 2], Task<Result<ServerRef<Room>, StartChildError>>) {
    let down = down(false);
    let (first, second) = (Doors::new(&down, 1, 1), Doors::new(&down, 9, 0));
    let child = first.child().guarded(guard());
    let server = one.ensure_started(&room(), child).await;
    for expected in ["begins", "runs"] {
        assert_eq!(first.events.next().await, expected);
    }
    down.store(true, Ordering::SeqCst);
    kill(server.expect("it starts")).await;
    let (other, child) = (other.clone(), second.child().guarded(guard()));
    let call = Task::spawn(async move { other.ensure_started(&room(), child).await });
    assert_eq!(second.events.next().await, "begins");
    first.start.add_permits(1);
    assert_eq!(first.events.next().await, "taken");
    ([first, second], call)
}

fn backoff() -> Guard {
    Guard::new().backoff(BACKOFF)
}

/// Without a delay, and it may not be started again more than once.
fn limit() -> Guard {
    Guard::new().limit(1, Duration::from_secs(3600))
}

async fn a_server_comes_back_after_an_outage() {
    for guard in [backoff, limit] {
        let crowds = [crowd().await, crowd().await];
        let [one, other] = &crowds;
        let ([first, second], call) = overlap([one, other], guard).await;
        let holder = room().whereis().expect("it begins").pid();
        let waits = GuardState::NameTaken(holder);
        until(async || guards(one).await.contains(&waits)).await;
        second.enter.add_permits(1);
        let failed = call.await.expect("no panic");
        assert!(matches!(failed, Err(StartChildError::Start { .. })));
        first.down.store(false, Ordering::SeqCst);
        first.start.add_permits(9);
        first.enter.add_permits(9);
        for expected in ["begins", "runs"] {
            assert_eq!(first.events.next().await, expected);
        }
        let server = room().whereis().expect("it runs");
        one_guard_keeps(one, &server).await;
        for crowd in crowds {
            crowd.stop().await.expect("it stops");
        }
    }
}

#[otp_core::test]
async fn a_server_comes_back_after_an_outage_in_which_others_wanted_it() {
    a_server_comes_back_after_an_outage().await;
}

#[otp_core::test(workers = 4)]
async fn a_server_comes_back_after_an_outage_in_which_others_wanted_it_on_threads() {
    a_server_comes_back_after_an_outage().await;
}

async fn a_guard_follows_the_server_of_another_supervisor() {
    let crowds = [crowd().await, crowd().await];
    let [one, other] = &crowds;
    let ([first, second], call) = overlap([one, other], backoff).await;
    first.down.store(false, Ordering::SeqCst);
    first.start.add_permits(9);
    first.enter.add_permits(9);
    second.enter.add_permits(1);
    let server = call.await.expect("no panic").expect("it starts");
    let waits = GuardState::NameTaken(server.pid());
    until(async || guards(one).await == [waits]).await;
    assert_eq!(first.events.drain(), [""; 0], "it does not ask again");
    other.stop().await.expect("it stops");
    until(async || room().whereis().is_some_and(|it| it != server)).await;
    let own = room().whereis().expect("it runs");
    one_guard_keeps(one, &own).await;
    one.stop().await.expect("it stops");
}

#[otp_core::test]
async fn a_guard_starts_its_child_when_the_server_of_another_supervisor_has_ended() {
    a_guard_follows_the_server_of_another_supervisor().await;
}

#[otp_core::test(workers = 4)]
async fn a_guard_starts_its_child_when_the_server_of_another_supervisor_has_ended_on_threads() {
    a_guard_follows_the_server_of_another_supervisor().await;
}

/// The process that the guard waits for lives, and has given the name up.
#[otp_core::test]
async fn a_guard_that_waits_for_a_name_starts_its_child_for_a_caller() {
    let (crowd, doors) = (crowd().await, Doors::new(&down(false), 99, 99));
    let child = doors.child().backoff(BACKOFF);
    let server = crowd.ensure_started(&room(), child.clone()).await;
    kill(server.expect("it starts")).await;
    let holder = process::spawn(|_: Mailbox<Never>| std::future::pending::<()>());
    process::register("room", &holder).expect("the name is free");
    let waits = GuardState::NameTaken(holder.pid());
    until(async || guards(&crowd).await == [waits]).await;
    let taken = crowd.ensure_started(&room(), child.clone()).await;
    assert!(matches!(
        taken,
        Err(StartChildError::Call(CallError::WrongServer { .. }))
    ));
    process::unregister("room").expect("it has the name");
    let server = crowd.ensure_started(&room(), child).await;
    one_guard_keeps(&crowd, &server.expect("it starts")).await;
    crowd.stop().await.expect("it stops");
}

#[otp_core::test]
async fn a_guard_that_waits_for_a_name_stops_at_once() {
    let crowds = [crowd().await, crowd().await];
    let [one, other] = &crowds;
    let ([first, second], call) = overlap([one, other], backoff).await;
    first.down.store(false, Ordering::SeqCst);
    second.enter.add_permits(1);
    let server = call.await.expect("no panic").expect("it starts");
    let waits = GuardState::NameTaken(server.pid());
    until(async || guards(one).await == [waits]).await;
    let guard = one.which_children().await.expect("it lives")[0].pid();
    one.terminate_child(guard.expect("it runs"))
        .await
        .expect("it is a child");
    assert!(server.is_alive(), "it belongs to the other");
    other.stop().await.expect("it stops");
    assert_eq!(room().whereis(), None);
}

/// The process that has the name has ended, says the start function each time.
#[otp_core::test]
async fn a_name_that_an_ended_process_has_is_asked_for_now_and_then() {
    let gone = process::spawn(|_: Mailbox<Never>| async {});
    gone.wait().await;
    let (gone, doors) = (gone.pid(), Doors::new(&down(false), 1, 1));
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let child = ChildSpec::worker("room", move || {
        let (asked, doors) = (count.fetch_add(1, Ordering::SeqCst), doors.clone());
        async move {
            match asked {
                0 => Room::options().name("room").start_link(doors).await,
                _ => Err(StartError::AlreadyStarted(gone)),
            }
        }
    });
    let crowd = crowd().await;
    let server = crowd.ensure_started(&room(), child.guarded(limit())).await;
    kill(server.expect("it starts")).await;
    tokio::time::sleep(Duration::from_secs(10)).await;
    let asked = asked.load(Ordering::SeqCst);
    assert!((100..=2_000).contains(&asked), "{asked} times in 10 s");
    assert_eq!(guards(&crowd).await.len(), 1);
}
