//! Trees of supervisors a thousand levels deep: nothing in them runs one inside the other, so no stack runs full and what is
//! done on one level costs the same wherever it is.

use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use otp_core::prelude::*;
use otp_core::{SupervisorRef, process};
use tokio::runtime::Builder;

use crate::support::{Lab, quiet, settle};

const DEPTH: usize = 1000;

/// The stack that threads have by default.
const STACK: usize = 2 * 1024 * 1024;

/// The processes of a tree, with its starter.
const PROCESSES: usize = 1 + DEPTH + 1;

/// Runs a test as a process on a thread with an ordinary stack. The tests' own may have a larger one.
fn on_a_small_stack<F: Future<Output = ()> + Send + 'static>(test: F) {
    let runs = move || {
        let mut runtime = Builder::new_current_thread();
        let runtime = runtime.enable_time().start_paused(true).build();
        let runtime = runtime.expect("a runtime can be built");
        let ended = runtime.block_on(Node::new().run(test));
        ended.expect("the test does not fail");
    };
    let thread = thread::Builder::new().stack_size(STACK).spawn(runs);
    let thread = thread.expect("the system has threads to give");
    thread.join().expect("the test does not fail");
}

/// Who runs on each level, the worker on level 0, and how many have been started.
#[derive(Clone)]
struct Levels {
    pids: Arc<Mutex<Vec<Pid>>>,
    starts: Arc<AtomicUsize>,
    restarts: usize,
}

impl Levels {
    /// A tree in which each level restarts its child so often.
    async fn start(restarts: usize) -> (SupervisorRef, Self) {
        let pids = vec![process::current(); DEPTH + 1];
        let levels = Self {
            pids: Arc::new(Mutex::new(pids)),
            starts: Arc::default(),
            restarts,
        };
        let top = levels.clone().supervisor(DEPTH);
        let top = top.start().await.expect("each level starts");
        assert_eq!(process::node().processes().len(), PROCESSES);
        assert_eq!(levels.starts(), DEPTH);
        (top, levels)
    }

    /// A supervisor with one child, of which the same can be said, down to a worker.
    fn supervisor(self, depth: usize) -> Supervisor {
        let restarts = self.restarts;
        let child = match depth {
            1 => ChildSpec::worker("worker", move || {
                let levels = self.clone();
                async move {
                    Lab::start_link(quiet())
                        .await
                        .inspect(|it| levels.runs(0, it.pid()))
                }
            }),
            _ => ChildSpec::supervisor("below", move || {
                let levels = self.clone();
                let below = levels.clone().supervisor(depth - 1).start_link();
                async move { below.await.inspect(|it| levels.runs(depth - 1, it.pid())) }
            }),
        };
        Supervisor::new(Strategy::OneForOne)
            .max_restarts(restarts, Duration::from_secs(5))
            .child(child)
    }

    fn runs(&self, depth: usize, pid: Pid) {
        self.starts.fetch_add(1, Ordering::Relaxed);
        self.pids.lock().expect("nobody panics in here")[depth] = pid;
    }

    fn starts(&self) -> usize {
        self.starts.load(Ordering::Relaxed)
    }

    fn kill(&self, depth: usize) {
        let pid = self.pids.lock().expect("nobody panics in here")[depth];
        process::exit(pid, ExitReason::Kill);
    }

    /// A worker of the whole tree runs, and no other process.
    fn assert_whole(&self) {
        let node = process::node();
        assert!(node.is_alive(self.pids.lock().expect("nobody panics in here")[0]));
        assert_eq!(node.processes().len(), PROCESSES);
    }
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
        let (top, levels) = Levels::start(3).await;
        levels.assert_whole();
        assert_eq!(top.stop().await, Ok(()));
        nothing_is_left().await;
    });
}

#[test]
fn a_deep_tree_loses_its_worker_and_no_more() {
    on_a_small_stack(async {
        let (top, levels) = Levels::start(3).await;
        levels.kill(0);
        settle().await;
        levels.assert_whole();
        assert_eq!(levels.starts(), DEPTH + 1);
        top.stop().await.unwrap();
        nothing_is_left().await;
    });
}

// With no restart allowed, each level gives up as the one below it has.
#[test]
fn a_deep_tree_gives_up_all_the_way_to_the_top() {
    on_a_small_stack(async {
        let (top, levels) = Levels::start(0).await;
        levels.kill(0);
        assert_eq!(top.wait().await, ExitReason::Shutdown);
        assert_eq!(levels.starts(), DEPTH);
        nothing_is_left().await;
    });
}

#[test]
fn a_deep_tree_whose_middle_or_top_is_killed_goes_with_it_from_there_down() {
    on_a_small_stack(async {
        let (top, levels) = Levels::start(3).await;
        levels.kill(DEPTH / 2);
        settle().await;
        levels.assert_whole();
        assert_eq!(levels.starts(), DEPTH + DEPTH / 2 + 1);

        process::exit(top.pid(), ExitReason::Kill);
        assert_eq!(top.wait().await, ExitReason::Killed);
        nothing_is_left().await;
    });
}
