//! The load of a server by other nodes: their messages that wait in its mailbox.

use std::collections::VecDeque;

use parking_lot::Mutex;

/// How much may wait in the mailbox of an exposed server before it takes no more from other nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LoadLimit {
    pub(crate) messages: usize,
    /// Their bytes as they arrived, without the size of the decoded values.
    pub(crate) bytes: usize,
}

impl Default for LoadLimit {
    fn default() -> Self {
        Self {
            messages: 1 << 20,
            bytes: 256 << 20,
        }
    }
}

/// The sizes of the messages that were admitted and may still wait, the oldest first.
#[derive(Default)]
pub(crate) struct Load(Mutex<Sizes>);

#[derive(Default)]
struct Sizes {
    sizes: VecDeque<usize>,
    bytes: usize,
}

impl Load {
    /// Whether a message of this size is admitted while `waiting` messages wait. These include messages of this node,
    /// so handled messages are forgotten late at worst.
    pub(crate) fn admits(&self, waiting: usize, size: usize, limit: LoadLimit) -> bool {
        let mut load = self.0.lock();
        while load.sizes.len() > waiting {
            let handled = load.sizes.pop_front().unwrap_or_default();
            load.bytes -= handled;
        }
        let is_full = waiting >= limit.messages
            // One that is larger than the limit gets into an empty mailbox.
            || load.bytes > 0 && load.bytes.saturating_add(size) > limit.bytes;
        if !is_full {
            load.sizes.push_back(size);
            load.bytes = load.bytes.saturating_add(size);
        }
        if load.sizes.len() < load.sizes.capacity() / 8 {
            let len = load.sizes.len();
            load.sizes.shrink_to(64.max(2 * len));
        }
        !is_full
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Load, LoadLimit};

    const LIMIT: LoadLimit = LoadLimit {
        messages: 4,
        bytes: 100,
    };

    #[test]
    fn the_mailbox_takes_so_many_messages_and_bytes() {
        let load = Load::default();
        assert!(load.admits(0, 1_000, LIMIT), "it is empty");
        assert!(!load.admits(1, 1, LIMIT));
        assert!(load.admits(0, 60, LIMIT), "the large one has been handled");
        assert!(load.admits(1, 40, LIMIT));
        assert!(!load.admits(2, 1, LIMIT), "too many bytes");
        assert!(load.admits(1, 60, LIMIT), "the oldest went first");
        assert!(load.admits(2, 0, LIMIT));
        assert!(load.admits(3, 0, LIMIT));
        assert!(!load.admits(4, 0, LIMIT), "too many messages");
    }

    proptest! {
        /// Against a mailbox that only other nodes fill, which gets so many messages and handles so many, in turns.
        #[test]
        fn no_more_waits_than_the_limit(
            turns in prop::collection::vec((0_usize..60, 0_usize..3), 0..200)
        ) {
            let load = Load::default();
            let mut mailbox = std::collections::VecDeque::new();
            for (size, handled) in turns {
                let waits: usize = mailbox.iter().sum();
                let fits = mailbox.len() < LIMIT.messages
                    && (waits == 0 || waits + size <= LIMIT.bytes);
                prop_assert_eq!(load.admits(mailbox.len(), size, LIMIT), fits);
                if fits {
                    mailbox.push_back(size);
                }
                mailbox.drain(..handled.min(mailbox.len()));
            }
        }
    }
}
