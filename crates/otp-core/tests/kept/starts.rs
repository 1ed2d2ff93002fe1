//! Starts that are under way when they are unwanted.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use otp_core::guard::Guard;
use otp_core::prelude::*;
use otp_core::test::Probe;
use otp_core::worker_pool::{CheckoutError, WorkerPool};
use otp_core::{SupervisorRef, process};
use tokio::time::Instant;

use crate::support::{Slow, Times, end_of, is_alive, tree};

fn guarded(times: &Times, limit: Shutdown) -> ChildSpec {
    let times = times.clone();
    ChildSpec::worker("slow", move || Slow::start_link(times.clone()))
        .shutdown(limit)
        .guarded(Guard::new())
}

#[otp_core::test]
async fn a_guarded_child_in_its_init_ends_before_its_tree_does() {
    let seconds = Duration::from_secs;
    for (limit, least, most) in [
        (Shutdown::Within(seconds(5)), 5, 6),
        (Shutdown::Within(seconds(60)), 30, 31),
        (Shutdown::Infinity, 30, 31),
        (Shutdown::BrutalKill, 0, 1),
    ] {
        let times = Times::of_init(seconds(30));
        let tree = tree([guarded(&times, limit)]).await;
        let child = times.begun.next().await;
        let before = Instant::now();
        tree.stop().await.expect("it stops");
        assert!(!is_alive(child), "{limit:?}");
        let took = before.elapsed();
        assert!(took >= seconds(least) && took < seconds(most), "{took:?}");
    }
}

#[otp_core::test]
async fn a_guarded_child_in_its_init_ends_when_it_is_deleted() {
    let supervisor = DynamicSupervisor::new().start_link().await;
    let supervisor = supervisor.expect("it starts");
    let times = Times::of_init(Duration::from_secs(3600));
    let guard = guarded(&times, Shutdown::Within(Duration::from_secs(1)));
    let guard = supervisor
        .start_child(guard)
        .await
        .expect("the guard starts");
    let child = times.begun.next().await;
    let guard = guard.pid().expect("it runs");
    supervisor
        .terminate_child(guard)
        .await
        .expect("it is a child");
    assert!(!is_alive(child));
}

/// It is as on the BEAM: the child hears of its parent's death when its `init` has returned.
#[otp_core::test]
async fn a_guarded_child_in_its_init_ends_after_its_guard_was_killed() {
    let times = Times::of_init(Duration::from_secs(30));
    let tree = tree([guarded(&times, Shutdown::Within(Duration::from_secs(5)))]).await;
    let child = times.begun.next().await;
    let guard = tree.which_child("slow").await.expect("it answers");
    let guard = guard.and_then(|child| child.pid()).expect("it runs");
    process::exit(guard, ExitReason::Kill);
    end_of(child).await;
    let successor = times.begun.next().await;
    assert_ne!(successor, child, "the supervisor has started another guard");
    tree.stop().await.expect("it stops");
    assert!(!is_alive(successor));
}

/// A pool of one worker, whose first start is quick; the others take an hour.
async fn slow_again(begun: &Probe<Pid>) -> (SupervisorRef, WorkerPool<Slow>) {
    let begun = begun.clone();
    let start = move || {
        let (begun, is_first) = (begun.clone(), AtomicBool::new(true));
        WorkerPool::options(1, move || {
            let first = is_first.swap(false, Ordering::SeqCst);
            let hour = Duration::from_secs(3600);
            Slow::start_link(Times {
                begun: begun.clone(),
                ..Times::of_init(if first { Duration::ZERO } else { hour })
            })
        })
        .worker_shutdown(Shutdown::Within(Duration::from_secs(2)))
        .name("pool")
        .start_link()
    };
    let tree = tree([ChildSpec::supervisor("pool", start)]).await;
    let pool = WorkerPool::find(&process::node(), "pool");
    (tree, pool.expect("it runs"))
}

#[otp_core::test]
async fn a_worker_that_is_being_started_anew_ends_before_its_pool_does() {
    let begun = Probe::new();
    let (tree, pool) = slow_again(&begun).await;
    process::exit(begun.next().await, ExitReason::Kill);
    let worker = begun.next().await;
    assert_eq!(pool.status().await.expect("it answers").missing, 1);
    let before = Instant::now();
    tree.stop().await.expect("it stops");
    assert!(!is_alive(worker));
    assert!(before.elapsed() < Duration::from_secs(10));
}

#[otp_core::test]
async fn a_pool_answers_while_a_worker_is_being_started() {
    let begun = Probe::new();
    let (tree, pool) = slow_again(&begun).await;
    process::exit(begun.next().await, ExitReason::Kill);
    begun.next().await;
    let before = Instant::now();
    let limit = Duration::from_secs(2);
    let none = pool.checkout().timeout(limit).await.map(drop);
    assert_eq!(none, Err(CheckoutError::Timeout(limit)));
    let status = pool.status().await.expect("it answers");
    assert_eq!((status.missing, status.waiting), (1, 0));
    assert!(before.elapsed() < Duration::from_secs(3));
    tree.stop().await.expect("it stops");
}
