//! The reply slots that a process keeps from one call to the next.

use std::any::Any;
use std::sync::Arc;

use super::slot::Slot;

/// How many slots are kept besides the one used last.
const OTHERS: usize = 3;

pub(crate) type AnySlot = Arc<dyn Any + Send + Sync>;

/// The slot used last, which stands apart: most processes make one kind of call.
pub(crate) struct LastSlot {
    slot: Option<AnySlot>,
    /// The slot's waker is the one of the process's task.
    wakes_task: bool,
}

impl LastSlot {
    pub(crate) const fn new() -> Self {
        Self {
            slot: None,
            wakes_task: false,
        }
    }

    /// The slot, if it is for this type, and whether its waker is the task's.
    #[inline]
    pub(crate) fn take<T: Send + 'static>(&mut self) -> Option<(Arc<Slot<T>>, bool)> {
        match Arc::downcast(self.slot.take()?) {
            Ok(slot) => Some((slot, self.wakes_task)),
            Err(other) => {
                self.slot = Some(other);
                None
            }
        }
    }

    /// Keeps a slot in place of the one that is returned.
    #[inline]
    pub(crate) fn keep(&mut self, slot: AnySlot, wakes_task: bool) -> Option<AnySlot> {
        self.wakes_task = wakes_task;
        self.slot.replace(slot)
    }
}

/// The slots for other types of answer used lately.
#[derive(Default)]
pub(crate) struct OtherSlots(Vec<AnySlot>);

impl OtherSlots {
    pub(crate) fn take<T: Send + 'static>(&mut self) -> Option<Arc<Slot<T>>> {
        let at = self.0.iter().position(|slot| slot.is::<Slot<T>>())?;
        Arc::downcast(self.0.swap_remove(at)).ok()
    }

    /// Keeps a slot; returns it if there is no room.
    pub(crate) fn keep(&mut self, slot: AnySlot) -> Option<AnySlot> {
        if self.0.len() < OTHERS {
            self.0.push(slot);
            return None;
        }
        Some(slot)
    }
}
