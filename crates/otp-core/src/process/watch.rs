//! Waiting for the end of a process, without being told of it by a message.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, Waker};

use super::block::{Phase, Process};
use super::schedule::in_any_order;
use crate::exit::ExitReason;
use crate::few::Few;

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
        let mut ties = self.process.head().ties.lock();
        if let Phase::Dead { reason, told: true } = &ties.phase {
            return Poll::Ready(reason.clone());
        }
        ties.wakers.insert(self.id, cx.waker().clone());
        Poll::Pending
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.process.head().ties.lock().wakers.remove(&self.id);
    }
}

/// Those who watch a process.
pub(crate) type Wakers = Few<u64, Waker>;

/// Tells them that it has ended.
pub(crate) fn wake(wakers: Wakers) {
    in_any_order(wakers).for_each(|(_, waker)| waker.wake());
}
