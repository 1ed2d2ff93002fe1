//! A reply slot for a single wait of a process: for the start of a server, or the value of a task.

use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use super::slot::Slot;
use crate::process::life::current;

/// A slot that the current process has lent for one answer, and takes back if it is the only holder at the end. So a
/// process that often waits in this way reuses one slot.
pub(crate) struct Lent<T: Send + 'static>(Option<Arc<Slot<T>>>);

impl<T: Send + 'static> Lent<T> {
    pub(crate) fn new() -> Self {
        // The process is the one to wake. If it waits with another waker, the poll notices it.
        let slot = current::with(|current| {
            let kept = current.take_slot().map(|(slot, _)| slot);
            kept.or_else(|| {
                let client = Some(current.process.head().pid);
                Some(Arc::new(Slot::of(client, &current.process.waker()?)))
            })
        });
        Self(Some(
            slot.flatten()
                .unwrap_or_else(|| Arc::new(Slot::new(Waker::noop()))),
        ))
    }

    /// For the process that answers.
    pub(crate) fn share(&self) -> Arc<Slot<T>> {
        let slot = self.0.as_ref();
        slot.expect("it is shared before it is waited for").clone()
    }

    /// Waits for the answer; `None` when there will be none, or it has been taken.
    pub(crate) fn poll(&mut self, cx: &Context<'_>) -> Poll<Option<T>> {
        let Some(slot) = &mut self.0 else {
            return Poll::Ready(None);
        };
        match slot.take() {
            Some(answer) => {
                give_back(self.0.take());
                Poll::Ready(Some(answer))
            }
            None => slot.poll(cx),
        }
    }
}

/// Gives an unused slot back to the current process.
fn give_back<T: Send + 'static>(slot: Option<Arc<Slot<T>>>) {
    // The value that is returned is dropped when nothing is borrowed any more.
    let _evicted = current::with(|current| slot.and_then(|slot| current.keep_slot(slot, false)));
}

impl<T: Send + 'static> Drop for Lent<T> {
    fn drop(&mut self) {
        if let Some(mut slot) = self.0.take()
            && slot.reuse()
        {
            give_back(Some(slot));
        }
    }
}
