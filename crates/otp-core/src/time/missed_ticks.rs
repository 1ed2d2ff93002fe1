//! The policies of an interval for missed ticks.

use std::time::Duration;

use tokio::time::Instant;

use super::instant::after;

/// The policy of an interval that fires so late that further ticks are due already: after the machine or the program
/// stood still, under load, or when its message takes longer to clone than a period lasts.
///
/// A tick counts as missed once the next one is due, too. An interval that is late by less keeps its rhythm with every
/// policy.
///
/// The default is to catch up, with at most [16](Self::DEFAULT) ticks. A short pause then loses no tick, as in OTP, and
/// a process that counts ticks counts correctly. After a long pause, such as an hour in which the program was stopped,
/// the destination is not flooded with old ticks.
///
/// tokio: `MissedTickBehavior`, whose `Burst` is `CatchUp(u32::MAX)`.
///
/// # OTP
///
/// `timer:send_interval/3` makes up for all ticks, however many: that is `CatchUp(u32::MAX)`.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use otp_core::prelude::*;
/// use otp_core::timer::{self, MissedTicks};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().run_with(|mut mailbox: Mailbox<&'static str>| async move {
/// let second = Duration::from_secs(1);
/// timer::send_interval_with(mailbox.me(), second, MissedTicks::Skip, "tick");
/// // The program stands still for ten seconds.
/// tokio::time::advance(10 * second).await;
/// assert_eq!(mailbox.receive().await, "tick");
/// assert_eq!(mailbox.receive().timeout(second / 2).await, None, "nothing is made up for");
/// # Ok::<_, Stop>(())
/// # }).await?.map_err(Stop::into_reason)
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MissedTicks {
    /// Fires at once for each missed tick, but for at most so many, and then continues in the old rhythm. Late ticks
    /// come behind other timers that are due, so that they do not delay these.
    CatchUp(u32),
    /// Leaves missed ticks out, and goes on in the old rhythm.
    Skip,
    /// Leaves missed ticks out, and begins a new rhythm: the next tick comes one period after the late one.
    Delay,
}

impl MissedTicks {
    /// The policy of an interval by default.
    pub const DEFAULT: Self = Self::CatchUp(16);

    /// When the tick after the one that was due at `due`, and fires `now`, is due.
    pub(crate) fn next(self, due: Instant, now: Instant, period: Duration) -> Instant {
        let next = after(due, period);
        if next > now {
            return next;
        }
        let behind = now.saturating_duration_since(next);
        match self {
            Self::Delay => after(now, period),
            Self::Skip => after(now, period - remainder(behind, period)),
            Self::CatchUp(most) => {
                // The tick at `next` is one of the late ticks.
                let kept = period.saturating_mul(most.saturating_sub(1));
                match behind.checked_sub(kept) {
                    _ if most == 0 => after(now, period - remainder(behind, period)),
                    None => next,
                    Some(too_much) => {
                        // As many whole periods are left out as bring it close enough.
                        let left_out = too_much - remainder(too_much, period);
                        after(next, left_out)
                    }
                }
            }
        }
    }
}

impl Default for MissedTicks {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// The remainder of `time` after whole periods.
fn remainder(time: Duration, period: Duration) -> Duration {
    let nanos = time.as_nanos() % period.as_nanos().max(1);
    // Less than a period, and so a duration.
    let (seconds, nanos) = (nanos / 1_000_000_000, nanos % 1_000_000_000);
    Duration::new(
        u64::try_from(seconds).unwrap_or(u64::MAX),
        u32::try_from(nanos).unwrap_or(0),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    /// The tick that follows one due at 100 ms, in milliseconds; the period is 10 ms.
    #[track_caller]
    fn check(missed: MissedTicks, now: u32, next: u32) {
        let start = Instant::now();
        let at = missed.next(start + 100 * MS, start + now * MS, 10 * MS);
        assert_eq!(at - start, next * MS, "{missed:?} at {now}");
    }

    #[test]
    fn one_that_is_late_by_less_than_a_period_keeps_its_rhythm() {
        for missed in [
            MissedTicks::CatchUp(3),
            MissedTicks::Skip,
            MissedTicks::Delay,
        ] {
            for now in [100, 105, 109] {
                check(missed, now, 110);
            }
        }
    }

    #[test]
    fn missed_ticks_are_made_up_for_skipped_or_put_off() {
        check(MissedTicks::CatchUp(3), 110, 110);
        check(MissedTicks::CatchUp(3), 125, 110);
        check(MissedTicks::CatchUp(3), 130, 110);
        check(MissedTicks::Skip, 110, 120);
        check(MissedTicks::Skip, 125, 130);
        check(MissedTicks::Delay, 110, 120);
        check(MissedTicks::Delay, 125, 135);
    }

    #[test]
    fn no_more_ticks_are_made_up_for_than_allowed() {
        // 1000, 990 and 980 are left.
        check(MissedTicks::CatchUp(3), 1000, 980);
        check(MissedTicks::CatchUp(3), 1005, 980);
        check(MissedTicks::CatchUp(1), 1005, 1000);
        check(MissedTicks::CatchUp(0), 1005, 1010);
        check(MissedTicks::CatchUp(u32::MAX), 1005, 110);
    }

    #[test]
    fn no_period_is_too_long() {
        let now = Instant::now();
        for missed in [
            MissedTicks::CatchUp(3),
            MissedTicks::Skip,
            MissedTicks::Delay,
        ] {
            for period in [Duration::MAX, Duration::from_nanos(1), MS] {
                let far = now + Duration::from_secs(1_000_000_000);
                assert!(missed.next(now, far, period) >= now);
                assert!(missed.next(far, now, period) >= far);
            }
        }
    }
}
