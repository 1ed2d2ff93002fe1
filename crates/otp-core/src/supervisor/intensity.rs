//! How many restarts are too many.

use std::collections::VecDeque;
use std::time::Duration;

/// Counts restarts in a window of time that ends now.
#[derive(Debug)]
pub(crate) struct Intensity {
    max: usize,
    period: Duration,
    /// When restarts were admitted or refused, oldest first.
    restarts: VecDeque<Duration>,
}

impl Intensity {
    pub(crate) fn new(max: usize, period: Duration) -> Self {
        Self {
            max,
            period,
            restarts: VecDeque::new(),
        }
    }

    /// Counts a restart at `now`; false if it is one too many. The clock may start anywhere, but does not go
    /// back.
    pub(crate) fn admits(&mut self, now: Duration) -> bool {
        if self.max == 0 {
            return false;
        }
        if let Some(begin) = now.checked_sub(self.period) {
            while self.restarts.front().is_some_and(|then| *then < begin) {
                self.restarts.pop_front();
            }
        }
        self.restarts.push_back(now);
        self.restarts.len() <= self.max
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(max: usize, period: u64, restarts: &[(u64, bool)]) {
        let mut intensity = Intensity::new(max, Duration::from_millis(period));
        for (at, admitted) in restarts {
            let now = Duration::from_millis(*at);
            assert_eq!(intensity.admits(now), *admitted, "restart at {now:?}");
        }
    }

    // SUP-025
    #[test]
    fn one_more_than_the_limit_within_the_period_is_too_many() {
        check(
            3,
            5000,
            &[(0, true), (10, true), (4000, true), (5000, false)],
        );
        check(1, 1000, &[(0, true), (1000, false)]);
    }

    // SUP-026
    #[test]
    fn restarts_older_than_the_period_are_forgotten() {
        check(1, 1000, &[(0, true), (1001, true), (2002, true)]);
        check(
            2,
            1000,
            &[(0, true), (600, true), (1001, true), (1100, false)],
        );
    }

    // SUP-025
    #[test]
    fn a_limit_of_zero_admits_none() {
        check(0, 1000, &[(0, false), (1_000_000, false)]);
    }
}
