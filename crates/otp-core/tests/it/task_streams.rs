//! Task streams: many items, so many tasks at a time.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::StreamExt;
use otp_core::prelude::*;
use otp_core::task::{self, OnTimeout};
use otp_core::test::Probe;
use otp_core::{Task, process};
use tokio::time::{Instant, sleep};

use crate::support::{Heard, in_process, settle, with_mailbox};

const fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

/// Takes this many milliseconds.
async fn take(n: u64) -> u64 {
    sleep(ms(n)).await;
    n
}

/// Fails for 2.
async fn dislike_two(n: u64) -> u64 {
    match n {
        2 => process::exit_self(ExitReason::other("boo")),
        n => n,
    }
}

/// The process has no links, nothing in its mailbox, and is alone.
#[track_caller]
fn nothing_is_left(mailbox: &Mailbox<Heard>) {
    assert!(mailbox.is_empty(), "messages are left");
    let (node, me) = (process::node(), process::current());
    assert_eq!(node.processes(), [me]);
    let info = node.process_info(me).expect("this process lives");
    assert_eq!((info.links, info.monitored_by), (Vec::new(), Vec::new()));
}

// TSK-012
#[tokio::test(start_paused = true)]
async fn results_come_in_the_order_of_the_items_and_never_too_many_tasks_run() {
    with_mailbox(|mut mailbox| async move {
        mailbox.trap_exit(Heard::Exit);
        let running = Arc::new(Mutex::new((BTreeSet::new(), 0)));
        let busy = running.clone();
        let work = move |n: u64| {
            let busy = busy.clone();
            async move {
                {
                    let mut busy = busy.lock().unwrap();
                    busy.0.insert(process::current());
                    busy.1 = busy.1.max(busy.0.len());
                }
                sleep(ms(100 - n)).await;
                busy.lock().unwrap().0.remove(&process::current());
                n
            }
        };
        let results = task::async_stream(0..20, work).max_concurrency(3);
        let results: Vec<_> = results.collect().await;
        assert_eq!(results, (0..20).map(Ok).collect::<Vec<_>>());
        assert_eq!(running.lock().unwrap().1, 3);
        settle().await;
        nothing_is_left(&mailbox);
    })
    .await;
}

// TSK-012
#[tokio::test]
async fn by_default_as_many_tasks_run_as_the_runtime_has_workers() {
    in_process(async {
        let (probe, told) = (Probe::new(), Probe::new());
        let (started, ended) = (probe.clone(), told.clone());
        let work = move |n: u32| {
            let (started, ended) = (started.clone(), ended.clone());
            async move {
                started.report(n);
                tokio::task::yield_now().await;
                ended.report(n);
            }
        };
        let mut stream = task::async_stream([1, 2], work);
        assert_eq!(stream.next().await, Some(Ok(())));
        assert_eq!((probe.drain(), told.drain()), (vec![1], vec![1]));
        assert_eq!(stream.next().await, Some(Ok(())));
        assert_eq!(stream.next().await, None);
    })
    .await;
}

// TSK-012
#[tokio::test(start_paused = true)]
async fn unordered_results_come_as_they_are_there() {
    in_process(async {
        let stream = task::async_stream([30, 10, 20], take).max_concurrency(3);
        let results: Vec<_> = stream.unordered().collect().await;
        assert_eq!(results, [Ok(10), Ok(20), Ok(30)]);
        let none: [u64; 0] = [];
        assert_eq!(task::async_stream(none, take).next().await, None);
    })
    .await;
}

// TSK-012
#[tokio::test(start_paused = true)]
async fn of_a_slow_first_item_the_others_do_not_wait() {
    in_process(async {
        let start = Instant::now();
        let times = [300, 100, 100, 100];
        let mut stream = task::async_stream(times, take).max_concurrency(2);
        assert_eq!(stream.next().await, Some(Ok(300)));
        assert_eq!(start.elapsed(), ms(300));
        for _ in 0..3 {
            assert_eq!(stream.next().await, Some(Ok(100)));
        }
        assert_eq!(start.elapsed(), ms(300));
    })
    .await;
}

// TSK-012
#[tokio::test(start_paused = true)]
async fn an_item_that_fails_is_a_result_for_an_owner_that_traps_exits() {
    with_mailbox(|mut mailbox| async move {
        mailbox.trap_exit(Heard::Exit);
        let stream = task::async_stream([1, 2, 3], dislike_two);
        let results: Vec<_> = stream.collect().await;
        assert_eq!(results, [Ok(1), Err(ExitReason::other("boo")), Ok(3)]);
        let normal = |_: u64| async { process::exit_self(ExitReason::Normal) };
        let mut stream = task::async_stream([1], normal);
        assert_eq!(stream.next().await, Some(Err::<(), _>(ExitReason::Normal)));
        assert_eq!(stream.next().await, None);
        settle().await;
        nothing_is_left(&mailbox);
    })
    .await;
}

// TSK-012
#[tokio::test(start_paused = true)]
async fn an_item_that_fails_takes_along_an_owner_that_does_not_trap_exits() {
    in_process(async {
        let owner = process::spawn(|_: Mailbox<Never>| async {
            let stream = task::async_stream([1, 2, 3], dislike_two).max_concurrency(3);
            stream.collect::<Vec<_>>().await;
        });
        assert_eq!(owner.wait().await, ExitReason::other("boo"));
        settle().await;
        assert_eq!(process::node().processes(), [process::current()]);
    })
    .await;
}

