//! The reply slots that a process keeps from one call to the next.

use std::any::Any;
use std::sync::Arc;

use super::slot::Slot;

/// How many slots are kept besides the one used last: most processes make one kind of call.
const OTHERS: usize = 3;

pub(crate) type AnySlot = Arc<dyn Any + Send + Sync>;

/// A slot, and whether its waker is the one of the process's task.
pub(crate) type KeptSlot<S> = (Arc<S>, bool);

/// The slots for other types of answer used lately.
#[derive(Default)]
pub(crate) struct OtherSlots(Vec<KeptSlot<dyn Any + Send + Sync>>);

impl OtherSlots {
    pub(crate) fn take<T: Send + 'static>(&mut self) -> Option<KeptSlot<Slot<T>>> {
        let at = self.0.iter().position(|(slot, _)| slot.is::<Slot<T>>())?;
        let (slot, wakes_task) = self.0.swap_remove(at);
        Some((Arc::downcast(slot).ok()?, wakes_task))
    }

    /// Keeps a slot; returns it if there is no room.
    pub(crate) fn keep(&mut self, slot: AnySlot, wakes_task: bool) -> Option<AnySlot> {
        if self.0.len() < OTHERS {
            self.0.push((slot, wakes_task));
            return None;
        }
        Some(slot)
    }
}
