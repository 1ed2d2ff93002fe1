//! Participants that end, or are killed, at each step.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use otp_core::guard::{self, Backoff, Guard, NotReady};
use otp_core::prelude::*;
use otp_core::test::{Probe, idle};
use otp_core::worker_pool::{OnHolderEnd, WorkerPool};
use otp_core::{CallError, ProcessRef, SupervisorRef, drain, process};
use tokio::time::{Instant, sleep};

use crate::support::{Slow, Times, end_of, is_alive, loose_tree, tree};

/// A pool of one worker, which takes so long to terminate and is replaced when its holder ends. The probe gets each worker.
async fn pool(terminate: Duration, limit: Duration) -> (WorkerPool<Slow>, Probe<Pid>) {
    let times = Times::of_terminate(terminate);
    let begun = times.begun.clone();
    let pool = WorkerPool::options(1, move || Slow::start_link(times.clone()))
        .worker_shutdown(Shutdown::Within(limit))
        .on_holder_end(OnHolderEnd::Replace)
        .start()
        .await;
    (pool.expect("it starts"), begun)
}

/// A process that checks a worker out and keeps it.
fn holder(pool: &WorkerPool<Slow>) -> (ProcessRef<Never>, Probe<Pid>) {
    let (pool, has) = (pool.clone(), Probe::new());
    let tell = has.clone();
    let holder = process::spawn(move |_: Mailbox<Never>| async move {
        let lease = pool.checkout().timeout(Duration::MAX).await;
        let lease = lease.expect("the pool lives");
        tell.report(lease.pid());
        std::future::pending::<()>().await;
    });
    (holder, has)
}

async fn counts(pool: &WorkerPool<Slow>) -> (usize, usize, usize, usize) {
    let it = pool.status().await.expect("it lives");
    (it.idle, it.lent, it.missing, it.waiting)
}

#[otp_core::test]
async fn holders_killed_while_they_hold_and_wait_and_a_worker_is_replaced() {
    let (pool, begun) = pool(Duration::from_secs(10), Duration::from_secs(60)).await;
    let first = begun.next().await;
    let (holds, has) = holder(&pool);
    assert_eq!(has.next().await, first);
    let (waits, _) = holder(&pool);
    let (patient, has) = holder(&pool);
    idle().await;
    assert_eq!(counts(&pool).await, (0, 1, 0, 2));
    process::exit(&waits, ExitReason::Kill);
    waits.wait().await;
    assert_eq!(counts(&pool).await, (0, 1, 0, 1));
    process::exit(&holds, ExitReason::Kill);
    let second = has.next().await;
    assert_eq!(begun.next().await, second);
    assert!(is_alive(first), "it takes its time to terminate");
    process::exit(&patient, ExitReason::Kill);
    let third = begun.next().await;
    idle().await;
    assert_eq!(counts(&pool).await, (1, 0, 0, 0));
    assert!(is_alive(first) && is_alive(second));
    pool.stop().await.expect("it stops");
    assert!(![first, second, third].into_iter().any(is_alive));
}

#[otp_core::test(reports)]
async fn a_worker_is_replaced_when_its_holder_panics_and_used_again_when_that_just_ends() {
    let (pool, begun) = pool(Duration::ZERO, Duration::from_secs(3)).await;
    let first = begun.next().await;
    for panics in [false, true] {
        let other = pool.clone();
        let holder = process::spawn(move |_: Mailbox<Never>| async move {
            let lease = other.checkout().await.expect("it is free");
            assert!(lease.is_alive());
            assert!(!panics, "it fails with a worker in its hands");
        });
        holder.wait().await;
        idle().await;
        assert_eq!(counts(&pool).await, (1, 0, 0, 0));
        assert_eq!(is_alive(first), !panics);
    }
    assert_ne!(begun.next().await, first);
    pool.stop().await.expect("it stops");
}

#[otp_core::test]
async fn a_worker_that_is_being_replaced_keeps_its_limit_when_the_pool_is_killed() {
    let hour = Duration::from_secs(3600);
    let (pool, begun) = pool(hour, Duration::from_secs(3)).await;
    let first = begun.next().await;
    let (holds, has) = holder(&pool);
    has.next().await;
    process::exit(&holds, ExitReason::Kill);
    let second = begun.next().await;
    let before = Instant::now();
    process::exit(pool.pid(), ExitReason::Kill);
    assert_eq!(pool.wait().await, ExitReason::Killed);
    end_of(first).await;
    end_of(second).await;
    assert!(before.elapsed() < Duration::from_secs(5));
}

#[otp_core::test]
async fn the_guard_of_a_worker_may_be_killed() {
    let (pool, begun) = pool(Duration::ZERO, Duration::from_secs(3)).await;
    let worker = begun.next().await;
    let info = process::node().process_info(worker).expect("it lives");
    let (holds, has) = holder(&pool);
    has.next().await;
    process::exit(info.ancestors[0], ExitReason::Kill);
    end_of(worker).await;
    assert_ne!(begun.next().await, worker);
    idle().await;
    assert_eq!(counts(&pool).await, (1, 0, 0, 0));
    process::exit(&holds, ExitReason::Kill);
    holds.wait().await;
    assert_eq!(counts(&pool).await, (1, 0, 0, 0));
    pool.stop().await.expect("it stops");
}

