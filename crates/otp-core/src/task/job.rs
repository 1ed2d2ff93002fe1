//! The process of a task, as seen by the code that waits for its value.

use std::future::Future;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use futures_util::FutureExt;
use futures_util::future::lazy;

use crate::exit::{ExitReason, Outcome};
use crate::gen_server::ReplyTo;
use crate::never::Never;
use crate::pid::Pid;
use crate::process::block::Process;
use crate::process::lent::Lent;
use crate::process::panic::Spent;
use crate::process::signal::{self, ExitOrigin};
use crate::process::watch::Watch;
use crate::process::{self, Birth, ProcessRef, current};

/// A process that computes a value. The value waits in a reply slot, as the answer of a call does.
pub(crate) struct Job<T: Send + 'static> {
    process: Arc<dyn Process>,
    slot: Lent<T>,
    /// Present once the end has been waited for.
    watch: Option<Watch>,
}

impl<T: Send + 'static> Job<T> {
    /// Sets a process running that has its links already.
    pub(crate) fn start<M, F>(birth: Birth<M>, callers: Callers, work: F) -> Self
    where
        M: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        let slot = Lent::new();
        let value = ReplyTo::new(slot.share());
        let process = birth.run_future(move || {
            let work = Spent::new(work).map(|outcome| value.send(outcome));
            noted(callers, work)
        });
        Self {
            process,
            slot,
            watch: None,
        }
    }

    pub(crate) fn pid(&self) -> Pid {
        self.process.head().pid
    }

    pub(crate) fn exit(&self, from: Pid, reason: ExitReason) {
        signal::exit(&self.process, from, reason, ExitOrigin::Hand);
    }

    /// The value, as soon as it is there. If there is none, the reason, when all links and monitors of the process have
    /// fired.
    pub(crate) fn poll_value(&mut self, cx: &mut Context<'_>) -> Poll<Result<T, ExitReason>> {
        match ready!(self.slot.poll(cx)) {
            Some(value) => Poll::Ready(Ok(value)),
            // A linked owner must not continue before the exit signal has reached it.
            None => self.poll_watch(cx).map(Err),
        }
    }

    /// The end of the task, when all links and monitors of the process have fired.
    pub(crate) fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<Result<T, ExitReason>> {
        let reason = ready!(self.poll_watch(cx));
        match self.slot.poll(cx) {
            Poll::Ready(Some(value)) => Poll::Ready(Ok(value)),
            _ => Poll::Ready(Err(reason)),
        }
    }

    fn poll_watch(&mut self, cx: &Context<'_>) -> Poll<ExitReason> {
        let process = &self.process;
        let watch = self
            .watch
            .get_or_insert_with(|| Watch::new(process.clone()));
        watch.poll(cx)
    }
}

/// Sets a process running that is a task without a value.
pub(crate) fn run<F>(birth: Birth<Never>, callers: Callers, work: F) -> ProcessRef<Never>
where
    F: Future<Output: Outcome> + Send + 'static,
{
    ProcessRef::new(birth.run_future(move || noted(callers, Spent::new(work))))
}

/// The work of a task, which begins with the note of its callers. A combinator and no `async` block: that would have room
/// for the work twice.
#[inline(always)]
fn noted<F>(callers: Callers, work: F) -> impl Future<Output = F::Output> + Send
where
    F: Future + Send + 'static,
{
    lazy(move |_| callers.note()).then(|()| work)
}

/// The processes that have asked for a task, the nearest first. `None` means its starter, if that is no task itself:
/// this is so for nearly all tasks, which need no list.
#[derive(Clone)]
pub(crate) struct Callers(Option<Arc<[Pid]>>);

impl Callers {
    /// The callers of a task that the current process starts now; none outside of processes.
    pub(crate) fn of_new_task() -> Self {
        let mut callers = Vec::from_iter(process::try_current());
        callers.extend(Self::of_current());
        Self(Some(callers.into()))
    }

    /// Those of a task that the current process starts itself.
    pub(crate) fn of_child() -> Self {
        match current::with(|current| current.is_task()) {
            Some(false) => Self(None),
            _ => Self::of_new_task(),
        }
    }

    pub(crate) fn of_current() -> Vec<Pid> {
        current::with(|current| current.callers()).unwrap_or_default()
    }

    /// Notes them in the current process, which is the task.
    fn note(self) {
        current::with(|current| current.set_callers(self.0));
    }
}
