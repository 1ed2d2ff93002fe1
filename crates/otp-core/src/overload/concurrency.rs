//! A limit on the work in progress.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use thiserror::Error;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::process::current;

/// Admits a number of pieces of work at the same time. A number of further ones may wait, in the order in which they
/// came. Clones share the limit.
///
/// # Examples
///
/// ```
/// use otp_core::overload::ConcurrencyLimit;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let limit = ConcurrencyLimit::new(1).max_waiting(0);
/// let first = limit.enter().await.expect("there is room");
/// assert!(limit.enter().await.is_err());
/// drop(first);
/// assert!(limit.enter().await.is_ok());
/// # }
/// ```
#[derive(Clone)]
pub struct ConcurrencyLimit {
    room: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
    max_waiting: usize,
}

/// The work in progress has reached its limit, and so have the waiting callers.
///
/// # Examples
///
/// ```
/// use otp_core::overload::{Busy, ConcurrencyLimit};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// let limit = ConcurrencyLimit::new(1).max_waiting(0);
/// let _permit = limit.enter().await.expect("the first one enters");
/// assert_eq!(limit.enter().await.err(), Some(Busy { waiting: 0 }));
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("all places are taken, and {waiting} wait already")]
pub struct Busy {
    /// How many wait.
    pub waiting: usize,
}

/// A piece of work is under way while this lives.
///
/// # Examples
///
/// ```
/// use otp_core::overload::{ConcurrencyLimit, ConcurrencyPermit};
///
/// async fn work(_permit: ConcurrencyPermit) {
///     // The permit is dropped at the end of the work.
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// let limit = ConcurrencyLimit::new(1).max_waiting(0);
/// work(limit.enter().await.expect("there is room")).await;
/// assert!(limit.enter().await.is_ok(), "there is room again");
/// # }
/// ```
#[derive(Debug)]
#[must_use = "the work counts as done when this is dropped"]
pub struct ConcurrencyPermit {
    _place: OwnedSemaphorePermit,
}

impl ConcurrencyLimit {
    /// So many at a time, and any number may wait. 0 is taken for 1.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self {
            room: Arc::new(Semaphore::new(most.clamp(1, Semaphore::MAX_PERMITS))),
            waiting: Arc::default(),
            max_waiting: usize::MAX,
        }
    }

    /// The number of callers that may wait. With 0, a caller that finds no room is refused at once.
    #[must_use]
    pub fn max_waiting(self, most: usize) -> Self {
        Self {
            max_waiting: most,
            ..self
        }
    }

    /// Waits for a place.
    ///
    /// # Cancel safety
    ///
    /// Dropped, it gives its place in the queue up.
    ///
    /// # Errors
    ///
    /// [`Busy`], at once.
    ///
    /// # Panics
    ///
    /// Never: the semaphore is not closed.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::overload::ConcurrencyLimit;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let limit = ConcurrencyLimit::new(2).max_waiting(0);
    /// let (_one, _other) = (limit.enter().await, limit.enter().await);
    /// assert!(limit.enter().await.is_err(), "two are in");
    /// # }
    /// ```
    pub async fn enter(&self) -> Result<ConcurrencyPermit, Busy> {
        if let Ok(place) = self.room.clone().try_acquire_owned() {
            return Ok(ConcurrencyPermit { _place: place });
        }
        let waits = WaitGuard::begin(&self.waiting, self.max_waiting)?;
        let place = current::harmless(self.room.clone().acquire_owned()).await;
        drop(waits);
        let place = place.expect("nobody closes it");
        Ok(ConcurrencyPermit { _place: place })
    }
}

/// Counts a caller that waits.
struct WaitGuard<'a>(&'a AtomicUsize);

impl<'a> WaitGuard<'a> {
    fn begin(waiting: &'a AtomicUsize, most: usize) -> Result<Self, Busy> {
        let room = |waiting: usize| (waiting < most).then(|| waiting + 1);
        match waiting.fetch_update(Ordering::Relaxed, Ordering::Relaxed, room) {
            Ok(_) => Ok(Self(waiting)),
            Err(waiting) => Err(Busy { waiting }),
        }
    }
}

impl Drop for WaitGuard<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl fmt::Debug for ConcurrencyLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConcurrencyLimit")
            .field("free", &self.room.available_permits())
            .field("waiting", &self.waiting)
            .finish_non_exhaustive()
    }
}
