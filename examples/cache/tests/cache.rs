//! Tests of the cache through its API.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use example_cache::api::{Cache, Computed};
use otp_core::prelude::*;
use otp_core::{SupervisorRef, Task, process, sys};
use tokio::sync::Semaphore;

const MINUTE: Duration = Duration::from_secs(60);

async fn start() -> (Cache<String, u32>, SupervisorRef) {
    let cache = Cache::new(&process::node(), "cache");
    let tree = Supervisor::new(Strategy::OneForOne).child(cache.child_spec());
    let tree = tree.start_link().await;
    (cache, tree.expect("the names are free"))
}

fn key(name: &str) -> String {
    name.to_owned()
}

fn owner() -> Pid {
    process::whereis("cache").expect("the owner runs")
}

#[otp_core::test]
async fn a_value_is_found_until_it_expires_or_is_removed() {
    let (cache, _tree) = start().await;
    cache.put(key("tea"), 1, MINUTE).await.unwrap();
    cache.put(key("coffee"), 2, 2 * MINUTE).await.unwrap();
    assert_eq!(cache.get(&key("tea")), Some(1));
    tokio::time::advance(MINUTE).await;
    assert_eq!(cache.get(&key("tea")), None);
    assert_eq!(cache.get(&key("coffee")), Some(2));
    cache.remove(key("coffee")).await.unwrap();
    assert_eq!(cache.get(&key("coffee")), None);
}

#[otp_core::test]
async fn expired_values_do_not_stay_in_memory() {
    let (cache, _tree) = start().await;
    cache.put(key("tea"), 1, MINUTE).await.unwrap();
    assert_eq!(cache.stored(), 1);
    tokio::time::advance(2 * MINUTE).await;
    // Timers that are due fire before this call is answered.
    tokio::task::yield_now().await;
    cache.remove(key("coffee")).await.unwrap();
    assert_eq!(cache.stored(), 0);
}

#[otp_core::test]
async fn a_read_does_not_wait_for_the_owner() {
    let (cache, _tree) = start().await;
    cache.put(key("tea"), 1, MINUTE).await.unwrap();
    sys::suspend(owner()).await.unwrap();
    assert_eq!(cache.get(&key("tea")), Some(1));
    assert_eq!(
        cache.get_or_compute(key("tea"), MINUTE, async { 2 }).await,
        Ok(1)
    );
    sys::resume(owner()).await.unwrap();
}

async fn computed_once() {
    let (cache, _tree) = start().await;
    let (runs, gate) = (Arc::new(AtomicUsize::new(0)), Arc::new(Semaphore::new(0)));
    let ask = || {
        let (cache, runs, gate) = (cache.clone(), runs.clone(), gate.clone());
        Task::spawn(async move {
            let work = async move {
                runs.fetch_add(1, Ordering::SeqCst);
                let _open = gate.acquire().await;
                7
            };
            cache.get_or_compute(key("tea"), MINUTE, work).await
        })
    };
    let askers: Vec<Task<Computed<u32>>> = (0..50).map(|_| ask()).collect();
    gate.add_permits(50);
    for asker in askers {
        assert_eq!(asker.await, Ok(Ok(7)));
    }
    assert_eq!(runs.load(Ordering::SeqCst), 1);
    assert_eq!(cache.get(&key("tea")), Some(7));
}

#[otp_core::test]
async fn concurrent_callers_share_one_computation() {
    computed_once().await;
}

#[otp_core::test(workers = 2)]
async fn concurrent_callers_on_two_threads_share_one_computation() {
    computed_once().await;
}

#[otp_core::test]
async fn a_computation_that_panics_fails_its_callers_and_nothing_else() {
    let (cache, _tree) = start().await;
    cache.put(key("coffee"), 2, MINUTE).await.unwrap();
    let before = owner();
    let failed = cache.get_or_compute(key("tea"), MINUTE, async { panic!("no leaves") });
    assert!(matches!(failed.await, Err(ExitReason::Panic(_))));
    assert_eq!(
        cache.get_or_compute(key("tea"), MINUTE, async { 3 }).await,
        Ok(3)
    );
    assert_eq!(owner(), before);
}

async fn the_table_outlives(reason: ExitReason) {
    let (cache, tree) = start().await;
    let put = cache.put(key("tea"), 1, MINUTE).await;
    put.expect("the cache runs");
    let (node, former) = (process::node(), owner());
    for _ in 0..2 {
        let killed = owner();
        node.exit(killed, reason.clone());
        node.wait(killed).await;
        assert_eq!(cache.get(&key("tea")), Some(1));
        wait_for_restart(&tree).await;
        assert_ne!(owner(), killed);
        // The new owner can write to the table.
        let put = cache.put(key("coffee"), 2, MINUTE).await;
        put.expect("the new owner owns the table");
        assert_eq!(cache.get(&key("tea")), Some(1));
    }
    assert_ne!(owner(), former);
}

/// Waits until the inner supervisor has restarted its child. It gets the exit of the child before other processes see the end, so
/// it answers a later call after the restart.
async fn wait_for_restart(tree: &SupervisorRef) {
    let cache = tree.which_child("cache").await.expect("the tree lives");
    let cache = cache.expect("it is a child").pid().expect("it runs");
    let inner = SupervisorRef::find(&process::node(), cache).expect("it is a supervisor");
    inner.count_children().await.expect("it lives");
}

#[otp_core::test]
async fn the_table_outlives_a_killed_owner() {
    the_table_outlives(ExitReason::Kill).await;
}

#[otp_core::test(workers = 2)]
async fn the_table_outlives_a_killed_owner_on_two_threads() {
    the_table_outlives(ExitReason::Kill).await;
}

#[otp_core::test]
async fn callers_of_an_owner_that_dies_get_an_error_and_its_computations_end() {
    let (cache, tree) = start().await;
    let started = otp_core::test::Probe::new();
    let asker = {
        let (cache, started) = (cache.clone(), started.clone());
        Task::spawn(async move {
            let work = async move {
                started.report(process::current());
                std::future::pending().await
            };
            cache.get_or_compute(key("tea"), MINUTE, work).await
        })
    };
    let worker = started.next().await;
    process::node().exit(owner(), ExitReason::Kill);
    assert!(asker.await.unwrap().is_err());
    process::node().wait(worker).await;
    wait_for_restart(&tree).await;
    assert_eq!(
        cache.get_or_compute(key("tea"), MINUTE, async { 4 }).await,
        Ok(4)
    );
}
