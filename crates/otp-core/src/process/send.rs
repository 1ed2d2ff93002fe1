//! Putting messages into mailboxes.

use std::sync::Arc;

use super::block::{Block, Item, Process};
use super::limit::{Full, MailboxLimit};
use super::queue::NotTaken;
use super::signal;
use crate::report;

impl<M: Send + 'static> Block<M> {
    /// Puts a message into the mailbox.
    ///
    /// # Errors
    ///
    /// Gives the message back when the process ends, or its mailbox is full.
    #[inline]
    pub(crate) fn send(self: &Arc<Self>, message: M) -> Result<(), NotTaken<M>> {
        match self.queue.push(Item::Message(message)) {
            Ok(()) => Ok(()),
            Err(item) => Err(self.not_taken(item)),
        }
    }

    #[cold]
    fn not_taken(self: &Arc<Self>, item: NotTaken<Item<M>>) -> NotTaken<M> {
        if let NotTaken::Full { limit, first, .. } = item {
            self.overflow(limit, first);
        }
        item.map(|item| match item {
            Item::Message(message) => message,
            Item::Signal(_) => unreachable!("the queue gives back what was pushed"),
        })
    }

    fn overflow(self: &Arc<Self>, limit: MailboxLimit, first: bool) {
        if first {
            report::mailbox_full(&self.head, limit);
        }
        if limit.full == Full::Kill {
            let process: Arc<dyn Process> = self.clone();
            signal::kill(&process);
        }
    }
}
