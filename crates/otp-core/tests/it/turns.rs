//! Loops of operations that end at once, as they fail: others run in between, and the loop ends with its process and its
//! runtime. On the BEAM a process is interrupted anywhere.

use std::future::Future;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use otp_core::prelude::*;
use otp_core::process;
use otp_core::{Agent, Task};
use tokio::runtime::{Builder, Runtime};
use tokio::task::yield_now;

/// Nothing here takes long.
const PATIENCE: Duration = Duration::from_secs(20);

/// Fails if the work, on a thread of its own, does not return.
fn returns(work: impl FnOnce() + Send + 'static) {
    let (tell, told) = mpsc::channel();
    let thread = thread::spawn(move || {
        work();
        tell.send(()).expect("the test waits");
    });
    if told.recv_timeout(PATIENCE) == Err(mpsc::RecvTimeoutError::Timeout) {
        panic!("it hangs");
    }
    thread.join().expect("the work goes well");
}

fn one_thread() -> Runtime {
    let runtime = Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime starts")
}

/// Runs a process that does something again and again, and kills it from another process of the same thread.
fn can_be_killed<F>(deed: impl Fn(ProcessRef<u8>, Agent<u8>) -> F + Send + 'static)
where
    F: Future<Output = ()> + Send,
{
    returns(move || {
        one_thread().block_on(async {
            let node = Node::new();
            let dead = node.spawn(async |_: Mailbox<u8>| {});
            dead.wait().await;
            let ended = Agent::options().on(&node).start(|| 1_u8).await;
            let ended = ended.expect("an agent starts");
            ended.stop().await.expect("an agent stops");
            let looping = node.spawn(async move |_: Mailbox<Never>| {
                loop {
                    deed(dead.clone(), ended.clone()).await;
                }
            });
            for _ in 0..5 {
                yield_now().await;
            }
            node.exit(looping.pid(), ExitReason::Kill);
            assert_eq!(looping.wait().await, ExitReason::Killed);
        });
    });
}

#[test]
fn who_calls_until_the_server_is_there_lets_it_start() {
    returns(|| {
        one_thread().block_on(async {
            let node = Node::new();
            let later = Agent::<u8>::named("later").on(&node);
            let asking = node.spawn(async move |_: Mailbox<Never>| {
                loop {
                    if let Ok(number) = later.get(|number| *number).await {
                        return ExitReason::other(number);
                    }
                }
            });
            yield_now().await;
            let _agent = Agent::options()
                .name("later")
                .on(&node)
                .start(|| 7_u8)
                .await;
            assert_eq!(asking.wait().await, ExitReason::other(7_u8));
        });
    });
}

#[test]
fn a_loop_of_calls_that_fail_at_once_can_be_killed() {
    can_be_killed(async |_, ended| assert!(ended.get(|number| *number).await.is_err()));
}

#[test]
fn a_loop_of_calls_without_patience_can_be_killed() {
    can_be_killed(async |_, _| {
        let agent = Agent::start(|| 1_u8).await.unwrap();
        loop {
            let call = agent.get(|number| *number).timeout(Duration::ZERO);
            assert!(call.await.is_err());
        }
    });
}

#[test]
fn a_loop_of_waits_for_the_dead_can_be_killed() {
    can_be_killed(async |dead, _| drop(dead.wait().await));
}

#[test]
fn a_loop_of_waits_for_a_process_that_nobody_finds_can_be_killed() {
    can_be_killed(async |dead, _| assert_eq!(process::node().wait(dead.pid()).await, None));
}

#[test]
fn a_loop_of_stops_can_be_killed() {
    can_be_killed(async |_, ended| assert!(ended.stop().await.is_err()));
}

#[test]
fn a_loop_of_looks_at_a_task_can_be_killed() {
    can_be_killed(async |_, _| {
        let mut task = Task::spawn(std::future::pending::<Result<(), ExitReason>>());
        loop {
            assert!(task.wait(Duration::ZERO).await.is_none());
        }
    });
}

#[test]
fn a_loop_of_starts_ends_with_its_runtime() {
    for processes in [true, false] {
        returns(move || {
            let workers = Builder::new_multi_thread()
                .worker_threads(2)
                .enable_all()
                .build();
            let runtime = workers.expect("a runtime starts");
            let node = Node::new();
            let (tell, told) = mpsc::channel();
            let looping = runtime.block_on(async {
                node.spawn(async move |_: Mailbox<Never>| {
                    loop {
                        match processes {
                            true => drop(process::spawn(async |_: Mailbox<Never>| {}).wait().await),
                            false => drop(Agent::start(|| 1_u8).await),
                        }
                        // After the first round the test waits no longer.
                        let _ = tell.send(());
                    }
                })
            });
            told.recv().expect("it loops");
            drop(runtime);
            assert_eq!(one_thread().block_on(looping.wait()), ExitReason::Killed);
        });
    }
}
