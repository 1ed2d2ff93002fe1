//! A bound on how fast requests are served in the long run, for all visitors together.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio::time::{Instant, sleep_until};

/// Turns, one after the other and in the order in which they were asked for. Each is paid for with time, and nobody has the next one
/// before all that is owed is less than so much.
pub(crate) struct Pace {
    /// When all is paid.
    paid: Arc<Mutex<Instant>>,
    credit: Duration,
}

/// Nobody else has a turn until this is paid or dropped.
pub(crate) struct Turn(OwnedMutexGuard<Instant>);

impl Pace {
    pub(crate) fn new(credit: Duration) -> Self {
        Self {
            paid: Arc::new(Mutex::new(Instant::now())),
            credit,
        }
    }

    /// Waits for a turn.
    pub(crate) async fn turn(&self) -> Turn {
        let paid = self.paid.clone().lock_owned().await;
        if let Some(begin) = paid.checked_sub(self.credit) {
            sleep_until(begin).await;
        }
        Turn(paid)
    }
}

impl Turn {
    pub(crate) fn pay(mut self, time: Duration) {
        *self.0 = (*self.0).max(Instant::now()) + time;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn whoever_asks_without_end_goes_on_slowly() {
        let (pace, begun) = (Pace::new(Duration::from_secs(2)), Instant::now());
        let go = async |turns: u32| {
            for _ in 0..turns {
                pace.turn().await.pay(Duration::from_millis(100));
            }
            begun.elapsed()
        };
        // What has the credit begins at once.
        assert_eq!(go(21).await, Duration::ZERO);
        let tick = Duration::from_millis(1);
        let slow = go(100).await;
        let expected = Duration::from_secs(10);
        assert!(slow >= expected && slow <= expected + tick, "{slow:?}");
        // Who waits has the credit again, and no more than that.
        tokio::time::sleep(Duration::from_secs(60)).await;
        let rested = begun.elapsed();
        assert_eq!(go(21).await, rested);
        assert!(go(1).await > rested);
    }

    #[tokio::test(start_paused = true)]
    async fn a_turn_that_is_given_back_costs_nothing() {
        let (pace, begun) = (Pace::new(Duration::ZERO), Instant::now());
        pace.turn().await.pay(Duration::from_secs(5));
        let given_up = tokio::time::timeout(Duration::from_secs(1), pace.turn()).await;
        assert!(given_up.is_err());
        drop(pace.turn().await);
        assert!(begun.elapsed() >= Duration::from_secs(5));
        drop(pace.turn().await);
        assert!(begun.elapsed() < Duration::from_secs(6));
    }
}
