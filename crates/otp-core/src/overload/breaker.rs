//! A breaker: while an operation fails, it is not called.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;
use tokio::time::Instant;

use crate::process::lock::Lock;
use crate::process::panic::Alone;

/// Stops calling an operation after a number of failures in a row. After a pause one call tries again, and a success
/// closes the breaker. Clones share the state.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use otp_core::overload::{BreakerError, CircuitBreaker};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// let breaker = CircuitBreaker::new(2, Duration::from_secs(30));
/// for _ in 0..2 {
///     let failed = breaker.run(async { Err::<(), _>("down") }).await;
///     assert_eq!(failed, Err(BreakerError::Failed("down")));
/// }
/// let refused = breaker.run(async { Ok::<_, &str>(()) }).await;
/// assert!(matches!(refused, Err(BreakerError::Open { .. })));
/// tokio::time::sleep(Duration::from_secs(30)).await;
/// assert_eq!(breaker.run(async { Ok::<_, &str>(42) }).await, Ok(42));
/// # }
/// ```
#[derive(Clone)]
pub struct CircuitBreaker {
    failures: u32,
    pause: Duration,
    state: Arc<Lock<Circuit>>,
}

/// A call that has failed, or was not made.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use otp_core::overload::{BreakerError, CircuitBreaker};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// let breaker = CircuitBreaker::new(1, Duration::from_secs(30));
/// let failed = breaker.run(async { Err::<(), _>("no answer") }).await;
/// assert_eq!(failed, Err(BreakerError::Failed("no answer")));
/// let refused = breaker.run(async { Ok::<_, &str>(()) }).await;
/// assert_eq!(refused, Err(BreakerError::Open { retry_after: Duration::from_secs(30) }));
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BreakerError<E> {
    /// The call was not made, because earlier calls have failed.
    #[error("not called, since it has failed too often: again after {retry_after:?}")]
    Open {
        /// The time until the next attempt; zero if an attempt is under way.
        retry_after: Duration,
    },
    /// The call was made, and has failed.
    #[error(transparent)]
    Failed(E),
}

/// The state of a breaker, which decides about the next call.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use otp_core::overload::{BreakerState, CircuitBreaker};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// let breaker = CircuitBreaker::new(1, Duration::from_secs(30));
/// assert_eq!(breaker.state(), BreakerState::Closed);
/// breaker.run(async { Err::<(), _>("no answer") }).await.expect_err("it fails");
/// assert_eq!(breaker.state(), BreakerState::Open);
/// tokio::time::sleep(Duration::from_secs(30)).await;
/// breaker.run(async { Ok::<_, &str>(()) }).await.expect("it is tried again");
/// assert_eq!(breaker.state(), BreakerState::Closed);
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BreakerState {
    /// It is made.
    Closed,
    /// It is refused.
    Open,
    /// The call is made as an attempt. Meanwhile other calls are refused.
    HalfOpen,
}

#[derive(Default)]
struct Circuit {
    /// Failures in a row.
    failed: u32,
    /// Until when calls are refused.
    open: Option<Instant>,
    /// A call that tries is under way.
    trying: bool,
    /// The number of times that it has opened and closed: results of earlier calls no longer count.
    era: u64,
}

impl CircuitBreaker {
    /// Opens after so many failures in a row, for this time. 0 failures are taken for 1.
    #[must_use]
    pub fn new(failures: u32, pause: Duration) -> Self {
        Self {
            failures: failures.max(1),
            pause,
            state: Arc::default(),
        }
    }

    /// The state for the next call.
    #[must_use]
    pub fn state(&self) -> BreakerState {
        let now = Instant::now();
        self.state.with(|state| match state.open {
            None => BreakerState::Closed,
            Some(until) if until > now || state.trying => BreakerState::Open,
            Some(_) => BreakerState::HalfOpen,
        })
    }

    /// Makes a call, which is a future that is not polled if it is refused. A call that panics, or is dropped while it waits, has failed.
    ///
    /// # Cancel safety
    ///
    /// Dropped after its first poll, the call counts as a failure.
    ///
    /// # Errors
    ///
    /// [`BreakerError`].
    pub async fn run<T, E>(
        &self,
        call: impl Future<Output = Result<T, E>>,
    ) -> Result<T, BreakerError<E>> {
        let mut attempt = match self.begin(Instant::now()) {
            Ok(era) => BreakerCall {
                breaker: self,
                era,
                well: false,
            },
            Err(retry_after) => return Err(BreakerError::Open { retry_after }),
        };
        let outcome = Alone::new(call).await;
        attempt.well = outcome.is_ok();
        drop(attempt);
        outcome.map_err(BreakerError::Failed)
    }

    fn begin(&self, now: Instant) -> Result<u64, Duration> {
        self.state.with(|state| {
            if let Some(until) = state.open {
                let left = until.saturating_duration_since(now);
                if state.trying || !left.is_zero() {
                    return Err(left);
                }
                state.trying = true;
            }
            Ok(state.era)
        })
    }

    fn end(&self, era: u64, well: bool, now: Instant) {
        self.state.with(|state| {
            if state.era != era {
                return;
            }
            if well {
                let opened = state.open.take().is_some();
                state.era += u64::from(opened);
                (state.failed, state.trying) = (0, false);
                return;
            }
            state.failed = state.failed.saturating_add(1);
            if state.trying || state.failed >= self.failures {
                state.open = Some(crate::timer::after(now, self.pause));
                state.trying = false;
                state.era += 1;
            }
        });
    }
}

/// A call that is under way.
struct BreakerCall<'a> {
    breaker: &'a CircuitBreaker,
    era: u64,
    well: bool,
}

impl Drop for BreakerCall<'_> {
    fn drop(&mut self) {
        self.breaker.end(self.era, self.well, Instant::now());
    }
}

impl fmt::Debug for CircuitBreaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CircuitBreaker")
            .field(&self.state())
            .finish()
    }
}
