//! The task that a process is: the wrapper around its body, and its death.

use std::cell::RefCell;
use std::collections::HashSet;
use std::future::Future;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::block::{Estates, Head, More, Process};
use super::current::{self, Current};
use super::panic;
use super::relations;
use super::schedule::in_any_order;
use super::signal::{self, Via};
use super::watch;
use super::watchdog::Watched;
use crate::exit::{ExitReason, Outcome};
use crate::name::Name;
use crate::numbered::Numbered;
use crate::report;

/// Starts the task of a process.
pub(crate) fn spawn<P, F>(process: Arc<P>, body: F)
where
    P: Process,
    F: Future<Output: Outcome> + Send + 'static,
{
    background(life(process, body));
}

/// All that the task of a process does, to the end of its death.
pub(crate) fn life<P, F>(process: Arc<P>, body: F) -> impl Future<Output = ()> + Send
where
    P: Process,
    F: Future<Output: Outcome> + Send + 'static,
{
    Run {
        current: Some(RefCell::new(Current::new(process.clone()))),
        process,
        body: Some(body),
    }
}

/// Starts a task that is no process.
#[allow(
    clippy::disallowed_methods,
    reason = "the one place where tasks are made"
)]
pub(crate) fn background(task: impl Future<Output = ()> + Send + 'static) {
    #[cfg(feature = "explore")]
    let task = super::schedule::Scheduled::new(task);
    tokio::spawn(task);
}

pin_project! {
    struct Run<P, F>
    where
        P: Process,
    {
        // With its type: each poll looks at it twice, and to get at what is behind a `dyn` is dearer.
        process: Arc<P>,
        // None once the process is dead.
        current: Option<RefCell<Current>>,
        #[pin]
        body: Option<F>,
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
        // An exit signal does not wait for the messages before it, nor for what the body awaits.
        if head.is_exiting() {
            self.die(ExitReason::Killed);
            return Poll::Ready(());
        }
        let watched = head.is_timed().then(|| watch(head));
        let entered = AssertUnwindSafe(|| {
            if head.has_alarm() {
                see_to_alarm(cx);
            }
            let polled = body.poll(cx).map(Outcome::into_reason);
            if head.has_alarm() {
                see_to_alarm(cx);
            }
            polled
        });
        let polled = current::enter(current, || catch_unwind(entered));
        drop(watched);
        head.leave();
        let reason = match polled {
            Ok(Poll::Pending) if !head.is_exiting() => {
                if head.must_tell_abandoned() {
                    tell_abandoned(head, current.get_mut());
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

#[cold]
fn watch(head: &Head) -> Option<Watched> {
    Some(head.node.watchdog()?.begin(head.pid))
}

/// In the process, since it is its alarm, and caught, since a runtime without timers panics.
#[cold]
fn see_to_alarm(cx: &Context<'_>) {
    current::with(|current| current.see_to_alarm(cx));
}

fn tell_abandoned(head: &Head, current: &mut Current) {
    head.clear_abandoned();
    for answer in current.take_abandoned() {
        answer.abandon();
    }
}

impl<P: Process, F> Run<P, F> {
    /// The death sequence. `reason` counts unless a signal has decided another one.
    ///
    /// Every step can be seen only by those who were told of none of the later ones: whoever
    /// learns of the end, by a failed call, an EXIT, a DOWN or by waiting, finds the names free.
    fn die(self: Pin<&mut Self>, reason: ExitReason) {
        let mut this = self.project();
        let Some(current) = this.current.take() else {
            return;
        };
        let process = &**this.process;
        let head = process.head();

        // From here on it is dead for others: no name finds it, and what is sent is dropped.
        let reason = head.start_exiting(&mut head.ties.lock(), reason);
        process.seal();

        // Destructors are the user's code: they may panic, and may give up calls.
        current::enter(&current, || {
            panic::run_quietly(|| this.body.set(None));
            panic::run_quietly(|| process.discard());
            panic::run_quietly(|| drop(current::take_dictionary()));
        });

        bury(head, &reason, Some(current.into_inner()));
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
    let mut ties = head.ties.lock();
    if let Some(held) = ties.existing().and_then(Held::take) {
        drop(ties);
        held.release(head);
        ties = head.ties.lock();
    }
    // From here on whoever looks for the reason finds it.
    let relations = ties.bury(reason.clone());
    // One who has to tell nobody need not come back to say that it has.
    let mut wakers = relations.is_none().then(|| ties.told());
    drop(ties);

    // EXIT first: a caller that is linked and does not trap exits must not come to see its call fail.
    let has_relations = relations.is_some();
    if let Some(relations) = relations {
        tell(head, relations, reason);
    }
    // Only now, so that whoever looks it up to wait for its end finds it until all of that has been sent.
    head.node.remove(head.pid);
    for answer in current.iter_mut().flat_map(Current::take_abandoned) {
        panic::run_quietly(|| answer.abandon());
    }
    panic::run_quietly(|| drop(current));
    if has_relations {
        wakers = Some(head.ties.lock().told());
    }
    watch::wake(wakers.unwrap_or_default());
}

/// What is to be taken from a process that ends before anyone hears of it.
struct Held {
    names: Vec<Name>,
    timers: HashSet<u64, Numbered>,
    estate: Option<Box<Estates>>,
}

impl Held {
    fn take(more: &mut More) -> Option<Self> {
        let is_empty = more.names.is_empty() && more.timers.is_empty() && more.estate.is_none();
        (!is_empty).then(|| Self {
            names: mem::take(&mut more.names),
            timers: mem::take(&mut more.timers),
            estate: more.estate.take(),
        })
    }

    /// Frees the names, gives what the process owned to its heirs, and stops the timers that were to reach it.
    fn release(self, head: &Head) {
        for name in &self.names {
            // A registry is the user's code.
            panic::run_quietly(|| head.node.release(name, head.pid));
        }
        for (_, thing) in self.estate.into_iter().flat_map(|it| in_any_order(*it)) {
            panic::run_quietly(|| thing.owner_ended(head.pid));
        }
        head.node.timers().remove_all(&self.timers);
    }
}

/// Tells those linked with a process that has ended, and those that monitor it.
fn tell(head: &Head, relations: Box<More>, reason: &ExitReason) {
    for (monitor, monitored) in in_any_order(relations.monitors) {
        if let Some(theirs) = monitored.process.head().ties.lock().existing() {
            theirs.watchers.remove(&monitor);
        }
    }
    for (_, linked) in in_any_order(relations.links) {
        signal::exit(&linked, head.pid, reason.clone(), Via::Link);
    }
    for (monitor, watcher) in in_any_order(relations.watchers) {
        relations::down(&watcher.process, monitor, watcher.target, reason.clone());
    }
}
