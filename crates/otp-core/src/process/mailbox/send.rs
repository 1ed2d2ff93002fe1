//! Putting messages into mailboxes.

use std::sync::Arc;

use super::limit::{Full, MailboxLimit};
use super::queue::{self, NotTaken};
use crate::exit::ExitReason;
use crate::process::inspection::report;
use crate::process::life::block::{Block, Item, Process};
use crate::process::relations::signal::{self, Signal};
use crate::util::panic;

/// How a message gets into a mailbox.
#[derive(Clone, Copy)]
pub(crate) enum Entry {
    /// Within the mailbox's limit.
    Limited,
    /// It enters however many wait: it reports an event of the past and is not sent again.
    Always,
}

impl<M: Send + 'static> Block<M> {
    /// Puts a message into the mailbox.
    ///
    /// # Errors
    ///
    /// Gives the message back when the process ends, or its mailbox is full.
    #[inline]
    pub(crate) fn send(self: &Arc<Self>, message: M) -> Result<(), NotTaken<M>> {
        self.send_made(message, |message| message)
    }

    /// As [`send`](Self::send), for a message that is made of its content when it is put into its place.
    #[inline]
    pub(crate) fn send_made<C>(
        self: &Arc<Self>,
        content: C,
        make: impl FnOnce(C) -> M,
    ) -> Result<(), NotTaken<M>> {
        let make = |content| Item::Message(make(content));
        match self.queue.push(content, make, &self.head.taken) {
            Ok(()) => Ok(()),
            Err(item) => self.not_taken(item),
        }
    }

    /// Puts a message before all that have no priority, however many wait; false if the process has ended.
    #[cold]
    pub(crate) fn send_urgent(&self, message: M) -> bool {
        let signal = Signal::Urgent(Box::new(message));
        let inserted = self.queue.insert_urgent(Item::Signal(Box::new(signal)));
        let note = |waker| {
            self.head.note_urgent();
            queue::wake(waker);
        };
        inserted.map(note).is_ok()
    }

    /// As [`send`](Self::send), for a sender that gets the result of the mailbox's limit. A message that is dropped as
    /// the newest one counts as sent.
    pub(crate) fn try_send(self: &Arc<Self>, message: M) -> Result<(), M> {
        match self.send(message) {
            Ok(()) => Ok(()),
            Err(NotTaken::Full { limit, .. }) if limit.full == Full::DropNewest => Ok(()),
            Err(message) => Err(message.into_item()),
        }
    }

    /// Sends a message that is lost if the process has ended or if it does not enter.
    pub(crate) fn deliver(self: &Arc<Self>, message: M, entry: Entry) {
        match entry {
            Entry::Limited => drop(self.send(message)),
            Entry::Always => {
                self.push_signal(Signal::Message(Box::new(message)));
            }
        }
    }

    /// Orders a server to stop; false if it has ended.
    pub(crate) fn stop(&self, reason: ExitReason) -> bool {
        let reason = match reason {
            ExitReason::Normal => None,
            reason => Some(Box::new(reason)),
        };
        let pushed = self.queue.append_urgent(Item::Stop(reason));
        pushed.map(queue::wake).is_ok()
    }

    /// Limits how many messages may wait from now on.
    pub(crate) fn limit(&self, limit: Option<MailboxLimit>) {
        self.queue.limit(limit, &self.head.taken);
    }

    #[cold]
    fn not_taken(self: &Arc<Self>, item: NotTaken<Item<M>>) -> Result<(), NotTaken<M>> {
        if let NotTaken::Full { limit, first, .. } = item {
            self.overflow(limit, first);
        }
        if let NotTaken::Full { replaced: true, .. } = item {
            // Its destructor is the user's code, and it is not the sender's message.
            panic::run_quietly(|| drop(item));
            return Ok(());
        }
        Err(item.map(|item| match item {
            Item::Message(message) => message,
            Item::Signal(_) | Item::Stop(_) => {
                unreachable!("the queue gives back what was pushed")
            }
        }))
    }

    fn overflow(self: &Arc<Self>, limit: MailboxLimit, first: bool) {
        if first {
            report::mailbox_full(&self.head, limit);
        }
        let process: Arc<dyn Process> = self.clone();
        match limit.full {
            Full::Kill => signal::kill(&process),
            Full::End => signal::end(&process),
            Full::Refuse | Full::DropNewest | Full::DropOldest => {}
        }
    }
}
