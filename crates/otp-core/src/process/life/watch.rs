//! Waiting for the end of a process, without a message.

use std::cell::Cell;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, Waker};

use super::block::{Phase, Process};
use super::schedule::in_any_order;
use crate::exit::ExitReason;
use crate::util::few::Few;
use crate::util::panic;

/// Ready when a process is dead and all of its links and monitors have fired.
///
/// Callers use it, too. Nearly always a call fails by its reply handle, which ends with the server; but the handle may
/// be in another process. Since that is rare, and a monitor for each call is expensive, a caller begins to watch only
/// when its call is not answered soon.
pub(crate) struct Watch<P = Arc<dyn Process>>
where
    P: Deref<Target: Process>,
{
    process: P,
    /// The number under which a waker has been left with the process that may be there still.
    left: Option<u64>,
}

impl<P: Deref<Target: Process>> Watch<P> {
    pub(crate) fn new(process: P) -> Self {
        Self {
            process,
            left: None,
        }
    }

    pub(crate) fn poll(&mut self, cx: &Context<'_>) -> Poll<ExitReason> {
        if let Some(polled) = self.left.and_then(|number| self.look(number, cx.waker())) {
            return polled;
        }
        let waker = cx.waker().clone();
        let number = self.left.unwrap_or_else(next_number);
        // The waker that is replaced, or not needed, is dropped after the critical section.
        let (polled, _unused) = self.process.head().ties.with(|ties| match &ties.phase {
            Phase::Dead { reason, told: true } => (Poll::Ready(reason.clone()), Some(waker)),
            _ => (Poll::Pending, ties.wakers.insert(number, waker)),
        });
        self.left = polled.is_pending().then_some(number);
        polled
    }

    /// The same, where a waker was left; none if that is another one than is wanted now.
    fn look(&mut self, number: u64, waker: &Waker) -> Option<Poll<ExitReason>> {
        let ended = self.process.head().ties.with(|ties| match &ties.phase {
            Phase::Dead { reason, told: true } => Some(Poll::Ready(reason.clone())),
            _ => match ties.wakers.get(&number) {
                Some(left) if left.will_wake(waker) => Some(Poll::Pending),
                _ => None,
            },
        });
        if let Some(Poll::Ready(_)) = ended {
            // The process has taken out all the wakers.
            self.left = None;
        }
        ended
    }
}

impl<P: Deref<Target: Process>> Drop for Watch<P> {
    fn drop(&mut self) {
        if let Some(number) = self.left {
            let ties = &self.process.head().ties;
            drop(ties.with(|ties| ties.wakers.remove(&number)));
        }
    }
}

/// A number that no other watch has. Each thread gives out its own, so that threads that watch need not meet over that.
fn next_number() -> u64 {
    /// More than a thread will give out.
    const SHARE: u64 = 1 << 32;
    static SHARES: AtomicU64 = AtomicU64::new(0);
    thread_local! {
        static NEXT: Cell<u64> = const { Cell::new(0) };
    }

    // While the thread itself ends each gets a share.
    let next = NEXT.try_with(Cell::get).unwrap_or(0);
    let number = match next % SHARE {
        0 => SHARES.fetch_add(1, Ordering::Relaxed).wrapping_mul(SHARE) + 1,
        _ => next,
    };
    let _ = NEXT.try_with(|next| next.set(number + 1));
    number
}

/// The watchers of a process.
pub(crate) type Wakers = Few<u64, Waker>;

/// Wakes the tasks that wait for the end.
pub(crate) fn wake(wakers: Wakers) {
    panic::each(in_any_order(wakers), |(_, waker)| waker.wake_by_ref());
}