#[otp_core::test]
async fn callers_hear_of_a_pool_that_is_killed() {
    let (pool, _) = pool(Duration::ZERO, Duration::from_secs(3)).await;
    let lease = pool.checkout().await.expect("it is free");
    let (other, told) = (pool.clone(), Probe::new());
    let tell = told.clone();
    process::spawn(move |_: Mailbox<Never>| async move {
        tell.report(other.checkout().timeout(Duration::MAX).await.map(drop));
    });
    idle().await;
    let worker = lease.pid();
    process::exit(pool.pid(), ExitReason::Kill);
    let error = told.next().await.expect_err("there is no pool");
    assert!(error.to_string().contains("killed"), "{error}");
    end_of(worker).await;
    drop(lease);
}

/// A guarded child whose starts go as the list says, in turn: it fails, it runs for a second, or it hangs.
fn erratic(lives: &'static [&'static str]) -> ChildSpec {
    let turn = Arc::new(AtomicU32::new(0));
    let start = move || {
        let life = lives[turn.fetch_add(1, Ordering::SeqCst) as usize % lives.len()];
        async move {
            if life == "hangs" {
                std::future::pending::<()>().await;
            }
            if life == "fails" {
                return Err(ExitReason::other("down"));
            }
            Ok(process::spawn_link(move |_: Mailbox<Never>| async move {
                sleep(Duration::from_secs(1)).await;
                if life == "crashes" {
                    return ExitReason::other("oops");
                }
                ExitReason::Normal
            }))
        }
    };
    ChildSpec::worker("erratic", start).restart(Restart::Transient)
}

fn with_limit(restarts: usize) -> Guard {
    Guard::new()
        .backoff(Backoff::constant(Duration::from_secs(1)))
        .limit(restarts, Duration::from_secs(600))
}

async fn guard_of(tree: &SupervisorRef) -> Pid {
    let child = tree.which_child("erratic").await.expect("it answers");
    child.and_then(|child| child.pid()).expect("the guard runs")
}

#[otp_core::test]
async fn readiness_of_children_that_fail_and_hang_and_end() {
    // Twice it fails before it runs.
    let good = tree([erratic(&["fails", "fails", "ends"]).guarded(with_limit(5))]).await;
    assert_eq!(good.await_ready().await, Ok(()));
    let guard = guard_of(&good).await;
    // It ends in order while no caller waits, and with it the guard.
    end_of(guard).await;
    assert_eq!(guard::ready(guard).await, Err(NotReady::Ended { guard }));
    // It fails too often while it is waited for.
    let bad = tree([erratic(&["fails"]).guarded(with_limit(3))]).await;
    let guard = guard_of(&bad).await;
    assert_eq!(bad.await_ready().await, Err(NotReady::Ended { guard }));
    // It never comes to run, and its supervisor ends.
    let stuck = loose_tree([erratic(&["hangs"]).guarded(with_limit(3))]).await;
    let guard = guard_of(&stuck).await;
    let stopping = stuck.clone();
    process::spawn(move |_: Mailbox<Never>| async move {
        sleep(Duration::from_secs(5)).await;
        process::exit(stopping.pid(), ExitReason::Kill);
    });
    assert_eq!(stuck.await_ready().await, Err(NotReady::Ended { guard }));
    let gone = stuck.await_ready().await;
    let gone = matches!(gone, Err(NotReady::Supervisor(CallError::NoProcess { .. })));
    assert!(gone);
}

#[otp_core::test]
async fn two_drains_at_once_and_two_that_stop_the_same_one() {
    let seconds = Duration::from_secs;
    let drained = |name: &'static str| {
        drain::child_spec(name, move |drain| async move {
            drain.wait().await;
            sleep(seconds(3)).await;
        })
    };
    // The children of a dynamic supervisor are drained at the same time.
    let dynamic = DynamicSupervisor::new().start().await.expect("it starts");
    for name in ["a", "b"] {
        let child = drained(name).shutdown(Shutdown::Infinity);
        dynamic.start_child(child).await.expect("it starts");
    }
    let before = Instant::now();
    dynamic.stop().await.expect("it stops");
    assert!(before.elapsed() >= seconds(3) && before.elapsed() < seconds(4));
    // Two who stop the same one both wait.
    let tree = loose_tree([drained("c")]).await;
    idle().await;
    let before = Instant::now();
    let (one, other) = tokio::join!(tree.stop(), tree.stop());
    assert!(one.is_ok(), "{one:?}");
    assert!(other.is_ok() || !tree.is_alive(), "{other:?}");
    assert!(before.elapsed() >= seconds(3) && before.elapsed() < seconds(4));
}
