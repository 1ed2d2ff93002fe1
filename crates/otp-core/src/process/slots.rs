//! The reply slots that a process keeps from one call to the next.

use std::any::Any;
use std::sync::Arc;

use super::slot::Slot;

/// How many slots are kept besides the one used last.
const OTHERS: usize = 3;

pub(crate) type AnySlot = Arc<dyn Any + Send + Sync>;

/// The slot used last, which stands apart: most processes make one kind of call.
///
/// With it stands whether the process's alarm covers the calls that use it, so that these need not look
/// at the alarm: it is far away in memory, and what a call looks at has to come from another core
/// whenever the process has moved there.
pub(crate) struct LastSlot {
    slot: Option<AnySlot>,
    /// What the slot's calls are covered by.
    cover: Cover,
    /// What would cover them now: another one after each change to the alarm.
    present: Cover,
}

/// A time in which nothing happened to a process's alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cover(u32);

impl Cover {
    /// That of a call for which the alarm was looked at.
    pub(crate) const NONE: Self = Self(0);
}

impl LastSlot {
    pub(crate) const fn new() -> Self {
        Self {
            slot: None,
            cover: Cover::NONE,
            present: Cover(1),
        }
    }

    /// The slot, if it is for this type, and what covers its calls.
    #[inline]
    pub(crate) fn take<T: Send + 'static>(&mut self) -> Option<(Arc<Slot<T>>, Cover)> {
        match Arc::downcast(self.slot.take()?) {
            Ok(slot) => Some((slot, self.cover)),
            Err(other) => {
                self.slot = Some(other);
                None
            }
        }
    }

    /// Keeps a slot in place of the one that is returned.
    #[inline]
    pub(crate) fn keep(&mut self, slot: AnySlot, cover: Cover) -> Option<AnySlot> {
        self.cover = cover;
        self.slot.replace(slot)
    }

    /// What covers calls now, if the alarm does.
    #[inline]
    pub(crate) fn present(&self) -> Cover {
        self.present
    }

    /// Whether this still covers calls.
    #[inline]
    pub(crate) fn holds(&self, cover: Cover) -> bool {
        self.present == cover
    }

    /// Something has happened to the alarm: no call is covered until that has been looked at again.
    pub(crate) fn uncover(&mut self) {
        self.present = Cover(self.present.0.wrapping_add(1).max(1));
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
