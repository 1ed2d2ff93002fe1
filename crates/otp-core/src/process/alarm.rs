//! The timer behind the time limits of a process's calls.
//!
//! Reading the clock and setting a timer would cost a third of a call, and nearly all calls are
//! answered long before their limit. So a process keeps one timer from call to call, and looks
//! neither at it nor at the clock while it is known to ring soon: if it rings while a call waits,
//! the call's time is counted from then. A limit is therefore never cut short, but may be stretched
//! by one part in 256, or by the millisecond that is the grain of tokio's timers.

mod ringer;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Waker};
use std::time::Duration;

use pin_project_lite::pin_project;
use tokio::time::{Instant, Sleep, sleep_until};

use super::current;
use crate::timer::after;
use ringer::Ringer;

/// What part of its limit a call may be late by.
const STRETCH: u32 = 256;

pin_project! {
    pub(crate) struct Alarm {
        // In the alarm and not behind a pointer: who looks at one looks at the other.
        #[pin]
        sleep: Sleep,
        // Whom it wakes, or has woken last.
        ringer: Option<Arc<Ringer>>,
        runs: bool,
        // The shortest limit for which it rings soon enough; none if it does not ring soon.
        soon_for: Option<Duration>,
        // When the call's time is over that has the alarm now; none if that has no limit.
        deadline: Option<Instant>,
    }
}

impl Alarm {
    /// The limit of nearly all calls, and the longest that an alarm is measured by: so each covers calls with
    /// this one. (Until it rings for the first time a caller does not watch over the server's end.)
    pub(crate) const USUAL_LIMIT: Duration = Duration::from_secs(5);

    /// An alarm that is about to ring soon, measured by `limit`.
    pub(crate) fn new(now: Instant, limit: Duration) -> Pin<Box<Self>> {
        Box::pin(Self {
            sleep: sleep_until(soon(now, limit)),
            ringer: None,
            runs: false,
            soon_for: Some(limit),
            deadline: None,
        })
    }

    /// Makes it ring soon, measured by `limit`.
    pub(crate) fn set_for(self: Pin<&mut Self>, now: Instant, limit: Duration) {
        let this = self.project();
        this.sleep.reset(soon(now, limit));
        *this.runs = false;
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

    /// Whether a call with this limit, made now by whom `waker` wakes, need not look at the clock.
    pub(crate) fn covers(&self, limit: Duration, waker: &Waker) -> bool {
        self.soon_for.is_some_and(|shortest| shortest <= limit)
            && !self.sleep.is_elapsed()
            && self.wakes(waker)
    }

    /// Sees to it that the task is woken soon; once that has been, at the deadline, if there is one.
    pub(crate) fn watch(self: Pin<&mut Self>, cx: &mut Context<'_>) {
        let wakes = self.wakes(cx.waker());
        let mut this = self.project();
        let late = this
            .deadline
            .is_some_and(|deadline| deadline < this.sleep.deadline());
        let rung = this.sleep.is_elapsed() || late;
        if rung {
            *this.runs = false;
            *this.soon_for = None;
            let Some(deadline) = *this.deadline else {
                return;
            };
            this.sleep.as_mut().reset(deadline);
        }
        if rung || !wakes {
            *this.runs = true;
            let before = this.ringer.take();
            let ringer = before.filter(|ringer| ringer.wakes(cx.waker()));
            let ringer = ringer.unwrap_or_else(|| Ringer::new(current::try_process(), cx.waker()));
            let waker = Waker::from(this.ringer.insert(ringer).clone());
            // Outside of tokio's budget: with none left the sleep would not be registered at all, and we
            // would believe that it is.
            let mut sleep = tokio::task::unconstrained(this.sleep);
            if Pin::new(&mut sleep)
                .poll(&mut Context::from_waker(&waker))
                .is_ready()
            {
                waker.wake();
            }
        }
    }

    /// Whether nobody with another waker relies on it.
    pub(crate) fn is_free(&self, waker: &Waker) -> bool {
        !self.runs || self.sleep.is_elapsed() || self.wakes(waker)
    }

    fn wakes(&self, waker: &Waker) -> bool {
        self.runs
            && self
                .ringer
                .as_ref()
                .is_some_and(|ringer| ringer.wakes(waker))
    }
}

fn soon(now: Instant, limit: Duration) -> Instant {
    after(now, (limit / STRETCH).max(Duration::from_millis(1)))
}
