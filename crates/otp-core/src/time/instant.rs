//! Instants that a delay leads to, however long it is.

use std::time::Duration;

use tokio::time::Instant;

/// The instant `delay` from now, or one that is too far off to be reached.
pub(crate) fn far_future(delay: Duration) -> Instant {
    after(Instant::now(), delay)
}

/// The instant `delay` after `start`, or one that is too far off to be reached.
pub(crate) fn after(start: Instant, delay: Duration) -> Instant {
    const THIRTY_YEARS: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);

    let far = || start.checked_add(THIRTY_YEARS).unwrap_or(start);
    start.checked_add(delay).unwrap_or_else(far)
}
