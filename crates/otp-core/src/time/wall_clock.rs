//! The clock of the time of day.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};

use tokio::time::Instant;

use super::after;
use crate::util::lock::Lock;

/// The clock of the time of day, with timers that send messages at a moment of this clock.
///
/// The other timers of the [module](crate::timer) use a monotonic clock. That clock cannot be set, which is right for "in five
/// minutes". It has no time of day, and on most systems it stands still while the machine sleeps. A timer for "at
/// 15:17" needs the wall clock, which continues during a sleep, and which people and time servers set.
///
/// A timer of the wall clock fires when the clock shows its moment:
///
/// - After a jump forward past the moment, or a sleep of the machine, it fires within a second of the jump, or of waking.
/// - After a jump backward it waits until the moment comes, or comes again.
/// - If its moment has passed when it is started, it fires at once. A moment may be any [`SystemTime`].
///
/// These timers fire in the order of their moments, and timers with the same moment in the order in which they were
/// started. Otherwise they are like other timers: [`TimerRef::cancel`](crate::TimerRef::cancel) and [`TimerRef::read`](crate::TimerRef::read) return the time
/// that is left by the wall clock, the timers end with their destination, and
/// [`system_info`](crate::Node::system_info) counts them.
///
/// # The second
///
/// No system offers a portable notification that the clock was set or that the machine has slept. So, as long as there
/// are such timers, a node reads the clock as each of its seconds begins, and in between when the first of them is due.
/// One reading serves all timers: a node with 100,000 alarms reads the clock as often as a node with one. A shorter
/// period would wake an idle processor more often to gain a part of a second after a sleep. With a longer one, users
/// would notice the delay of an alarm after they open a laptop.
///
/// # OTP
///
/// `calendar:universal_time/0` beside `erlang:send_after/4`.
///
/// # Differences from OTP
///
/// OTP has no timers by the wall clock. Its absolute times, `{abs, true}`, are on the monotonic clock, as those of
/// [`timer::send_at`](crate::timer::send_at). Programs there compute a delay from the system time. Such a timer is late by the
/// time slept, or early by a jump backward, unless the program watches `erlang:monitor(time_offset, clock_service)` and
/// starts the timer again.
///
/// # Examples
///
/// ```
/// use std::time::{Duration, SystemTime};
///
/// use otp_core::timer::{ManualClock, WallClock};
/// use otp_core::{Mailbox, Node};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// let hour = |hour| SystemTime::UNIX_EPOCH + hour * Duration::from_secs(3600);
/// // In a program `WallClock::system()`; in a test one that is set by hand.
/// let hands = ManualClock::new(hour(0));
/// let clock = hands.clock();
/// let night = Node::new().run_with(move |mut mailbox: Mailbox<&'static str>| async move {
///     clock.send_at(mailbox.me(), hour(8), "get up");
///     assert_eq!(mailbox.receive().await, "get up");
///     clock.now()
/// });
/// // The clock is set.
/// hands.set(hour(5));
/// assert_eq!(night.await, Ok(hour(8)));
/// # }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct WallClock(ClockSource);

#[derive(Clone)]
enum ClockSource {
    System,
    Manual(Arc<Lock<ClockHands>>),
}

/// The last reading of a clock that is set by hand, and its time.
struct ClockHands {
    shown: SystemTime,
    at: Instant,
}

/// The interval at which the clock is read to detect jumps.
const LOOK: Duration = Duration::from_secs(1);

impl WallClock {
    /// The clock of the system.
    ///
    /// In a test that pauses or advances tokio's clock, this one goes along with it, exactly, and does not jump.
    #[must_use]
    pub const fn system() -> Self {
        Self(ClockSource::System)
    }

    /// The time that the clock shows.
    #[must_use]
    pub fn now(&self) -> SystemTime {
        match &self.0 {
            ClockSource::System => moved().map_or_else(SystemTime::now, along),
            ClockSource::Manual(hands) => hands.with(|hands| hands.now()),
        }
    }

    /// The time until the clock shows `due`, unless it jumps.
    pub(crate) fn left(&self, due: SystemTime) -> Duration {
        due.duration_since(self.now()).unwrap_or_default()
    }

    /// When the clock must be read for a timer: as its next second begins, or when the timer is due. `now`, if that has
    /// passed.
    pub(crate) fn next_look(&self, due: SystemTime, now: Instant) -> Instant {
        let shown = self.now();
        let left = due.duration_since(shown).unwrap_or_default();
        let step = match self.may_jump() {
            true => left.min(until_next_second(shown)),
            false => left,
        };
        after(now, step)
    }

