//! Trees of supervisors a thousand levels deep: nothing in them runs one inside the other, so no stack runs full and what is
//! done on one level costs the same wherever it is.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use otp_core::prelude::*;
use otp_core::{SupervisorRef, process};
use tokio::runtime::Builder;

use crate::support::{Lab, echo, quiet, settle};

const DEPTH: usize = 1000;

/// The stack that threads have if nobody says otherwise.
const STACK: usize = 2 * 1024 * 1024;

/// The processes of a tree, with whoever started it.
const PROCESSES: usize = 1 + DEPTH + 1;

/// Runs a test as a process on a thread with an ordinary stack. The tests' own may have a larger one.
fn on_a_small_stack<F: Future<Output = ()> + Send + 'static>(test: F) {
    let runs = move || {
        let mut runtime = Builder::new_current_thread();
        let runtime = runtime.enable_time().start_paused(true).build().unwrap();
        runtime.block_on(Node::new().run(test)).unwrap();
    };
    let thread = thread::Builder::new().stack_size(STACK).spawn(runs);
    thread.unwrap().join().unwrap();
}

/// A supervisor with one child, of which the same can be said, down to a worker.
fn level(depth: usize, starts: Arc<AtomicUsize>) -> ChildSpec {
    match depth {
        0 => ChildSpec::worker("worker", || {
            Lab::options().name("worker").start_link(quiet())
        }),
        _ => ChildSpec::supervisor("below", move || {
            supervisor(depth, starts.clone()).start_link()
        }),
    }
}

fn supervisor(depth: usize, starts: Arc<AtomicUsize>) -> Supervisor {
    starts.fetch_add(1, Ordering::Relaxed);
    let supervisor = Supervisor::new(Strategy::OneForOne).child(level(depth - 1, starts));
    supervisor.name(format!("level {depth}"))
}

/// A whole tree, and how many supervisors of it have been started so far.
async fn tree() -> (SupervisorRef, Arc<AtomicUsize>) {
    let starts = Arc::new(AtomicUsize::new(0));
    let top = supervisor(DEPTH, starts.clone()).start().await.unwrap();
    assert_eq!(process::node().processes().len(), PROCESSES);
    assert_eq!(starts.load(Ordering::Relaxed), DEPTH);
    (top, starts)
}

async fn answers() {
    let worker = ServerName::<Lab>::new("worker");
    assert_eq!(worker.call(echo(1)).await, Ok(1));
}

/// Nothing is left but the test itself.
async fn nothing_is_left() {
    settle().await;
    let info = process::node().system_info();
    assert_eq!((info.process_count, info.local_names), (1, 0));
    assert_eq!((info.links, info.monitors), (0, 0));
}

#[test]
fn a_deep_tree_starts_and_stops() {
    on_a_small_stack(async {
        let (top, _) = tree().await;
        answers().await;
        assert_eq!(top.stop().await, Ok(()));
        nothing_is_left().await;
    });
}

#[test]
fn a_deep_tree_loses_its_worker_and_no_more() {
    on_a_small_stack(async {
        let (top, starts) = tree().await;
        process::exit(process::whereis("worker").unwrap(), ExitReason::Kill);
        settle().await;
        answers().await;
        assert_eq!(starts.load(Ordering::Relaxed), DEPTH);
        assert_eq!(process::node().processes().len(), PROCESSES);
        top.stop().await.unwrap();
        nothing_is_left().await;
    });
}

#[test]
fn a_deep_tree_gives_up_all_the_way_to_the_top() {
    on_a_small_stack(async {
        // With no restart allowed, each level gives up as the one below it has.
        fn fragile(depth: usize) -> Supervisor {
            let below = move || fragile(depth - 1).start_link();
            let child = match depth {
                0 => ChildSpec::worker("worker", || {
                    Lab::options().name("worker").start_link(quiet())
                }),
                _ => ChildSpec::supervisor("below", below),
            };
            let none = Duration::from_secs(5);
            Supervisor::new(Strategy::OneForOne)
                .max_restarts(0, none)
                .child(child)
        }
        let top = fragile(DEPTH).start().await.unwrap();
        process::exit(process::whereis("worker").unwrap(), ExitReason::Kill);
        assert_eq!(top.wait().await, ExitReason::Shutdown);
        nothing_is_left().await;
    });
}

#[test]
fn a_deep_tree_whose_top_or_middle_is_killed_goes_with_it_from_there_down() {
    on_a_small_stack(async {
        let (top, starts) = tree().await;
        let middle = process::whereis(format!("level {}", DEPTH / 2)).unwrap();
        process::exit(middle, ExitReason::Kill);
        settle().await;
        answers().await;
        assert_eq!(starts.load(Ordering::Relaxed), DEPTH + DEPTH / 2);
        assert_eq!(process::node().processes().len(), PROCESSES);

        process::exit(top.pid(), ExitReason::Kill);
        assert_eq!(top.wait().await, ExitReason::Killed);
        nothing_is_left().await;
    });
}
