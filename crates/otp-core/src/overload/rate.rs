//! A limit on the rate of events.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep_until};

use crate::process::current;
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
    bucket: Arc<Lock<TokenBucket>>,
    /// The first waiting caller holds it.
    turn: Arc<Semaphore>,
}

/// The events that may come now. One more comes with each gap, up to the burst.
struct TokenBucket {
    /// None before the first event: then it is full.
    since: Option<Instant>,
    /// How many there were at that time.
    left: u32,
    /// How many callers wait.
    waiting: u32,
}

/// The event was not admitted.
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
    /// The time until an event of this caller would be admitted.
    pub retry_after: Duration,
}

impl RateLimit {
    /// Admits so many events within this time, and one at once. A count of 0 is taken for 1; within no time any number is
    /// admitted.
    #[must_use]
    pub fn new(count: u32, within: Duration) -> Self {
        let count = count.max(1);
        let gap = within / count;
        // Rounded up: more events than that are never admitted.
        let rest = within - gap * count;
        let bucket = TokenBucket {
            since: None,
            left: 0,
            waiting: 0,
        };
        Self {
            gap: gap + rest.min(Duration::from_nanos(1)),
            burst: 1,
            bucket: Arc::new(Lock::new(bucket)),
            turn: Arc::new(Semaphore::new(1)),
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

    /// Admits one event, if no caller waits, or returns the time until this one would be admitted.
    ///
    /// # Errors
    ///
    /// [`TooMany`].
    pub fn try_take(&self) -> Result<(), TooMany> {
        let now = Instant::now();
        self.bucket.with(|bucket| match bucket.waiting {
            0 => self.admit(bucket, now, self.burst),
            waiting => {
                let (since, left) = self.look(bucket, now);
                let gaps = waiting.saturating_add(1).saturating_sub(left);
                let due = after(since, self.gap.saturating_mul(gaps));
                let retry_after = due.saturating_duration_since(now);
                Err(TooMany { retry_after })
            }
        })
    }

    /// Waits until one event is admitted. Waiting callers are admitted in the order in which they came.
    ///
    /// # Cancel safety
    ///
    /// Dropped while it waits, it gives its place up: those behind it come earlier. While it is kept and not polled, those
    /// behind it wait.
    ///
    /// # Panics
    ///
    /// Never: the semaphore is not closed.
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
        if self.try_take().is_ok() {
            return;
        }
        let _waits = RateWait::begin(&self.bucket);
        let turn = current::harmless(self.turn.acquire()).await;
        let _turn = turn.expect("nobody closes it");
        loop {
            let now = Instant::now();
            // Timers ring late: a waiting caller also gets the events that have come meanwhile.
            match self.bucket.with(|bucket| self.admit(bucket, now, u32::MAX)) {
                Ok(()) => return,
                Err(TooMany { retry_after }) => {
                    current::harmless(sleep_until(after(now, retry_after))).await;
                }
            }
        }
    }

    /// Admits one event of those that have come by now, of which the bucket holds so many at most.
    fn admit(&self, bucket: &mut TokenBucket, now: Instant, most: u32) -> Result<(), TooMany> {
        let (since, left) = self.look(bucket, now);
        if left == 0 {
            let retry_after = self
                .gap
                .saturating_sub(now.saturating_duration_since(since));
            return Err(TooMany { retry_after });
        }
        let is_full = left >= most;
        bucket.since = Some(if is_full { now } else { since });
        bucket.left = left.min(most) - 1;
        Ok(())
    }

    /// How many events have come by now, and when the last one came.
    fn look(&self, bucket: &TokenBucket, now: Instant) -> (Instant, u32) {
        let Some(since) = bucket.since else {
            return (now, self.burst);
        };
        let passed = now.saturating_duration_since(since);
        match passed.as_nanos().checked_div(self.gap.as_nanos()) {
            None => (now, u32::MAX),
            Some(grown) => {
                let grown = u32::try_from(grown).unwrap_or(u32::MAX);
                (since + self.gap * grown, bucket.left.saturating_add(grown))
            }
        }
    }
}

/// Counts a caller that waits.
struct RateWait<'a>(&'a Lock<TokenBucket>);

impl<'a> RateWait<'a> {
    fn begin(bucket: &'a Lock<TokenBucket>) -> Self {
        bucket.with(|bucket| bucket.waiting = bucket.waiting.saturating_add(1));
        Self(bucket)
    }
}

impl Drop for RateWait<'_> {
    fn drop(&mut self) {
        self.0
            .with(|bucket| bucket.waiting = bucket.waiting.saturating_sub(1));
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
