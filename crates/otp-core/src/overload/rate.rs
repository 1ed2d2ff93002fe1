//! So many in a time.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;
use tokio::time::{Instant, sleep_until};

use crate::process::lock::Lock;
use crate::timer::after;

/// Admits a number of events in a time, evenly spaced, with a burst that may come at once. Clones share the limit.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use otp_core::overload::RateLimit;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// // Ten in a second, and up to three at once.
/// let limit = RateLimit::new(10, Duration::from_secs(1)).burst(3);
/// for _ in 0..3 {
///     assert!(limit.try_take().is_ok());
/// }
/// let refused = limit.try_take().expect_err("the burst is over");
/// assert_eq!(refused.retry_after, Duration::from_millis(100));
/// limit.take().await;
/// # }
/// ```
#[derive(Clone)]
pub struct RateLimit {
    /// Between two.
    gap: Duration,
    burst: u32,
    /// When the next one would be due if all came evenly.
    due: Arc<Lock<Option<Instant>>>,
}

/// There were too many.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use otp_core::overload::{RateLimit, TooMany};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// let limit = RateLimit::new(2, Duration::from_secs(1));
/// assert_eq!(limit.try_take(), Ok(()));
/// let retry_after = Duration::from_millis(500);
/// assert_eq!(limit.try_take(), Err(TooMany { retry_after }));
/// tokio::time::sleep(retry_after).await;
/// assert_eq!(limit.try_take(), Ok(()));
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("too many: again after {retry_after:?}")]
pub struct TooMany {
    /// The time until the next event is admitted.
    pub retry_after: Duration,
}

impl RateLimit {
    /// Admits so many events within this time, and one at once. A count of 0 is taken for 1.
    #[must_use]
    pub fn new(count: u32, within: Duration) -> Self {
        Self {
            gap: within / count.max(1),
            burst: 1,
            due: Arc::default(),
        }
    }

    /// How many may come at once, after a time without any. 0 is taken for 1.
    #[must_use]
    pub fn burst(self, count: u32) -> Self {
        Self {
            burst: count.max(1),
            ..self
        }
    }

    /// Admits one event, or returns the time until the next one.
    ///
    /// # Errors
    ///
    /// [`TooMany`].
    pub fn try_take(&self) -> Result<(), TooMany> {
        let now = Instant::now();
        self.due.with(|due| {
            let (wait, next) = self.after(*due, now);
            if !wait.is_zero() {
                return Err(TooMany { retry_after: wait });
            }
            *due = Some(next);
            Ok(())
        })
    }

    /// Waits until one event is admitted. Waiting callers are admitted in the order in which they came.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped while it waits, its turn is used up.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use otp_core::overload::RateLimit;
    /// use tokio::time::Instant;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let (limit, start) = (RateLimit::new(1, Duration::from_secs(1)), Instant::now());
    /// for _ in 0..3 {
    ///     limit.take().await;
    /// }
    /// assert_eq!(start.elapsed(), Duration::from_secs(2));
    /// # }
    /// ```
    pub async fn take(&self) {
        let now = Instant::now();
        let wait = self.due.with(|due| {
            let (wait, next) = self.after(*due, now);
            *due = Some(next);
            wait
        });
        if !wait.is_zero() {
            sleep_until(after(now, wait)).await;
        }
    }

    /// How long one that comes now has to wait, and when the one after it is due.
    fn after(&self, due: Option<Instant>, now: Instant) -> (Duration, Instant) {
        let due = due.unwrap_or(now).max(now);
        let ahead = self.gap.saturating_mul(self.burst - 1);
        let wait = due.saturating_duration_since(now).saturating_sub(ahead);
        (wait, after(due, self.gap))
    }
}

impl fmt::Debug for RateLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RateLimit")
            .field("gap", &self.gap)
            .field("burst", &self.burst)
            .finish_non_exhaustive()
    }
}
