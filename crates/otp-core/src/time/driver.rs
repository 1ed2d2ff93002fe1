//! Whether a runtime has timers.

use tokio::runtime::Handle;
use tokio::time::{Instant, Sleep, sleep_until};

use crate::util::panic;

/// The panic of a wait with a limit that cannot be kept.
pub(crate) const NO_TIMERS: &str = "a time limit needs a tokio runtime with timers: call `enable_time` or `enable_all` on its builder";

/// A timer of the current runtime, which there must be; `None` if its timers are not enabled.
pub(crate) fn try_sleep_until(at: Instant) -> Option<Sleep> {
    // tokio has no function that says whether they are.
    panic::answer(|| sleep_until(at))
}

/// Whether there is a current runtime, and it has timers.
pub(crate) fn are_timers_here() -> bool {
    Handle::try_current().is_ok() && try_sleep_until(Instant::now()).is_some()
}
