//! The places of a task supervisor that a stream gives back, whichever way it ends.

use std::future::pending;
use std::time::Duration;

use otp_core::prelude::*;
use otp_core::supervisor::StartChildError;
use otp_core::task::{AsyncStream, OnTimeout};
use otp_core::{TaskSupervisor, TaskSupervisorRef, process};

const PLACES: usize = 2;

type Waits = AsyncStream<std::ops::Range<u64>, u64>;

/// The first item is done at once, and all others never.
fn stream(tasks: &TaskSupervisorRef, linked: bool) -> Waits {
    let work = |n: u64| async move {
        match n {
            0 => n,
            _ => pending().await,
        }
    };
    match linked {
        true => tasks.async_stream(0..9, work),
        false => tasks.async_stream_nolink(0..9, work),
    }
}

/// All places are free.
async fn fill(tasks: &TaskSupervisorRef) {
    let mut all = Vec::new();
    for n in 0..PLACES {
        all.push(
            tasks
                .spawn(async move { n })
                .await
                .expect("a place is free"),
        );
    }
    for task in all {
        let pid = task.pid().expect("its value has not been taken");
        task.await.expect("it ends well");
        // The value is there before the end.
        process::node().wait(pid).await;
    }
}

async fn results(stream: &mut Waits) -> Vec<Result<u64, ExitReason>> {
    let mut results = Vec::new();
    while let Some(result) = stream.next().await {
        results.push(result);
    }
    results
}

async fn check_late() {
    let tasks = TaskSupervisor::new().max_children(PLACES);
    let tasks = tasks.start_link().await.expect("it starts");
    for linked in [true, false] {
        for on_timeout in [OnTimeout::Exit, OnTimeout::KillTask] {
            for _ in 0..20 {
                let waits = stream(&tasks, linked).max_concurrency(PLACES);
                let mut waits = waits
                    .timeout(Duration::from_millis(2))
                    .on_timeout(on_timeout);
                let results = results(&mut waits).await;
                assert_eq!(results.last(), Some(&Err(ExitReason::Timeout)));
                fill(&tasks).await;
            }
        }
    }
}

async fn check_refused() {
    let tasks = TaskSupervisor::new().max_children(PLACES);
    let tasks = tasks.start_link().await.expect("it starts");
    for linked in [true, false] {
        for _ in 0..20 {
            let mut waits = stream(&tasks, linked).max_concurrency(PLACES + 1);
            let results = results(&mut waits).await;
            let last = results.last().and_then(|last| last.as_ref().err());
            let refused = last.and_then(ExitReason::downcast_error::<StartChildError>);
            let full = StartChildError::MaxChildren(PLACES);
            assert_eq!(refused, Some(&full), "{results:?}");
            fill(&tasks).await;
        }
    }
}

async fn check_closed() {
    let tasks = TaskSupervisor::new().max_children(PLACES);
    let tasks = tasks.start_link().await.expect("it starts");
    for linked in [true, false] {
        for _ in 0..20 {
            let mut waits = stream(&tasks, linked).max_concurrency(PLACES);
            assert_eq!(waits.next().await, Some(Ok(0)));
            waits.close().await;
            fill(&tasks).await;
            // Closed while a task is being started.
            let mut waits = stream(&tasks, linked).max_concurrency(PLACES);
            tokio::select! {
                biased;
                _ = waits.next() => {}
                () = std::future::ready(()) => {}
            }
            waits.close().await;
            fill(&tasks).await;
        }
    }
}

async fn check() {
    let node = Node::new();
    assert_eq!(node.run(check_late()).await, Ok(()));
    assert_eq!(node.run(check_refused()).await, Ok(()));
    assert_eq!(node.run(check_closed()).await, Ok(()));
    // The supervisors end with their starters.
    while !node.processes().is_empty() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_has_ended_holds_no_places() {
    check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_has_ended_holds_no_places_on_two_threads() {
    check().await;
}
