//! Tests of time under a paused clock and under a real one, on one thread and on several.

use std::future::Future;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};

/// A runtime of so many workers.
pub(crate) fn workers(many: usize) -> Runtime {
    let mut builder = Builder::new_multi_thread();
    let runtime = builder.worker_threads(many).enable_time().build();
    runtime.expect("the system has threads to give")
}

/// A runtime on the thread that drives it.
pub(crate) fn one_thread() -> Runtime {
    let runtime = Builder::new_current_thread().enable_time().build();
    runtime.expect("a runtime can be made")
}

/// Runs a test four times: under a paused clock, and under a real one on one thread, on one worker and on three.
pub(crate) fn under_each_clock<F>(test: impl Fn() -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let mut paused = Builder::new_current_thread();
    let paused = paused.enable_time().start_paused(true).build();
    paused.expect("a runtime can be made").block_on(test());
    under_a_real_clock(test);
}

/// Runs a test on each kind of runtime, with a clock that goes.
pub(crate) fn under_a_real_clock<F>(test: impl Fn() -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    for runtime in [one_thread(), workers(1), workers(3)] {
        ends(runtime, test());
    }
}

/// Runs a test that hangs if something is wrong, so that it fails.
pub(crate) fn ends(runtime: Runtime, test: impl Future<Output = ()> + Send + 'static) {
    let (over, is_over) = mpsc::channel();
    let runs = thread::spawn(move || {
        runtime.block_on(test);
        let _ = over.send(());
        runtime.shutdown_background();
    });
    let waited = is_over.recv_timeout(Duration::from_secs(60));
    if waited == Err(mpsc::RecvTimeoutError::Timeout) {
        panic!("it hangs");
    }
    runs.join().expect("the test panicked");
}
