//! How long a process may receive before it yields.
//!
//! The mailbox is not part of tokio's cooperative budget. So a process yields after a number of messages that is
//! adapted to their time: about [`TURN`] altogether. The clock is read only when the process yields, and when it
//! continues.

use std::cell::Cell;
use std::future::Future;
use std::pin::pin;
use std::sync::LazyLock;
use std::task::Context;
use std::time::{Duration, Instant};

#[cfg(feature = "explore")]
use crate::process::life::schedule;

/// How long a process may use its thread at a time while others are ready.
const TURN: Duration = Duration::from_micros(100);

/// The most messages of a turn, and how many it has before it is known how long they take.
const MOST: u8 = u8::MAX;

/// The share of a process whose order is drawn from a seed: it makes a further check before each message.
#[cfg(feature = "explore")]
const DRAWN: u8 = 0;

/// The process has yielded, and continues at its next receive.
const YIELDED: u32 = u32::MAX;

/// Small, as each idle server has one.
pub(crate) struct Pace {
    /// Messages received in this turn.
    streak: u8,
    /// How many messages a turn has.
    share: u8,
    /// The mailbox has a limit, and senders may wait for room. The flag is here because this struct has unused bytes.
    bounded: Cell<bool>,
    /// When the turn began, in microseconds; [`YIELDED`] between two turns. If the process waits within a turn, the time
    /// of the wait is included. So one measure may be wrong, and changes the share by no more than half.
    since: u32,
}

impl Pace {
    pub(crate) fn new() -> Self {
        Self {
            streak: 0,
            #[cfg(not(feature = "explore"))]
            share: MOST,
            #[cfg(feature = "explore")]
            share: if schedule::is_drawn() { DRAWN } else { MOST },
            bounded: Cell::new(false),
            since: 0,
        }
    }

    /// Whether the next message needs no further check before it is received.
    #[inline(always)]
    pub(super) fn is_within(&self) -> bool {
        self.streak < self.share
    }

    /// A message is received, or something else is done that counts as much.
    #[inline(always)]
    pub(super) fn count(&mut self) {
        // There is a check in between.
        self.streak = self.streak.wrapping_add(1);
    }

    /// The process waits, so that others have their turn.
    #[inline(always)]
    pub(super) fn rest(&mut self) {
        self.streak = 0;
    }

    /// There was no message, and the process continues nevertheless: that counts, too.
    pub(super) fn go_on(&mut self, before: u8) {
        self.streak = before.saturating_add(1);
    }

    pub(super) fn streak(&self) -> u8 {
        self.streak
    }

    #[inline(always)]
    pub(super) fn is_bounded(&self) -> bool {
        self.bounded.get()
    }

    /// The mailbox has a limit from now on, or has none.
    pub(crate) fn set_bounded(&self, bounded: bool) {
        self.bounded.set(bounded);
    }

    /// Whether the process has to yield before the next message; then it is woken when others have had their turn.
    #[cold]
    pub(super) fn yields(&mut self, cx: &mut Context<'_>) -> bool {
        if self.since == YIELDED {
            self.since = micros();
            self.streak = 0;
            return false;
        }
        #[cfg(feature = "explore")]
        if self.share == DRAWN && !schedule::interrupts() {
            return false;
        }
        self.fit(micros().wrapping_sub(self.since));
        self.since = YIELDED;
        // Behind all tasks that are ready, as tokio does it. A wake by the process itself would put it at the end of
        // the same queue, where it runs again after each of them has run once.
        let _pending = pin!(tokio::task::yield_now()).poll(cx);
        true
    }

    /// Fits the share to the time that this turn took.
    fn fit(&mut self, took: u32) {
        #[cfg(feature = "explore")]
        if self.share == DRAWN {
            return;
        }
        let turn = u32::try_from(TURN.as_micros()).unwrap_or(u32::MAX);
        let fitting = u32::from(self.share).saturating_mul(turn) / took.max(1);
        let fitting = u8::try_from(fitting).unwrap_or(MOST);
        self.share = fitting
            .clamp(self.share / 2, self.share.saturating_mul(2))
            .max(1);
    }
}

/// The time in microseconds. It wraps around about once in an hour.
#[allow(clippy::cast_possible_truncation, reason = "only differences count")]
fn micros() -> u32 {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);

    (START.elapsed().as_micros() as u32).min(YIELDED - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The share after turns whose messages took so long each.
    fn share_after(turns: u32, micros_each: u32) -> u8 {
        let mut pace = Pace::new();
        for _ in 0..turns {
            pace.fit(u32::from(pace.share) * micros_each);
        }
        pace.share
    }

    #[test]
    fn a_turn_has_as_many_messages_as_fit_its_time() {
        assert_eq!(share_after(1, 0), MOST);
        assert_eq!(share_after(10, 1), 100);
        assert_eq!(share_after(10, 10), 10);
        assert_eq!(share_after(10, 1_000), 1);
        assert_eq!(share_after(1, 1_000), MOST / 2, "one measure may be wrong");
    }

    #[test]
    fn quick_messages_have_long_turns_again() {
        let mut pace = Pace::new();
        for _ in 0..10 {
            pace.fit(100_000);
        }
        assert_eq!(pace.share, 1);
        for _ in 0..10 {
            pace.fit(1);
        }
        assert_eq!(pace.share, MOST);
    }
}
