//! The tasks of tokio's run one process after another: which processes get one, how many rest, and how they end.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Poll, Waker};

use otp_core::prelude::*;
use otp_core::process::exit_self;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::oneshot;
use tokio::task;

#[derive(Debug, thiserror::Error)]
#[error("it holds a value")]
struct Held(Arc<()>);

fn current_thread() -> Runtime {
    Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime starts")
}

/// Runs a process to its end. Returns the task that it ran in.
async fn run_one(node: &Node) -> task::Id {
    let (tell, told) = oneshot::channel();
    let process = node.spawn(async move |_: Mailbox<Never>| {
        tell.send(task::id()).expect("somebody listens");
    });
    assert_eq!(process.wait().await, ExitReason::Normal);
    told.await.expect("the process tells")
}

/// Lets the tasks that are ready run.
async fn settle() {
    for _ in 0..100 {
        task::yield_now().await;
    }
}

fn alive() -> usize {
    Handle::current().metrics().num_alive_tasks()
}

#[test]
fn a_process_runs_in_the_task_of_one_that_has_ended() {
    let node = Node::new();
    current_thread().block_on(async {
        let first = run_one(&node).await;
        task::yield_now().await;
        assert_eq!(run_one(&node).await, first);
    });
}

/// The box of a life is kept for the next life of its type, unless it is large.
#[test]
fn processes_of_different_types_run_in_one_task() {
    async fn large(node: &Node, fill: u8) {
        let (tell, told) = oneshot::channel();
        let process = node.spawn(async move |_: Mailbox<Never>| {
            let bytes = [fill; 2_000];
            task::yield_now().await;
            tell.send(bytes[1_999]).expect("somebody listens");
        });
        assert_eq!(process.wait().await, ExitReason::Normal);
        assert_eq!(told.await, Ok(fill));
    }

    let node = Node::new();
    current_thread().block_on(async {
        let first = run_one(&node).await;
        for fill in 0..10 {
            large(&node, fill).await;
            large(&node, fill).await;
            task::yield_now().await;
            assert_eq!(run_one(&node).await, first);
            assert_eq!(run_one(&node).await, first);
        }
        assert_eq!(alive(), 1);
    });
}

/// A life leaves nothing in its box, which is kept.
#[test]
fn a_box_that_is_kept_holds_nothing_of_its_last_life() {
    let (node, held) = (Node::new(), Arc::new(()));
    current_thread().block_on(async {
        let holds = held.clone();
        let process = node.spawn(async move |_: Mailbox<Never>| {
            exit_self(ExitReason::error(Held(holds)));
        });
        assert!(matches!(process.wait().await, ExitReason::Error(_)));
        drop(process);
        settle().await;
        assert_eq!((alive(), Arc::strong_count(&held)), (1, 1));
    });
}

#[test]
fn few_tasks_rest() {
    let workers = Builder::new_multi_thread().worker_threads(2).build();
    for (runtime, threads) in [(current_thread(), 1), (workers.unwrap(), 2)] {
        let node = Node::new();
        runtime.block_on(async {
            let many = Vec::from_iter((0..4_000).map(|_| node.spawn(async |_: Mailbox<Never>| {})));
            for process in many {
                process.wait().await;
            }
            // The last ones end on another thread.
            let mut turns = 0;
            while alive() > threads * 1_024 {
                turns += 1;
                assert!(turns < 1_000_000, "{} are alive", alive());
                task::yield_now().await;
            }
        });
    }
}

#[test]
fn a_runtime_never_gets_the_task_of_another() {
    let node = Node::new();
    let (one, other) = (current_thread(), current_thread());
    for _ in 0..3 {
        for runtime in [&one, &other] {
            runtime.block_on(async {
                run_one(&node).await;
                settle().await;
                assert_eq!(alive(), 1, "the tasks that rested have ended");
            });
        }
    }
    drop(one);
    other.block_on(run_one(&node));
    drop(other);
    current_thread().block_on(run_one(&node));
}

#[test]
fn the_waker_of_a_former_process_harms_no_later_one() {
    let node = Node::new();
    current_thread().block_on(async {
        let (tell, told) = oneshot::channel::<Waker>();
        let former = node.spawn(async move |_: Mailbox<Never>| {
            let waker = poll_fn(|cx| Poll::Ready(cx.waker().clone())).await;
            tell.send(waker).unwrap();
        });
        former.wait().await;
        let waker = told.await.unwrap();
        waker.wake_by_ref();
        task::yield_now().await;
        let later = node
            .spawn(async |mut mailbox: Mailbox<u32>| ExitReason::other(mailbox.receive().await));
        for _ in 0..3 {
            waker.wake_by_ref();
            task::yield_now().await;
        }
        assert!(later.is_alive());
        later.send(7);
        waker.wake();
        assert_eq!(later.wait().await, ExitReason::other(7_u32));
    });
}

#[test]
fn a_process_that_a_resting_task_got_is_killed_with_its_runtime() {
    let node = Node::new();
    let runtime = current_thread();
    let never_polled = runtime.block_on(async {
        run_one(&node).await;
        node.spawn(async |_: Mailbox<Never>| {})
    });
    assert!(never_polled.is_alive());
    drop(runtime);
    let reason = current_thread().block_on(never_polled.wait());
    assert_eq!(reason, ExitReason::Killed);
}
