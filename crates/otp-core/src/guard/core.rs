//! The decisions of a guard: a pure function of the starts and ends of its child.

use std::time::Duration;

use super::{Backoff, Guard, WaitsFrom};
use crate::supervisor::intensity::Intensity;

/// The decision of a guard about a child that has ended and must run.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// It starts the child after this time.
    StartAfter(Duration),
    /// There were too many restarts.
    GiveUp,
}

/// A guard, without the process.
pub(super) struct GuardCore {
    backoff: Backoff,
    waits_from: WaitsFrom,
    /// Failures in a row.
    failed: u32,
    restarts: Option<Intensity>,
}

impl GuardCore {
    pub(super) fn new(guard: Guard) -> Self {
        let (backoff, waits_from) = match (guard.backoff, guard.limit) {
            (Some(backoff), _) => (backoff, guard.waits_from),
            (None, Some(_)) => (Backoff::constant(Duration::ZERO), WaitsFrom::End),
            // Without a delay and a limit, a child that fails at once would be started thousands of times a second.
            (None, None) => (Backoff::DEFAULT, WaitsFrom::Start),
        };
        Self {
            backoff,
            waits_from,
            failed: 0,
            restarts: guard.limit.map(|(max, period)| Intensity::new(max, period)),
        }
    }

    /// Decides about the next start at `now`. `ran` is the lifetime of the child's process; `None` means that its start
    /// has failed.
    pub(super) fn again(&mut self, ran: Option<Duration>, now: Duration) -> Decision {
        if let Some(restarts) = &mut self.restarts
            && !restarts.admits(now)
        {
            return Decision::GiveUp;
        }
        Decision::StartAfter(self.delay(ran))
    }

    /// The wait before a start that no limit counts.
    pub(super) fn delay(&mut self, ran: Option<Duration>) -> Duration {
        if ran.is_some_and(|ran| self.backoff.is_healthy(ran)) {
            self.failed = 0;
        }
        let delay = self.backoff.delay(self.failed);
        self.failed = self.failed.saturating_add(1);
        match self.waits_from {
            WaitsFrom::End => delay,
            WaitsFrom::Start => delay.saturating_sub(ran.unwrap_or_default()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    fn exponential() -> Backoff {
        Backoff::exponential(ms(100), ms(1_000)).without_jitter()
    }

    #[test]
    fn failures_in_a_row_wait_longer_and_a_healthy_time_resets_that() {
        let backoff = exponential().reset_after(ms(5_000));
        let mut core = GuardCore::new(Guard::new().backoff(backoff));
        let lives = [
            (None, 100),
            (None, 200),
            (Some(4_999), 400),
            (Some(5_000), 100),
            (None, 200),
        ];
        for (ran, delay) in lives {
            let decision = core.again(ran.map(ms), ms(0));
            assert_eq!(decision, Decision::StartAfter(ms(delay)), "{ran:?}");
        }
    }

    #[test]
    fn a_wait_from_the_start_is_over_when_the_child_has_lived_longer() {
        let backoff = exponential().reset_after(ms(5_000));
        let mut core = GuardCore::new(Guard::new().backoff(backoff).waits_from(WaitsFrom::Start));
        let lives = [
            (Some(70), 30),
            (None, 200),
            (Some(4_999), 0),
            (Some(0), 800),
            (Some(5_000), 0),
            (Some(0), 200),
        ];
        for (ran, delay) in lives {
            let decision = core.again(ran.map(ms), ms(0));
            assert_eq!(decision, Decision::StartAfter(ms(delay)), "{ran:?}");
        }
    }

    #[test]
    fn by_default_those_wait_that_have_lived_for_less_than_the_delay() {
        let mut core = GuardCore::new(Guard::new());
        for (least, most) in [(50, 100), (100, 200), (200, 400)] {
            let Decision::StartAfter(delay) = core.again(None, ms(0)) else {
                panic!("there is no limit");
            };
            assert!(ms(least) <= delay && delay <= ms(most), "{delay:?}");
        }
        let at_once = Decision::StartAfter(Duration::ZERO);
        assert_eq!(core.again(Some(ms(9_000)), ms(0)), at_once);
        assert_eq!(core.again(Some(ms(10_000)), ms(0)), at_once);
    }

    #[test]
    fn restarts_are_counted_within_the_period() {
        let mut core = GuardCore::new(Guard::new().limit(2, ms(1_000)));
        let zero = Decision::StartAfter(Duration::ZERO);
        assert_eq!(core.again(None, ms(0)), zero);
        assert_eq!(core.again(None, ms(500)), zero);
        assert_eq!(core.again(None, ms(1_501)), zero, "the first two are old");
        assert_eq!(core.again(None, ms(1_502)), zero);
        assert_eq!(core.again(None, ms(1_503)), Decision::GiveUp);
    }
}
