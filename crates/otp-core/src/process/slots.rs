//! The reply slots that a process keeps from one call to the next.

use std::any::Any;
use std::sync::Arc;

use super::slot::Slot;

/// How many slots are kept besides the one used last.
const OTHERS: usize = 3;

pub(crate) type AnySlot = Arc<dyn Any + Send + Sync>;

/// One slot for each type of answer used lately.
#[derive(Default)]
pub(crate) struct Slots {
    /// The one used last stands apart: most processes make one kind of call.
    last: Option<AnySlot>,
    others: Vec<AnySlot>,
}

impl Slots {
    #[inline]
    pub(crate) fn take<T: Send + 'static>(&mut self) -> Option<Arc<Slot<T>>> {
        match Arc::downcast(self.last.take()?) {
            Ok(slot) => Some(slot),
            Err(other) => {
                self.last = Some(other);
                let at = self.others.iter().position(|slot| slot.is::<Slot<T>>())?;
                Arc::downcast(self.others.swap_remove(at)).ok()
            }
        }
    }

    /// Keeps a slot; returns one that there is no room for.
    #[inline]
    pub(crate) fn keep<T: Send + 'static>(&mut self, slot: Arc<Slot<T>>) -> Option<AnySlot> {
        let before = self.last.replace(slot)?;
        if self.others.len() < OTHERS {
            self.others.push(before);
            return None;
        }
        Some(before)
    }
}
