//! Waiting for the end of a process, without being told of it by a message.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, Waker};

use super::block::{Phase, Process};
use super::schedule::in_any_order;
use crate::exit::ExitReason;
use crate::util::few::Few;
use crate::util::panic;

/// Ready when a process is dead and all those are told whom a link or a monitor tells.
///
/// Besides those who ask for the end by waiting for it, callers use it: nearly always a call fails by
/// its reply handle, which ends with the server; but the handle may be with another process by then. Since
/// that is rare, and a monitor for each call is dear, a caller begins to watch only when its call
/// is not answered soon.
pub(crate) struct Watch {
    process: Arc<dyn Process>,
    id: u64,
}

impl Watch {
    pub(crate) fn new(process: Arc<dyn Process>) -> Self {
        static WATCHES: AtomicU64 = AtomicU64::new(0);

        Self {
            process,
            id: WATCHES.fetch_add(1, Ordering::Relaxed),
        }
    }

    pub(crate) fn poll(&self, cx: &Context<'_>) -> Poll<ExitReason> {
        let waker = cx.waker().clone();
        // The waker that is replaced, or not needed, is dropped after the critical section.
        let (polled, _unused) = self.process.head().ties.with(|ties| match &ties.phase {
            Phase::Dead { reason, told: true } => (Poll::Ready(reason.clone()), Some(waker)),
            _ => (Poll::Pending, ties.wakers.insert(self.id, waker)),
        });
        polled
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let ties = &self.process.head().ties;
        drop(ties.with(|ties| ties.wakers.remove(&self.id)));
    }
}

/// Those who watch a process.
pub(crate) type Wakers = Few<u64, Waker>;

/// Tells them that it has ended.
pub(crate) fn wake(wakers: Wakers) {
    panic::each(in_any_order(wakers), |(_, waker)| waker.wake_by_ref());
}
