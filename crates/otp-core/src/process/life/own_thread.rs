//! Processes with a thread of their own, and work on threads that may be blocked.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::thread;

use tokio::runtime::Handle;
use tokio::task::{JoinHandle, spawn_blocking};

use super::block::Process;
use super::run::{background, life};
use crate::exit::Outcome;
use crate::process::process_ref::wait;
use crate::process::relations::signal;
use crate::process::span::Origin;

/// Runs a function on a thread that it may block, and that no process has.
pub(crate) fn on_blocking_thread<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> JoinHandle<T> {
    spawn_blocking(Origin::here().around_call(work))
}

/// Starts a process on a separate thread, which it may block. It ends with the runtime, as others do. If no thread can
/// be started, it ends at once, as killed.
pub(crate) fn spawn<P, F>(process: Arc<P>, body: F)
where
    P: Process,
    F: Future<Output: Outcome> + Send + 'static,
{
    // In a box: `block_on` would keep several copies of it on the stack in a debug build, each with room for a message. It is of
    // no known type, so that not every process has the code of this.
    start(process.clone(), Box::pin(life(process, body)));
}

fn start(process: Arc<dyn Process>, life: Pin<Box<dyn Future<Output = ()> + Send>>) {
    // No process waits for its thread.
    process.head().set_untimed();
    let (runtime, pid) = (Handle::current(), process.head().pid);
    let with_runtime = EndsWithRuntime(process);
    background(async move {
        let EndsWithRuntime(process) = &with_runtime;
        drop(wait(process.clone()).await);
    });
    let thread = thread::Builder::new().name(format!("process {pid}"));
    // If there is none, the life is dropped with the closure, and that ends it.
    drop(thread.spawn(move || runtime.block_on(life)));
}

/// Ends a process on a thread of its own when the runtime drops this.
struct EndsWithRuntime(Arc<dyn Process>);

impl Drop for EndsWithRuntime {
    fn drop(&mut self) {
        signal::kill(&self.0);
    }
}
