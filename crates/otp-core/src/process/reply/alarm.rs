//! The one timer of a process, for the time limits of all that it waits for.
//!
//! Only its task sets it and is woken by it: no call owns it or borrows it. So the wake-up of a pending call does not
//! depend on polls and drops of other calls.
//!
//! # How a limit is kept
//!
//! A future that waits with the waker of the task requests its next poll ([`Alarm::wake_at`]) each time that it is
//! polled and finds nothing. The alarm keeps the earliest instant. When it rings, the task is woken, the alarm forgets
//! its instant, and the body is polled. The waker is the task's, so the poll reaches every future that waits with it,
//! and each that still waits requests its next poll again. No entry has to be removed: a future that was dropped makes
//! no further request, and has cost one superfluous poll at most.
//!
//! To read the clock and to set a timer is a third of the cost of a call, and nearly all calls are answered long before
//! their limit. So a call does neither when it is made, if the alarm is known to ring soon ([`Alarm::ring_soon`]): within a
//! part of the limit of one in [`STRETCH`], and a millisecond at least. If the alarm rings while the call waits, the call
//! reads the clock and counts its time from then. So a limit is never cut short, and is stretched by that part.
//!
//! A future that waits with another waker, or outside of a process, has a timer of its own: see
//! [`Limit`](super::limits::Limit).
//!
//! # Who does what
//!
//! The body's side, in [`wake_at`](Alarm::wake_at) and [`ring_soon`](Alarm::ring_soon), only notes the request and sets
//! a flag of the control block. The task sees the flag after it has polled the body and before it polls it next, and
//! sets the timer ([`Alarm::see_to`]). So the timer is always made in the runtime where the task runs, whatever runtime
//! the body has entered. A ring sets the same flag and then wakes the task. If that happens while the body is polled,
//! the task is polled once more, which is enough for the futures in it.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Wake, Waker};
use std::time::Duration;

use super::clock::{Instant, Sleep, try_sleep_until};
use crate::process::life::block::Process;
use crate::time::after;

/// The limit of nearly all calls, and the longest limit that [`soon`] uses.
///
/// For a call with a longer one, or with none, the alarm rings as soon as for this: then its caller begins to watch for the
/// server's end.
pub(crate) const USUAL_LIMIT: Duration = Duration::from_secs(5);

/// A call may be late by this fraction of its limit.
const STRETCH: u32 = 256;

/// The grain of tokio's timers.
const GRAIN: Duration = Duration::from_millis(1);

#[derive(Default)]
pub(crate) struct Alarm {
    /// Made when first needed, and kept.
    sleep: Option<Pin<Box<Sleep>>>,
    /// Notes with the process that the alarm has rung, and wakes its task.
    ringer: Option<Waker>,
    /// When the task has to be polled.
    due: Option<Instant>,
    /// The timer is set to that.
    is_set: bool,
    /// The runtime of the task has no timers.
    lacks_timer: bool,
    /// The shortest limit for which that is soon.
    soon_for: Option<Duration>,
}

impl Alarm {
    /// Whether it has had a timer: the runtime of the task has timers.
    pub(crate) fn has_timer(&self) -> bool {
        self.sleep.is_some()
    }

    /// Whether it has needed a timer, and the runtime of the task has none.
    pub(crate) fn lacks_timer(&self) -> bool {
        self.lacks_timer
    }

    /// The task has to be polled at this instant; true if it has to see to the timer for that.
    pub(crate) fn wake_at(&mut self, at: Instant) -> bool {
        let is_earlier = self.due.is_none_or(|due| at < due);
        if is_earlier {
            self.due = Some(at);
            self.is_set = false;
        }
        is_earlier
    }

    /// The task has to be polled soon, as measured by `limit`; true if it has to see to the timer for that.
    pub(crate) fn ring_soon(&mut self, limit: Duration) -> bool {
        if self.soon_for.is_some_and(|shortest| shortest <= limit) {
            return false;
        }
        self.soon_for = Some(limit);
        self.wake_at(soon(Instant::now(), limit))
    }

    /// Forgets the instant for which the alarm has rung, and sets the timer to the next one. Returns whether it rings
    /// soon.
    pub(crate) fn see_to(&mut self, process: &Arc<dyn Process>, cx: &Context<'_>) -> bool {
        if self.is_set && self.sleep.as_ref().is_some_and(|sleep| sleep.is_elapsed()) {
            self.due = None;
            self.soon_for = None;
        }
        match self.due {
            Some(due) if !self.is_set => self.set(due, process, cx),
            _ => {}
        }
        self.soon_for.is_some()
    }

    fn set(&mut self, due: Instant, process: &Arc<dyn Process>, cx: &Context<'_>) {
        let ringer = self
            .ringer
            .get_or_insert_with(|| Waker::from(Ringer::new(process, cx.waker())));
        let sleep = match &mut self.sleep {
            Some(sleep) => {
                sleep.as_mut().reset(due);
                sleep
            }
            none => {
                let Some(sleep) = try_sleep_until(due) else {
                    // The wait was begun in another runtime, which the task had entered. The poll that is requested
                    // here finds out.
                    self.lacks_timer = true;
                    self.due = None;
                    self.soon_for = None;
                    return cx.waker().wake_by_ref();
                };
                none.insert(Box::pin(sleep))
            }
        };
        // Outside of tokio's budget: with none left the sleep would not be registered at all.
        let mut sleep = tokio::task::unconstrained(sleep.as_mut());
        if Pin::new(&mut sleep)
            .poll(&mut Context::from_waker(ringer))
            .is_ready()
        {
            ringer.wake_by_ref();
        }
        self.is_set = true;
    }
}

/// Notes with a process that its alarm has rung, and wakes its task.
struct Ringer {
    process: Arc<dyn Process>,
    task: Waker,
}

impl Ringer {
    fn new(process: &Arc<dyn Process>, task: &Waker) -> Arc<Self> {
        Arc::new(Self {
            process: process.clone(),
            task: task.clone(),
        })
    }
}

impl Wake for Ringer {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // The note first: the poll that the waking leads to must find it.
        self.process.head().note_alarm();
        self.task.wake_by_ref();
    }
}

/// The unit of [`soon`] for a call with this limit.
pub(crate) fn measure(limit: Duration) -> Duration {
    limit.min(USUAL_LIMIT)
}

/// An instant that is soon, compared with the limit of the wait.
pub(crate) fn soon(now: Instant, limit: Duration) -> Instant {
    after(now, (measure(limit) / STRETCH).max(GRAIN))
}
