//! The delay before another attempt.

use std::hash::{BuildHasher, Hasher};
use std::time::Duration;

use foldhash::fast::RandomState;

/// The delay before another attempt, by the number of failures in a row.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use otp_core::guard::Backoff;
///
/// let backoff = Backoff::exponential(Duration::from_millis(100), Duration::from_secs(1));
/// let waits: Vec<u128> = (0..6).map(|failed| backoff.longest(failed).as_millis()).collect();
/// assert_eq!(waits, [100, 200, 400, 800, 1000, 1000]);
/// assert!(backoff.delay(3) <= backoff.longest(3));
/// ```
#[derive(Debug, Clone, PartialEq)]
#[must_use = "a back-off does nothing by itself"]
pub struct Backoff {
    first: Duration,
    most: Duration,
    doubles: bool,
    jitter: bool,
    reset_after: Duration,
}

impl Backoff {
    /// That of workers of a pool, and of guarded children without a limit.
    pub(crate) const DEFAULT: Self =
        Self::exponential(Duration::from_millis(100), Duration::from_secs(30))
            .reset_after(Duration::from_secs(10));

    /// Always the same, without jitter.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use otp_core::guard::Backoff;
    ///
    /// let backoff = Backoff::constant(Duration::from_secs(3));
    /// assert_eq!((backoff.delay(0), backoff.delay(9)), (Duration::from_secs(3), Duration::from_secs(3)));
    /// ```
    pub const fn constant(delay: Duration) -> Self {
        Self {
            first: delay,
            most: delay,
            doubles: false,
            jitter: false,
            reset_after: Duration::ZERO,
        }
    }

    /// Twice as long each time, from `first` to `most`, with jitter: so that many children that have failed together do not come again together.
    /// A child that has run for `most` begins again at `first`; [`reset_after`](Self::reset_after) sets another time.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use otp_core::guard::Backoff;
    ///
    /// let second = Duration::from_secs(1);
    /// let backoff = Backoff::exponential(second, 10 * second).without_jitter();
    /// let delays: Vec<u64> = (0..5).map(|failed| backoff.delay(failed).as_secs()).collect();
    /// assert_eq!(delays, [1, 2, 4, 8, 10]);
    /// ```
    pub const fn exponential(first: Duration, most: Duration) -> Self {
        Self {
            first,
            most,
            doubles: true,
            jitter: true,
            reset_after: most,
        }
    }

    /// Without jitter: always the longest wait.
    pub const fn without_jitter(mut self) -> Self {
        self.jitter = false;
        self
    }

    /// With jitter: anything from half of the longest wait to all of it.
    pub const fn with_jitter(mut self) -> Self {
        self.jitter = true;
        self
    }

    /// Resets the delay after the child has run for this time. The default is the longest delay, so that the delay also
    /// grows for a child that starts and soon ends. With zero each start that succeeds resets it.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use otp_core::guard::Backoff;
    ///
    /// let second = Duration::from_secs(1);
    /// let backoff = Backoff::exponential(second, 30 * second);
    /// assert_eq!(backoff, backoff.clone().reset_after(30 * second));
    /// ```
    pub const fn reset_after(mut self, healthy: Duration) -> Self {
        self.reset_after = healthy;
        self
    }

    /// The longest wait after `failed` further failures.
    #[must_use]
    pub fn longest(&self, failed: u32) -> Duration {
        if !self.doubles {
            return self.first;
        }
        let factor = 1_u32.checked_shl(failed).filter(|_| failed < u32::BITS);
        let grown = factor.and_then(|factor| self.first.checked_mul(factor));
        grown.unwrap_or(self.most).min(self.most)
    }

    /// A wait after `failed` further failures: the longest, or with jitter one drawn at random.
    #[must_use]
    pub fn delay(&self, failed: u32) -> Duration {
        // Random, as the seeds of hashes are.
        self.drawn(failed, RandomState::default().build_hasher().finish())
    }

    /// The wait for a number that was drawn.
    pub(super) fn drawn(&self, failed: u32, draw: u64) -> Duration {
        let longest = self.longest(failed);
        if !self.jitter {
            return longest;
        }
        let half = longest / 2;
        let spread = u64::try_from((longest - half).as_nanos()).unwrap_or(u64::MAX);
        half + Duration::from_nanos(draw % spread.saturating_add(1).max(1))
    }

    pub(super) fn is_healthy(&self, ran: Duration) -> bool {
        ran >= self.reset_after
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_constant_one_never_grows() {
        let backoff = Backoff::constant(SECOND);
        for failed in [0, 1, 31, 32, u32::MAX] {
            assert_eq!(backoff.delay(failed), SECOND);
        }
    }

    #[test]
    fn an_exponential_one_doubles_up_to_its_most_whatever_the_number() {
        let backoff = Backoff::exponential(SECOND, 10 * SECOND).without_jitter();
        let waits = [0, 1, 2, 3, 4, 31, 32, 33, u32::MAX].map(|failed| backoff.delay(failed));
        let seconds = [1, 2, 4, 8, 10, 10, 10, 10, 10].map(Duration::from_secs);
        assert_eq!(waits, seconds);
        let endless = Backoff::exponential(Duration::MAX, Duration::MAX);
        assert_eq!(endless.longest(40), Duration::MAX);
    }

    proptest! {
        #[test]
        fn jitter_stays_between_half_and_all(first in 0..u64::MAX, most in 0..u64::MAX, failed: u32, draw: u64) {
            let (first, most) = (Duration::from_nanos(first), Duration::from_nanos(most));
            let backoff = Backoff::exponential(first, most);
            let (longest, drawn) = (backoff.longest(failed), backoff.drawn(failed, draw));
            prop_assert!(longest <= most);
            prop_assert!(longest / 2 <= drawn && drawn <= longest, "{drawn:?} of {longest:?}");
        }
    }
}
