//! When a time-out is due.

use std::time::Duration;

use tokio::time::Instant;

use super::core::RingTime;
use crate::time_limit::TimeLimit;
use crate::timer::far_future;

/// The time of a time-out of a state machine. A [`Duration`], an [`Instant`] and a [`TimeLimit`] convert into one.
///
/// # OTP
///
/// The time in a time-out action.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use otp_core::TimeLimit;
/// use otp_core::state_machine::Due;
///
/// assert_eq!(Due::from(Duration::from_secs(3)), Due::After(Duration::from_secs(3)));
/// assert_eq!(Due::from(TimeLimit::Infinity), Due::Never);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// After this time. With zero it comes before any message, also before those that wait already.
    After(Duration),
    /// At this instant; OTP's `{abs, true}`. If the instant has passed, the time-out comes behind the messages that
    /// wait.
    At(Instant),
    /// Never: the time-out is cancelled; OTP's `infinity` and `cancel`.
    Never,
    /// At the time of the running time-out, which gets the new name; OTP's `update`. It is for names with a part that
    /// their `Eq` ignores. If no time-out runs, it counts as a time of zero.
    Update,
}

impl From<Duration> for Due {
    fn from(delay: Duration) -> Self {
        Self::After(delay)
    }
}

impl From<Instant> for Due {
    fn from(at: Instant) -> Self {
        Self::At(at)
    }
}

impl From<TimeLimit> for Due {
    fn from(limit: TimeLimit) -> Self {
        limit.duration().map_or(Self::Never, Self::After)
    }
}

impl From<Due> for RingTime<Instant> {
    fn from(due: Due) -> Self {
        match due {
            Due::After(delay) if delay.is_zero() => Self::Zero,
            Due::After(delay) => Self::Later(far_future(delay)),
            Due::At(at) => Self::Later(at),
            Due::Never => Self::Never,
            Due::Update => Self::Update,
        }
    }
}
