//! The timer behind the time limits of a process's calls.
//!
//! Reading the clock and setting a timer would cost a third of a call, and nearly all calls are
//! answered long before their limit. So a process keeps one timer from call to call, and looks
//! neither at it nor at the clock while it is known to ring soon: if it rings while a call waits,
//! the call's time is counted from then. A limit is therefore never cut short, but may be stretched
//! by one part in 256, or by the millisecond that is the grain of tokio's timers.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Waker};
use std::time::Duration;

use pin_project_lite::pin_project;
use tokio::time::{Instant, Sleep, sleep_until};

use crate::timer::after;

/// What part of its limit a call may be late by.
const STRETCH: u32 = 256;

/// Until it rings for the first time, a caller does not watch over the server's end.
const SOON_AT_MOST: Duration = Duration::from_millis(20);

pin_project! {
    pub(crate) struct Alarm {
        // In the alarm and not behind a pointer: calls look at both, and memory far apart is dear.
        #[pin]
        sleep: Sleep,
        // Whom it wakes; none as long as it does not run.
        waker: Option<Waker>,
        // The shortest limit for which it rings soon enough; none if it does not ring soon.
        soon_for: Option<Duration>,
        // When the call's time is over that has the alarm now; none if that has no limit.
        deadline: Option<Instant>,
    }
}

impl Alarm {
    /// An alarm that is about to ring soon, measured by `limit`.
    pub(crate) fn new(now: Instant, limit: Duration) -> Pin<Box<Self>> {
        Box::pin(Self {
            sleep: sleep_until(soon(now, limit)),
            waker: None,
            soon_for: Some(limit),
            deadline: None,
        })
    }

    /// Makes it ring soon, measured by `limit`.
    pub(crate) fn set_for(self: Pin<&mut Self>, now: Instant, limit: Duration) {
        let this = self.project();
        this.sleep.reset(soon(now, limit));
        *this.waker = None;
        *this.soon_for = Some(limit);
    }

    /// Gives it to a call whose time is over then; never, if that has no limit.
    pub(crate) fn set_deadline(self: Pin<&mut Self>, deadline: Option<Instant>) {
        *self.project().deadline = deadline;
    }

    /// When the time of the call is over that has it.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// Whether a call with this limit, made now, need not look at the clock.
    #[inline]
    pub(crate) fn covers(&self, limit: Duration, cx: &Context<'_>) -> bool {
        self.soon_for.is_some_and(|shortest| shortest <= limit)
            && !self.sleep.is_elapsed()
            && self.wakes(cx)
    }

    /// Sees to it that the task is woken soon; once that has been, at the deadline, if there is one.
    pub(crate) fn watch(self: Pin<&mut Self>, cx: &mut Context<'_>) {
        let wakes = self.wakes(cx);
        let mut this = self.project();
        let late = this
            .deadline
            .is_some_and(|deadline| deadline < this.sleep.deadline());
        let rung = this.sleep.is_elapsed() || late;
        if rung {
            *this.waker = None;
            *this.soon_for = None;
            let Some(deadline) = *this.deadline else {
                return;
            };
            this.sleep.as_mut().reset(deadline);
        }
        if rung || !wakes {
            *this.waker = Some(cx.waker().clone());
            // Outside of tokio's budget: with none left the sleep would not be registered at all, and we
            // would believe that it is.
            let mut sleep = tokio::task::unconstrained(this.sleep);
            if Pin::new(&mut sleep).poll(cx).is_ready() {
                cx.waker().wake_by_ref();
            }
        }
    }

    /// Whether nobody with another waker relies on it.
    pub(crate) fn is_free(&self, cx: &Context<'_>) -> bool {
        self.waker.is_none() || self.sleep.is_elapsed() || self.wakes(cx)
    }

    fn wakes(&self, cx: &Context<'_>) -> bool {
        self.waker
            .as_ref()
            .is_some_and(|waker| waker.will_wake(cx.waker()))
    }
}

fn soon(now: Instant, limit: Duration) -> Instant {
    after(
        now,
        (limit / STRETCH).clamp(Duration::from_millis(1), SOON_AT_MOST),
    )
}
