//! The time limits of waits: one for calls, requests, starts, tasks and all else that waits for a reply.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::runtime::{self, Handle};
use tokio::time::{Instant, Sleep};

use super::alarm::{USUAL_LIMIT, soon};
use crate::process::life::current;
use crate::time::{after, can_wait_here, try_sleep_until};
use crate::util::panic::{self, HarmlessWaker};

/// The end of a wait's time, and the timer that wakes the task at that time.
///
/// Each poll that finds the wait pending leaves a source of waking for the waker of that very poll:
///
/// - The waker of the task that a process is: the process's [alarm](super::alarm) is set to the deadline. Nothing of it is here.
/// - Any other waker (of `FuturesUnordered`, of `block_on`, of a task that is no process): a timer of the wait's own, in the
///   runtime where it is polled. A wait that moves to another runtime makes it anew, so that it does not end with the first.
///
/// So a wait may be polled with one waker now and with another one later, be moved from one process to another or out of
/// a process, and rests on nothing that another wait holds.
#[derive(Default)]
pub(crate) struct Limit {
    deadline: Option<Instant>,
    own: Option<Own>,
}

/// A wait's own timer, and the runtime that it is in.
struct Own {
    sleep: Pin<Box<Sleep>>,
    runtime: runtime::Id,
    /// tokio wakes it where it looks at its timers, and a panic there would end a thread of the runtime.
    waker: HarmlessWaker,
}

/// There is no timer here: no runtime, or one that has ended or whose timers are not enabled.
pub(crate) struct NoTimer;

/// Whether a limit can be kept here: to be asked before anything is sent whose answer is waited for with a limit. A
/// process that has had a timer has one.
///
/// # Errors
///
/// It cannot.
pub(crate) fn check() -> Result<(), NoTimer> {
    let of_alarm = current::with(|current| (current.has_timer(), current.lacks_timer()));
    let can_wait = match of_alarm {
        Some((true, _)) => true,
        Some((_, true)) => false,
        _ => can_wait_here(),
    };
    can_wait.then_some(()).ok_or(NoTimer)
}

impl Limit {
    /// Ready when the time is over, as counted from the first poll. None is for ever, and zero is over at once.
    ///
    /// # Errors
    ///
    /// There is a limit, and no timer to keep it.
    pub(crate) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        limit: Option<Duration>,
    ) -> Poll<Result<(), NoTimer>> {
        let Some(limit) = limit else {
            // It may have been set to watch over the first part of a call.
            self.own = None;
            return Poll::Pending;
        };
        if limit.is_zero() {
            return Poll::Ready(Ok(()));
        }
        let now = Instant::now();
        let deadline = *self.deadline.get_or_insert_with(|| after(now, limit));
        if now >= deadline {
            return Poll::Ready(Ok(()));
        }
        let by_alarm = current::with(|current| {
            let by_task = current.is_woken_by(cx.waker());
            let has_timer = by_task && current.has_timer();
            if has_timer {
                current.wake_at(deadline);
            }
            (by_task, has_timer)
        });
        let kept = match by_alarm {
            Some((true, has_timer)) => {
                self.own = None;
                match has_timer {
                    true => Ok(()),
                    false => first_alarm(deadline),
                }
            }
            _ => self.wake_at(deadline, cx),
        };
        match kept {
            Ok(()) => Poll::Pending,
            Err(no_timer) => Poll::Ready(Err(no_timer)),
        }
    }

    /// Begins the time of a call whose task the alarm of a process does not wake. The first ring comes soon, as the alarm's
    /// does, so that the caller begins to watch over the server.
    ///
    /// # Errors
    ///
    /// There is a limit, and no timer to keep it.
    pub(crate) fn begin(
        &mut self,
        cx: &mut Context<'_>,
        limit: Option<Duration>,
    ) -> Result<(), NoTimer> {
        let now = Instant::now();
        self.deadline = limit.map(|limit| after(now, limit));
        let first = soon(now, limit.unwrap_or(USUAL_LIMIT));
        match self.wake_at(self.deadline.map_or(first, |at| at.min(first)), cx) {
            Err(NoTimer) if limit.is_none() => {
                // It can begin to watch at once.
                cx.waker().wake_by_ref();
                Ok(())
            }
            begun => begun,
        }
    }

    /// Sets the wait's own timer to wake this waker.
    fn wake_at(&mut self, at: Instant, cx: &mut Context<'_>) -> Result<(), NoTimer> {
        let here = Handle::try_current().ok().map(|runtime| runtime.id());
        let moved = |own: &mut Own| here.is_some_and(|here| here != own.runtime);
        drop(self.own.take_if(moved));
        let own = match &mut self.own {
            Some(own) => own,
            none => none.insert(Own {
                runtime: here.ok_or(NoTimer)?,
                sleep: Box::pin(try_sleep_until(at).ok_or(NoTimer)?),
                waker: HarmlessWaker::default(),
            }),
        };
        if own.sleep.deadline() != at {
            own.sleep.as_mut().reset(at);
        }
        // Outside of tokio's budget: with none left the sleep would not be registered at all.
        let mut sleep = tokio::task::unconstrained(own.sleep.as_mut());
        let waker = own.waker.of(cx.waker());
        // A timer of a runtime that has ended panics.
        match panic::answer(|| Pin::new(&mut sleep).poll(&mut Context::from_waker(&waker))) {
            Some(Poll::Ready(())) => cx.waker().wake_by_ref(),
            Some(Poll::Pending) => {}
            None => {
                self.own = None;
                return Err(NoTimer);
            }
        }
        Ok(())
    }
}

/// Sets the alarm of a process that has had no timer yet.
#[cold]
fn first_alarm(deadline: Instant) -> Result<(), NoTimer> {
    check()?;
    current::with(|current| current.wake_at(deadline));
    Ok(())
}
