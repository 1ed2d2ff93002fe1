//! Whether a node is observed, since when, and in which of its observations.

use std::sync::atomic::Ordering;

use crate::node::Node;
use crate::util::lock::Lock;
use crate::util::sync::{AtomicU32, AtomicU64};

/// The present observation of a node, which is one for all observers, from the first to the last.
///
/// One number tells whether there is one and which: a thread that sees the observation cannot count for the one before.
#[derive(Default)]
pub(crate) struct Observed {
    /// How many there are. The thread that begins or ends the observation holds the lock until all processes follow, so that an
    /// observer that is not the first one does not go on before that.
    observers: Lock<usize>,
    /// Odd during an observation: it grows by one at each begin and each end.
    era: AtomicU32,
    /// When the present one began.
    began: AtomicU64,
}

impl Observed {
    /// One more observes the node, from the time `now` on if it is the first one.
    pub(crate) fn begin(&self, node: &Node, now: u64) {
        self.observers.with(|observers| {
            *observers += 1;
            if *observers == 1 {
                // Before the era, so that a thread that sees the era sees when it began.
                self.began.store(now, Ordering::Relaxed);
                self.turn(node, true);
            }
        });
    }

    /// One observes the node no longer.
    pub(crate) fn end(&self, node: &Node) {
        self.observers.with(|observers| {
            *observers -= 1;
            if *observers == 0 {
                self.turn(node, false);
            }
        });
    }

    fn turn(&self, node: &Node, on: bool) {
        self.era.fetch_add(1, Ordering::Release);
        node.each(|process| process.head().set_counted(on));
    }

    pub(crate) fn is_now(&self) -> bool {
        self.present().is_some()
    }

    /// The number of the present observation.
    pub(crate) fn present(&self) -> Option<u32> {
        Some(self.era.load(Ordering::Acquire)).filter(|era| era % 2 == 1)
    }

    /// When the present one began, for a thread that has seen that there is one.
    pub(crate) fn began(&self) -> u64 {
        self.began.load(Ordering::Relaxed)
    }

    /// A number that changes with each begin and each end; 0 if the node has never been observed.
    #[inline]
    pub(crate) fn era(&self) -> u32 {
        self.era.load(Ordering::Relaxed)
    }
}
