//! The task that a process is: the wrapper around its body, and its death.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::block::{Head, More, Process};
use super::current::{self, Current, Entered};
use super::panic;
use super::relations;
use super::signal::{self, Via};
use crate::exit::{ExitReason, Outcome};
use crate::report;

/// Starts the task of a process.
pub(crate) fn spawn<F>(process: Arc<dyn Process>, body: F)
where
    F: Future<Output: Outcome> + Send + 'static,
{
    background(Run {
        current: Some(Current::new(process.clone())),
        process,
        body: Some(body),
    });
}

/// Starts a task that is no process.
#[allow(
    clippy::disallowed_methods,
    reason = "the one place where tasks are made"
)]
pub(crate) fn background(task: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(task);
}

pin_project! {
    struct Run<F> {
        process: Arc<dyn Process>,
        // None while the process is entered, and once it is dead.
        current: Option<Current>,
        #[pin]
        body: Option<F>,
    }

    impl<F> PinnedDrop for Run<F> {
        // The runtime shuts down, or the process has died already.
        fn drop(this: Pin<&mut Self>) {
            this.die(ExitReason::Killed);
        }
    }
}

impl<F: Future<Output: Outcome>> Future for Run<F> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.as_mut().project();
        let head = this.process.head();
        if head.enter() {
            this.process.attach(cx.waker());
        }
        // An exit signal does not wait for the messages before it, nor for what the body awaits.
        if head.is_exiting() {
            self.die(ExitReason::Killed);
            return Poll::Ready(());
        }
        let Some(body) = this.body.as_pin_mut() else {
            return Poll::Ready(());
        };
        let polled = {
            let _entered = Entered::new(this.current);
            catch_unwind(AssertUnwindSafe(|| body.poll(cx).map(Outcome::into_reason)))
        };
        head.leave();
        let reason = match polled {
            Ok(Poll::Pending) if !head.is_exiting() => {
                if head.must_tell_abandoned() {
                    tell_abandoned(head, this.current);
                }
                return Poll::Pending;
            }
            // Decided by a signal during this poll; `die` knows the reason.
            Ok(Poll::Pending) => ExitReason::Killed,
            Ok(Poll::Ready(reason)) => reason,
            Err(payload) => {
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

fn tell_abandoned(head: &Head, current: &mut Option<Current>) {
    head.clear_abandoned();
    for answer in current.iter_mut().flat_map(Current::take_abandoned) {
        answer.abandon();
    }
}

impl<F> Run<F> {
    /// The death sequence. `reason` counts unless a signal has decided another one.
    ///
    /// Every step can be seen only by those who were told of none of the later ones: whoever
    /// learns of the end, by a failed call, an EXIT, a DOWN or by waiting, finds the names free.
    fn die(self: Pin<&mut Self>, reason: ExitReason) {
        let mut this = self.project();
        let process = this.process.clone();
        let head = process.head();
        if this.current.is_none() {
            return;
        }

        // From here on it is dead for others: no name finds it, and what is sent is dropped.
        let reason = head.start_exiting(&mut head.ties.lock(), reason);
        process.seal();

        // Destructors are the user's code: they may panic, and may give up calls.
        {
            let _entered = Entered::new(this.current);
            panic::run_quietly(|| this.body.set(None));
            panic::run_quietly(|| process.discard());
            panic::run_quietly(|| drop(current::take_dictionary()));
        }

        bury(head, &reason, this.current.take());
    }
}

/// Ends a process that has not come to run.
pub(crate) fn never(process: &dyn Process) {
    let head = process.head();
    let reason = head.start_exiting(&mut head.ties.lock(), ExitReason::NoProcess);
    process.seal();
    process.discard();
    bury(head, &reason, None);
}

/// The part of the death sequence that others see, when nothing of the process's own is left.
fn bury(head: &Head, reason: &ExitReason, mut current: Option<Current>) {
    panic::run_quietly(|| release(head));

    // From here on whoever looks for the reason finds it.
    let relations = head.ties.lock().bury(reason.clone());
    head.node.remove(head.pid);

    for answer in current.iter_mut().flat_map(Current::take_abandoned) {
        panic::run_quietly(|| answer.abandon());
    }
    panic::run_quietly(|| drop(current));
    if let Some(relations) = relations {
        tell(head, *relations, reason);
    }
    let wakers = head.ties.lock().told();
    wakers.wake();
}

/// Frees the names of a process that ends, gives what it owns to its heirs and stops the timers that were to
/// reach it.
fn release(head: &Head) {
    let held = head.ties.lock().existing().map(|more| {
        let names = std::mem::take(&mut more.names);
        let timers = std::mem::take(&mut more.timers);
        (names, more.estate.take(), timers)
    });
    let Some((names, estate, timers)) = held else {
        return;
    };
    for name in &names {
        // A registry is the user's code.
        panic::run_quietly(|| head.node.release(name, head.pid));
    }
    for thing in estate.into_iter().flat_map(|estate| estate.into_values()) {
        panic::run_quietly(|| thing.owner_ended(head.pid));
    }
    head.node.timers().remove_all(&timers);
}

/// Tells those linked with a process that has ended, and those that monitor it.
fn tell(head: &Head, relations: More, reason: &ExitReason) {
    for (monitor, monitored) in relations.monitors {
        if let Some(theirs) = monitored.process.head().ties.lock().existing() {
            theirs.watchers.remove(&monitor);
        }
    }
    for linked in relations.links.into_values() {
        signal::exit(&linked, head.pid, reason.clone(), Via::Link);
    }
    for (monitor, watcher) in relations.watchers {
        relations::down(&watcher.process, monitor, watcher.target, reason.clone());
    }
}
