//! The reply slots that a process keeps from one call to the next.

use std::any::Any;
use std::sync::Arc;

use super::slot::Slot;

/// How many slots are kept besides the one used last: most processes make one kind of call.
const OTHERS: usize = 3;

pub(crate) type AnySlot = Arc<dyn Any + Send + Sync>;

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
