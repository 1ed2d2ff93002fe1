//! What a server has done since it is counted.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use super::event::SysEvent;

/// What a server has done since its statistics were turned on.
///
/// OTP: what `sys:statistics(Name, get)` returns.
///
/// # Differences from OTP
///
/// There are no reductions. The work done shows in the polls of the server's task and in the time that
/// they took.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Statistics {
    /// When they were turned on.
    pub start_time: Instant,
    /// When they were asked for.
    pub current_time: Instant,
    /// Messages taken to be handled: calls, casts, infos and timeouts.
    pub messages_in: u64,
    /// Calls answered by the callback that handled them.
    pub messages_out: u64,
    /// How often the server's task was polled; the present poll is not counted yet.
    pub polls: u64,
    /// How long these polls took, by the clock on the wall.
    pub busy: Duration,
}

/// The work of a server, counted from outside of what works.
#[derive(Debug, Default)]
pub(crate) struct Work {
    polls: AtomicU64,
    nanoseconds: AtomicU64,
}

impl Work {
    /// Counts one poll.
    pub(crate) fn measure<T>(&self, poll: impl FnOnce() -> T) -> T {
        let begun = std::time::Instant::now();
        let polled = poll();
        let took = u64::try_from(begun.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.polls.fetch_add(1, Ordering::Relaxed);
        self.nanoseconds.fetch_add(took, Ordering::Relaxed);
        polled
    }

    fn done(&self) -> (u64, u64) {
        let polls = self.polls.load(Ordering::Relaxed);
        (polls, self.nanoseconds.load(Ordering::Relaxed))
    }
}

/// Statistics that are turned on.
#[derive(Debug)]
pub(crate) struct Gathered {
    start_time: Instant,
    messages_in: u64,
    messages_out: u64,
    /// The work that had been done before.
    before: (u64, u64),
}

impl Gathered {
    pub(crate) fn since_now(work: &Work) -> Self {
        Self {
            start_time: Instant::now(),
            messages_in: 0,
            messages_out: 0,
            before: work.done(),
        }
    }

    pub(crate) fn count(&mut self, event: &SysEvent) {
        match event {
            SysEvent::In { .. } => self.messages_in += 1,
            SysEvent::Out { .. } => self.messages_out += 1,
            SysEvent::Continue | SysEvent::NoReply { .. } => {}
        }
    }

    pub(crate) fn until_now(&self, work: &Work) -> Statistics {
        let (polls, nanoseconds) = work.done();
        Statistics {
            start_time: self.start_time,
            current_time: Instant::now(),
            messages_in: self.messages_in,
            messages_out: self.messages_out,
            polls: polls - self.before.0,
            busy: Duration::from_nanos(nanoseconds - self.before.1),
        }
    }
}
