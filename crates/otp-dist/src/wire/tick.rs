//! When an idle connection needs a sign of life, and when a silent peer is down.

use std::time::{Duration, Instant};

/// The two clocks of a connection: when something was last written, and when something was last read.
///
/// It is told of each write and each read, and asked with the time what is to be done. It reads no clock.
///
/// # OTP
///
/// `net_ticktime` with a tick intensity of 4: a tick is due after a quarter of the tick time without a write. A peer is down after
/// the tick time without a read.
///
/// # Differences from OTP
///
/// A BEAM counts in whole quarters and so notices the loss after 0.75 to 1.25 of the tick time. Here it is the tick time itself.
///
/// # Examples
///
/// ```
/// use otp_dist::wire::tick::{Due, Ticker};
/// use std::time::{Duration, Instant};
///
/// let start = Instant::now();
/// let mut ticker = Ticker::new(Duration::from_secs(60), start);
/// assert_eq!(ticker.due(start), Due::At(start + Duration::from_secs(15)));
///
/// let later = start + Duration::from_secs(15);
/// assert_eq!(ticker.due(later), Due::Tick);
/// ticker.wrote(later);
///
/// let late = start + Duration::from_secs(60);
/// assert_eq!(ticker.due(late), Due::Down);
/// ```
#[derive(Debug, Clone)]
pub struct Ticker {
    time: Duration,
    wrote: Instant,
    read: Instant,
}

/// What is to be done about a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// Nothing before this time.
    At(Instant),
    /// A tick is to be written, and then [`Ticker::wrote`] to be told.
    Tick,
    /// The peer is down.
    Down,
}

impl Ticker {
    /// Starts both clocks of a connection with this tick time.
    #[must_use]
    pub fn new(time: Duration, now: Instant) -> Self {
        Self {
            time,
            wrote: now,
            read: now,
        }
    }

    /// Takes note of a write. The bytes must have been taken by the connection: what waits in a buffer of ours is no sign of life.
    pub fn wrote(&mut self, now: Instant) {
        self.wrote = self.wrote.max(now);
    }

    /// Takes note of a read of at least one byte.
    pub fn read(&mut self, now: Instant) {
        self.read = self.read.max(now);
    }

    /// Tells what is to be done now, or when to ask again.
    ///
    /// The time that it names moves only backwards by nothing and forwards by reads and writes, so a timer may be late by them: the
    /// owner asks again when the timer fires.
    #[must_use]
    pub fn due(&self, now: Instant) -> Due {
        // A time beyond the clock's range never comes.
        let down = self.read.checked_add(self.time);
        if down.is_some_and(|down| down <= now) {
            return Due::Down;
        }
        let tick = self.wrote.checked_add(self.time / 4);
        if tick.is_some_and(|tick| tick <= now) {
            return Due::Tick;
        }
        let next = down.into_iter().chain(tick).min();
        Due::At(next.unwrap_or(now + Duration::from_secs(86_400)))
    }
}