// TSK-012
#[tokio::test(start_paused = true)]
async fn each_item_has_five_seconds_and_a_late_one_ends_the_stream() {
    with_mailbox(|mailbox: Mailbox<Heard>| async move {
        let start = Instant::now();
        let mut stream = task::async_stream([10, 6000, 100], take).max_concurrency(2);
        assert_eq!(stream.next().await, Some(Ok(10)));
        assert_eq!(stream.next().await, Some(Err(ExitReason::Timeout)));
        assert_eq!(start.elapsed(), ms(5000));
        assert_eq!(stream.next().await, None);
        settle().await;
        nothing_is_left(&mailbox);
    })
    .await;
}

// TSK-012
#[tokio::test(start_paused = true)]
async fn a_late_task_can_be_killed_while_the_stream_goes_on() {
    for traps in [false, true] {
        with_mailbox(move |mut mailbox| async move {
            if traps {
                mailbox.trap_exit(Heard::Exit);
            }
            let stream = task::async_stream([10, 300, 20], take);
            let stream = stream.timeout(ms(100)).on_timeout(OnTimeout::KillTask);
            let results: Vec<_> = stream.max_concurrency(3).collect().await;
            assert_eq!(results, [Ok(10), Err(ExitReason::Timeout), Ok(20)]);
            settle().await;
            nothing_is_left(&mailbox);
        })
        .await;
    }
}

// TSK-012
#[tokio::test(start_paused = true)]
async fn a_stream_that_is_left_early_ends_what_runs_and_leaves_nothing() {
    with_mailbox(|mut mailbox| async move {
        for traps in [false, true] {
            if traps {
                mailbox.trap_exit(Heard::Exit);
            }
            let probe = Probe::new();
            let started = probe.clone();
            let work = move |n: u64| {
                started.report(n);
                take(n * 20)
            };
            let mut stream = task::async_stream(1..=6, work).max_concurrency(2);
            assert_eq!(stream.next().await, Some(Ok(20)));
            assert_eq!(stream.next().await, Some(Ok(40)));
            drop(stream);
            settle().await;
            assert_eq!(
                probe.drain(),
                [1, 2, 3],
                "items are taken as they are needed"
            );
            nothing_is_left(&mailbox);
        }

        let mut stream = task::async_stream(1..=6, take).max_concurrency(2);
        assert_eq!(stream.next().await, Some(Ok(1)));
        stream.close().await;
        nothing_is_left(&mailbox);
        task::async_stream(1..=6, take).close().await;
    })
    .await;
}

// TSK-012
#[tokio::test(start_paused = true)]
async fn the_tasks_of_a_stream_end_with_its_owner() {
    in_process(async {
        for (traps, reason) in [
            (false, ExitReason::Normal),
            (true, ExitReason::Normal),
            (true, ExitReason::other("boo")),
        ] {
            let (probe, end) = (Probe::new(), reason.clone());
            let running = probe.clone();
            let owner = process::spawn(move |mut mailbox: Mailbox<Heard>| async move {
                if traps {
                    mailbox.trap_exit(Heard::Exit);
                }
                let work = move |n: u64| {
                    running.report(());
                    take(n)
                };
                let stream = task::async_stream([1000, 1000], work).max_concurrency(2);
                // Forgotten, so that it cannot be dropped.
                let mut stream = Box::new(stream);
                let first = tokio::time::timeout(ms(10), stream.next()).await;
                assert!(first.is_err());
                std::mem::forget(stream);
                process::exit_self(end)
            });
            assert_eq!(owner.wait().await, reason);
            settle().await;
            assert_eq!(probe.drain(), [(), ()]);
            assert_eq!(process::node().processes(), [process::current()]);
        }
    })
    .await;
}

// TSK-013
#[tokio::test(start_paused = true)]
async fn a_failure_can_tell_of_which_item_it_is() {
    with_mailbox(|mut mailbox| async move {
        mailbox.trap_exit(Heard::Exit);
        let stream = task::async_stream([1, 2, 3], dislike_two).zip_input_on_exit();
        let results: Vec<_> = stream.collect().await;
        assert_eq!(results, [Ok(1), Err((2, ExitReason::other("boo"))), Ok(3)]);
        let stream = task::async_stream([10, 300, 20], take).timeout(ms(100));
        let stream = stream.max_concurrency(3).on_timeout(OnTimeout::KillTask);
        let mut stream = stream.zip_input_on_exit();
        assert_eq!(stream.next().await, Some(Ok(10)));
        assert_eq!(stream.next().await, Some(Err((300, ExitReason::Timeout))));
        stream.close().await;
    })
    .await;
}

// TSK-013
#[test]
#[should_panic(expected = "max_concurrency must be at least 1")]
fn a_stream_that_could_do_nothing_is_refused_at_once() {
    let _ = task::async_stream([1], take).max_concurrency(0);
}

// TSK-014
#[tokio::test(start_paused = true)]
async fn the_caller_of_a_streams_tasks_is_its_owner() {
    in_process(async {
        let me = process::current();
        let callers = |_: u32| async { task::callers() };
        let mut stream = task::async_stream([1], callers);
        assert_eq!(stream.next().await, Some(Ok(vec![me])));
        let inner = Task::spawn(async move {
            let mut stream = task::async_stream([1], callers);
            (process::current(), stream.next().await)
        });
        let (inner, found) = inner.await.unwrap();
        assert_eq!(found, Some(Ok(vec![inner, me])));
    })
    .await;
}
