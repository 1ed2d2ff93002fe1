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
    /// One that its callee has answered and not let go of when its call ended.
    shared: Option<AnySlot>,
}

impl Slots {
    #[inline]
    pub(crate) fn take<T: Send + 'static>(&mut self) -> Option<Arc<Slot<T>>> {
        let Some(last) = self.last.take() else {
            return self.take_shared();
        };
        match Arc::downcast(last) {
            Ok(slot) => Some(slot),
            Err(other) => {
                self.last = Some(other);
                match self.others.iter().position(|slot| slot.is::<Slot<T>>()) {
                    Some(at) => Arc::downcast(self.others.swap_remove(at)).ok(),
                    None => self.take_shared(),
                }
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

    /// Keeps a slot that is not ready yet; returns one that there is no room for.
    #[cold]
    pub(crate) fn keep_shared<T: Send + 'static>(&mut self, slot: Arc<Slot<T>>) -> Option<AnySlot> {
        self.shared.replace(slot)
    }

    /// That one, if it is ready by now.
    #[cold]
    fn take_shared<T: Send + 'static>(&mut self) -> Option<Arc<Slot<T>>> {
        let mut slot = Arc::downcast(self.shared.take()?).ok()?;
        Slot::reuse(&mut slot).then_some(slot)
    }
}
