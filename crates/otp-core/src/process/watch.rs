//! Callers that wait long enough to watch over the end of the process they wait for.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use super::block::{Phase, Process};
use crate::exit::ExitReason;

/// Wakes a caller when the process ends that it has called.
///
/// Nearly always a call fails by its reply handle, which ends with the server. But the handle may be with
/// another process by then. Since that is rare and a monitor for each call is dear, a caller begins to
/// watch only when its call is not answered soon.
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

    /// The reason why the process has ended; or the task is woken when it does.
    pub(crate) fn poll(&self, cx: &Context<'_>) -> Poll<ExitReason> {
        let mut ties = self.process.head().ties.lock();
        if let Phase::Dead(reason) = &ties.phase {
            return Poll::Ready(reason.clone());
        }
        ties.more().callers.insert(self.id, cx.waker().clone());
        Poll::Pending
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if let Some(more) = self.process.head().ties.lock().existing() {
            more.callers.remove(&self.id);
        }
    }
}
