//! The task that a process is: the wrapper around its body.

use std::cell::RefCell;
use std::future::{Future, pending};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;
use tokio::runtime::Handle;

use super::block::{Head, Process};
use super::current::{self, Current};
use super::death::Death;
use super::runner;
use crate::exit::{ExitReason, Outcome};
use crate::process::inspection::telemetry::CountedPoll;
use crate::process::inspection::watchdog::WatchedPoll;
use crate::process::inspection::{meter, report};
use crate::process::reply::slot::Answer;
use crate::util::panic;

/// Starts the task of a process, whose body `make` makes.
pub(crate) fn spawn<P, B, F>(process: Arc<P>, make: B)
where
    P: Process,
    B: FnOnce() -> F + 'static,
    F: Future<Output: Outcome> + Send + 'static,
{
    #[cfg(feature = "explore")]
    if super::schedule::is_drawn() {
        return scheduled(Box::pin(life(process, make())));
    }
    runner::start(move || life(process, make()));
}

/// All that the task of a process does, to the end of its death.
#[inline(always)]
pub(crate) fn life<P, F>(process: Arc<P>, body: F) -> impl Future<Output = ()> + Send
where
    P: Process,
    F: Future<Output: Outcome> + Send + 'static,
{
    meter::started(process.head().initial_call);
    Run {
        current: Some(RefCell::new(Current::new(process.clone()))),
        process,
        body: Some(body),
    }
}

/// Starts a task that is no process.
pub(crate) fn background(task: impl Future<Output = ()> + Send + 'static) {
    #[cfg(feature = "explore")]
    if super::schedule::is_drawn() {
        return scheduled(Box::pin(task));
    }
    self::task(&Handle::current(), task);
}

/// Starts a task on a runtime, through its handle: `tokio::spawn` moves the task twice more.
#[allow(
    clippy::disallowed_methods,
    reason = "the one place where tasks are made"
)]
#[inline]
pub(super) fn task(runtime: &Handle, task: impl Future<Output = ()> + Send + 'static) {
    runtime.spawn(task);
}

/// Whether a process that is started now can run. A runtime that ends drops at once what it is given.
#[allow(
    clippy::disallowed_methods,
    reason = "the task never runs: it is no process"
)]
pub(crate) fn is_possible() -> bool {
    let Ok(runtime) = Handle::try_current() else {
        return false;
    };
    let task = runtime.spawn(pending::<()>());
    let is_refused = task.is_finished();
    task.abort();
    !is_refused
}

/// Starts a task in an order that is drawn. It is of no known type: else each type of process would have a task of its own for this, too.
#[cfg(feature = "explore")]
#[cold]
#[allow(
    clippy::disallowed_methods,
    reason = "the other place where tasks are made"
)]
fn scheduled(task: Pin<Box<dyn Future<Output = ()> + Send>>) {
    tokio::spawn(super::schedule::Scheduled::new(task));
}

pin_project! {
    #[repr(C)]
    struct Run<P, F>
    where
        P: Process,
    {
        #[pin]
        body: Option<F>,
        // With its type: each poll reads it twice, and a read through a `dyn` is more expensive.
        process: Arc<P>,
        // None once the process is dead. Its first word says that, and is beside the fields that each poll reads.
        current: Option<RefCell<Current>>,
    }

    impl<P, F> PinnedDrop for Run<P, F>
    where
        P: Process,
    {
        // The runtime shuts down, or the process has died already.
        fn drop(this: Pin<&mut Self>) {
            this.die(ExitReason::Killed);
        }
    }
}

impl<P: Process, F: Future<Output: Outcome>> Future for Run<P, F> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.as_mut().project();
        let (Some(body), Some(current)) = (this.body.as_pin_mut(), &mut *this.current) else {
            return Poll::Ready(());
        };
        let head = this.process.head();
        if head.enter() {
            this.process.attach(cx.waker());
        }
        let mut watched = None;
        if !head.is_free() {
            // An exit signal does not wait for earlier messages, nor for the future that the body awaits.
            if head.is_exiting() {
                self.die(ExitReason::Killed);
                return Poll::Ready(());
            }
            watched = Some(watch(head));
        }
        // Stored, and not returned: nearly always there is none, and a poll would copy that word by word.
        let mut ended = None;
        // The alarm inside of this, too: in a runtime without timers it panics, as the process's own timers would.
        let entered = AssertUnwindSafe(|| {
            let _counted = watched.is_some().then(|| count(head));
            if head.has_alarm() {
                current::see_to_alarm(cx);
            }
            if let Poll::Ready(outcome) = body.poll(cx) {
                ended = Some(outcome.into_reason());
            }
            if head.has_alarm() {
                current::see_to_alarm(cx);
            }
        });
        let polled = current::enter(current, || catch_unwind(entered));
        drop(watched);
        head.leave();
        let reason = match (polled, ended) {
            (Ok(()), None) if head.is_settled() => return Poll::Pending,
            (Ok(()), None) if !head.is_exiting() => {
                if head.must_tell_abandoned() {
                    tell_abandoned(head, current.get_mut());
                }
                return Poll::Pending;
            }
            // Decided by a signal during this poll; `die` knows the reason.
            (Ok(()), None) => ExitReason::Killed,
            (Ok(()), Some(reason)) => reason,
            (Err(payload), _) => {
                let reason = panic::reason(payload);
                if let ExitReason::Panic(info) = &reason {
                    report::process_panicked(head, info);
                }
                reason
            }
        };
        self.die(reason);
        Poll::Ready(())
    }
}

#[cold]
fn watch(head: &Head) -> Option<WatchedPoll> {
    head.node.watchdog()?.begin(head.pid.id())
}

#[cold]
fn count(head: &Head) -> Option<CountedPoll<'_>> {
    head.is_counted().then(|| CountedPoll::begin(head))
}

fn tell_abandoned(head: &Head, current: &mut Current) {
    head.clear_abandoned();
    // An answer without a waiting caller is dropped with its call, and has a destructor.
    panic::each_taken(current.take_abandoned(), Answer::abandon);
}

impl<P: Process, F> Run<P, F> {
    /// Ends the process. `reason` counts unless a signal has decided another one.
    fn die(self: Pin<&mut Self>, reason: ExitReason) {
        let mut this = self.project();
        // None if it has died already.
        if let Some(current) = this.current.take() {
            let drop_body = &mut || this.body.set(None);
            Death::of(&**this.process, reason, current, drop_body).run();
        }
    }
}

/// Ends the proxy of a process of another node, because that node is no longer connected.
pub(crate) fn lost(proxy: &dyn Process) {
    Death::of_lost(proxy).run();
}

/// Ends a process that has never run.
pub(crate) fn never(process: &dyn Process) {
    Death::of_unborn(process).run();
}
