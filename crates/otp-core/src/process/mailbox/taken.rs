//! How much of a mailbox its owner has taken out of the shared queue.

use std::sync::atomic::Ordering;

use crate::util::sync::AtomicUsize;

/// How many items the owner has swapped out and not handled yet; whether it waits for another one; and, for a mailbox
/// with a limit, whether senders wait for room.
///
/// Only the owner changes the number, and only senders set the mark, under the lock of the queue. Both are in one word:
/// so an owner that makes room either sees the mark, or the sender that sets it sees the room.
pub(crate) struct Taken(AtomicUsize);

const AWAITED: usize = 1 << (usize::BITS - 1);
/// Added to the number while the owner waits for an item. The number is written anew in any case when it takes one.
pub(super) const RECEIVING: usize = 1 << (usize::BITS - 2);
const COUNT: usize = !(AWAITED | RECEIVING);

impl Taken {
    pub(crate) fn new() -> Self {
        Self(AtomicUsize::new(0))
    }

    pub(crate) fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed) & COUNT
    }

    /// Whether the owner waits for an item.
    pub(crate) fn is_receiving(&self) -> bool {
        self.0.load(Ordering::Relaxed) & RECEIVING != 0
    }

    /// Sets the number where no sender can wait: the mailbox has no limit.
    #[inline(always)]
    pub(super) fn store(&self, count: usize) {
        self.0.store(count, Ordering::Relaxed);
    }

    /// Sets the number in a mailbox with a limit. True if a sender waits for room.
    pub(crate) fn change(&self, count: usize) -> bool {
        let mine = self.0.load(Ordering::Relaxed) & !AWAITED;
        // It wraps around, and leaves the mark as it is.
        let before = self.0.fetch_add(count.wrapping_sub(mine), Ordering::AcqRel);
        before & AWAITED != 0
    }

    /// Marks that a sender waits, so that the owner sees it. Returns the number at this moment.
    pub(super) fn mark(&self) -> usize {
        self.0.fetch_or(AWAITED, Ordering::AcqRel) & COUNT
    }

    pub(super) fn unmark(&self) {
        self.0.fetch_and(!AWAITED, Ordering::AcqRel);
    }
}