    /// False for a clock that is counted by a clock that a test has moved: there a year can pass at once, and would be
    /// read second by second.
    fn may_jump(&self) -> bool {
        self.0 != ClockSource::System || moved().is_none()
    }
}

/// The time of tokio's clock, if a test has paused or moved it. Only then it is outside of the interval between two
/// readings of the system's clock.
fn moved() -> Option<std::time::Instant> {
    let before = std::time::Instant::now();
    let tokio = Instant::now().into_std();
    let behind = std::time::Instant::now();
    (tokio < before || tokio > behind).then_some(tokio)
}

/// The system's time at the first question, plus the time that has passed since then by tokio's clock.
fn along(tokio: std::time::Instant) -> SystemTime {
    static BEGIN: OnceLock<(SystemTime, std::time::Instant)> = OnceLock::new();

    let (system, std) = BEGIN.get_or_init(|| (SystemTime::now(), std::time::Instant::now()));
    let moment = match tokio.checked_duration_since(*std) {
        Some(ahead) => system.checked_add(ahead),
        None => system.checked_sub(std.saturating_duration_since(tokio)),
    };
    moment.unwrap_or(*system)
}

fn until_next_second(shown: SystemTime) -> Duration {
    match shown.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) => LOOK - Duration::from_nanos(since.subsec_nanos().into()),
        Err(before) => match before.duration().subsec_nanos() {
            0 => LOOK,
            nanos => Duration::from_nanos(nanos.into()),
        },
    }
}

impl ClockHands {
    /// A clock that has reached the last moment of a `SystemTime` stops.
    fn now(&self) -> SystemTime {
        let passed = Instant::now().saturating_duration_since(self.at);
        self.shown.checked_add(passed).unwrap_or(self.shown)
    }
}

impl PartialEq for ClockSource {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::System, Self::System) => true,
            (Self::Manual(one), Self::Manual(other)) => Arc::ptr_eq(one, other),
            _ => false,
        }
    }
}

impl Eq for ClockSource {}

impl fmt::Debug for WallClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            ClockSource::System => "WallClock(system)",
            ClockSource::Manual(_) => "WallClock(manual)",
        })
    }
}

/// Sets a wall clock in a test. The clock runs as tokio's clock does, paused or not, and jumps when it is set.
///
/// Clones set the same clock. Its timers notice a jump within a second, as those of the system's clock do.
///
/// # Examples
///
/// ```
/// use std::time::{Duration, SystemTime};
///
/// use otp_core::timer::ManualClock;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// let noon = SystemTime::UNIX_EPOCH + Duration::from_secs(12 * 3600);
/// let hands = ManualClock::new(noon);
/// let clock = hands.clock();
/// tokio::time::sleep(Duration::from_secs(60)).await;
/// assert_eq!(clock.now(), noon + Duration::from_secs(60));
/// hands.set(noon);
/// assert_eq!(clock.now(), noon);
/// # }
/// ```
#[derive(Clone)]
pub struct ManualClock(Arc<Lock<ClockHands>>);

impl ManualClock {
    /// Makes a clock that shows `now`.
    #[must_use]
    pub fn new(now: SystemTime) -> Self {
        let at = Instant::now();
        Self(Arc::new(Lock::new(ClockHands { shown: now, at })))
    }

    /// The clock that these hands set.
    #[must_use]
    pub fn clock(&self) -> WallClock {
        WallClock(ClockSource::Manual(self.0.clone()))
    }

    /// Sets the clock to a moment, forward or backward.
    pub fn set(&self, now: SystemTime) {
        let at = Instant::now();
        self.0.with(|hands| *hands = ClockHands { shown: now, at });
    }
}

impl fmt::Debug for ManualClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ManualClock")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_second_begins_within_a_second_whatever_the_clock_shows() {
        let epoch = SystemTime::UNIX_EPOCH;
        let ms = Duration::from_millis;
        for (shown, expected) in [
            (epoch, 1000),
            (epoch + ms(1), 999),
            (epoch + ms(1_999), 1),
            (epoch - ms(1), 1),
            (epoch - ms(999), 999),
            (epoch - ms(5_000), 1000),
        ] {
            assert_eq!(until_next_second(shown), ms(expected), "{shown:?}");
        }
    }
}
