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
    /// When the last attempt was made, and how many were made without a pause while the clock stood still.
    last: Duration,
    standing: u32,
}

/// How many attempts may be made at one moment. Only a clock that is paused for a test stands still over so many.
const AT_ONE_MOMENT: u32 = 1000;

/// How long an attempt is put off after that, so that a paused clock moves: it moves only while nobody has anything to do.
pub(crate) const PAUSE: Duration = Duration::from_millis(1);

impl Intensity {
    pub(crate) fn new(max: usize, period: Duration) -> Self {
        Self {
            max,
            period,
            restarts: VecDeque::new(),
            last: Duration::ZERO,
            standing: 0,
        }
    }

    /// Whether an attempt at `now` is to be put off by [`PAUSE`]: without that, restarts without an end, which keep the
    /// runtime busy, would stop the time of a paused clock.
    pub(crate) fn must_pause(&mut self, now: Duration) -> bool {
        if now == self.last {
            self.standing = self.standing.saturating_add(1);
            return self.standing > AT_ONE_MOMENT;
        }
        // After a pause the next one comes at once.
        if now - self.last.min(now) > 2 * PAUSE {
            self.standing = 0;
        }
        self.last = now;
        false
    }

    /// Counts a restart at `now`; false if it is one too many. The clock may start anywhere, but does not go
    /// back.
    pub(crate) fn admits(&mut self, now: Duration) -> bool {
        if self.max == 0 {
            return false;
        }
        let is_old = |then: &Duration| now.saturating_sub(*then) > self.period;
        while self.restarts.front().is_some_and(is_old) {
            self.restarts.pop_front();
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

    #[test]
    fn attempts_pause_while_the_clock_stands_still() {
        let mut intensity = Intensity::new(usize::MAX, Duration::from_secs(1));
        let mut now = Duration::from_secs(1);
        assert!(!intensity.must_pause(now));
        let paused = (0..2000).position(|_| intensity.must_pause(now));
        assert_eq!(paused, Some(AT_ONE_MOMENT as usize));
        now += PAUSE;
        assert!(!intensity.must_pause(now), "the pause is over");
        assert!(intensity.must_pause(now), "the clock stands still again");
        now += Duration::from_secs(1);
        assert!(!intensity.must_pause(now) && !intensity.must_pause(now));
        // A clock that moves never makes a pause.
        for _ in 0..2000 {
            now += Duration::from_nanos(1);
            assert!(!intensity.must_pause(now));
        }
    }

    // SUP-025
    #[test]
    fn a_limit_of_zero_admits_none() {
        check(0, 1000, &[(0, false), (1_000_000, false)]);
    }
}
