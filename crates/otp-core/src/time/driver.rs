//! Whether a runtime has timers.

use std::pin::{Pin, pin};
use std::task::{Context, Waker};

use tokio::runtime::Handle;
use tokio::time::{Instant, Sleep, sleep_until};

use crate::util::panic;

/// The panic of a wait with a limit that cannot be kept.
pub(crate) const NO_TIMERS: &str = "a time limit needs a tokio runtime with timers: call `enable_time` or `enable_all` on its builder";

/// A timer of the current runtime, which there must be; `None` if its timers are not enabled.
pub(crate) fn try_sleep_until(at: Instant) -> Option<Sleep> {
    // tokio has no function that tells whether timers are enabled.
    panic::answer(|| sleep_until(at))
}

/// Whether there is a current runtime, and it has timers. It may have ended, so that it drops what is spawned there.
pub(crate) fn are_timers_here() -> bool {
    Handle::try_current().is_ok() && try_sleep_until(Instant::now()).is_some()
}

/// Whether one can wait here: there is a current runtime, it has timers, and it has not ended.
pub(crate) fn can_wait_here() -> bool {
    let timer = || try_sleep_until(Instant::now());
    Handle::try_current().is_ok() && timer().is_some_and(|timer| is_kept(pin!(timer)))
}

/// Whether a timer can be set: one of a runtime that has ended panics at its first poll.
fn is_kept(timer: Pin<&mut Sleep>) -> bool {
    // With no budget left it would not be set at all.
    let mut timer = tokio::task::unconstrained(timer);
    let mut nobody = Context::from_waker(Waker::noop());
    panic::answer(|| Pin::new(&mut timer).poll(&mut nobody)).is_some()
}
