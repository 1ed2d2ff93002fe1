//! Tasks without a value, and tasks as children of supervisors.

use std::any::type_name;
use std::future::Future;
use std::sync::Arc;

use super::job::{self, Callers};
use crate::child_spec::{ChildId, ChildSpec, Restart};
use crate::exit::Outcome;
use crate::never::Never;
use crate::pid::Pid;
use crate::process::panic::Spent;
use crate::process::{Birth, ProcessRef, current};

/// Runs a future in a separate process, without a link. It returns no value.
///
/// # OTP
///
/// `Task.start/1`.
///
/// # Panics
///
/// Panics outside of a process.
#[track_caller]
pub fn start<F>(work: F) -> ProcessRef<Never>
where
    F: Future<Output: Outcome> + Send + 'static,
{
    let parent = current::process();
    let birth = Birth::of_child(&parent, type_name::<F>);
    job::run(birth, Callers::of_child(), work)
}

/// Runs a future in a process that is linked with the current one. It returns no value; if it fails, the current process
/// gets the exit signal.
///
/// # OTP
///
/// `Task.start_link/1`.
///
/// # Panics
///
/// Panics outside of a process.
#[track_caller]
pub fn start_link<F>(work: F) -> ProcessRef<Never>
where
    F: Future<Output: Outcome> + Send + 'static,
{
    let parent = current::process();
    let birth = Birth::linked(&parent, type_name::<F>);
    job::run(birth, Callers::of_child(), work)
}

/// The specification of a child that is a task: it does `work` when it is started. It is temporary unless
/// [`restart`](ChildSpec::restart) sets something else.
///
/// # OTP
///
/// `Task.child_spec/1`.
pub fn child_spec<F, W>(id: impl Into<ChildId>, work: F) -> ChildSpec
where
    F: Fn() -> W + Send + Sync + 'static,
    W: Future<Output: Outcome> + Send + 'static,
{
    let work = Arc::new(work);
    let start = move || {
        let work = work.clone();
        async { start_link(async move { Spent::new(work()).await }) }
    };
    ChildSpec::worker(id, start).restart(Restart::Temporary)
}

/// The callers of the current task: the process that has started it, the caller of that process if it is a task, too, and so on.
/// Empty if the current process is no task. The ancestors of a task under a supervisor begin with the supervisor; its callers do not
/// contain it.
///
/// # OTP
///
/// Elixir's `$callers`.
#[must_use]
pub fn callers() -> Vec<Pid> {
    Callers::of_current()
}
