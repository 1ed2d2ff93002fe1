//! A reply slot for what a process waits for once: the start of a server, the value of a task.

use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use super::slot::Slot;
use crate::process::life::current;

/// A slot that the current process has lent for one answer, and gets back if nobody else holds it by then. So a process that
/// waits for such things all day has a slot to spare.
pub(crate) struct Lent<T: Send + 'static>(Option<Arc<Slot<T>>>);

impl<T: Send + 'static> Lent<T> {
    pub(crate) fn new() -> Self {
        // The process is to be woken. If it waits in some other way, that is seen when it does.
        let slot = current::with(|current| {
            let kept = current.take_slot().map(|(slot, _)| slot);
            kept.or_else(|| Some(Arc::new(Slot::new(&current.process.waker()?))))
        });
        Self(Some(
            slot.flatten()
                .unwrap_or_else(|| Arc::new(Slot::new(Waker::noop()))),
        ))
    }

    /// For the one who answers.
    pub(crate) fn share(&self) -> Arc<Slot<T>> {
        self.slot().clone()
    }

    /// Waits for the answer; `None` when there will be none.
    pub(crate) fn poll(&mut self, cx: &Context<'_>) -> Poll<Option<T>> {
        match self.0.as_mut().and_then(Slot::take) {
            Some(answer) => Poll::Ready(Some(answer)),
            None => self.slot().poll(cx),
        }
    }

    fn slot(&self) -> &Arc<Slot<T>> {
        self.0
            .as_ref()
            .expect("the slot stays until this is dropped")
    }
}

impl<T: Send + 'static> Drop for Lent<T> {
    fn drop(&mut self) {
        let kept = self
            .0
            .take()
            .and_then(|mut slot| slot.reuse().then_some(slot));
        // What falls out is dropped when nothing is borrowed any more.
        let _evicted =
            current::with(|current| kept.and_then(|slot| current.keep_slot(slot, false)));
    }
}
