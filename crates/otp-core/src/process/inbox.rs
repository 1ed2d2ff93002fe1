//! The owner's half of a mailbox: what it has taken out of the shared queue.

use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, ready};

use tokio::time::{Instant, sleep_until};

use super::block::{Block, Item};
use super::queue::give_back;
use super::{current, panic};
use crate::pid::MonitorRef;

/// After so many messages in one go the task yields: a mailbox of our own takes no part in
/// tokio's cooperative budget.
const QUOTA: u32 = 256;

/// It does not hold the control block, which its methods take instead: its owner holds that already.
pub(crate) struct Inbox<M> {
    /// What has been swapped out of the shared queue and is not handled yet.
    pub(super) local: VecDeque<Item<M>>,
    /// Messages handed out since the task last yielded.
    streak: u32,
    /// The next message wakes the task: see [`Queue::may_rest`](super::queue::Queue::may_rest).
    promised: bool,
}

impl<M: Send + 'static> Inbox<M> {
    pub(crate) fn new() -> Self {
        Self {
            local: VecDeque::new(),
            streak: 0,
            promised: false,
        }
    }

    /// The next item, if it can be had at once and without a lock.
    #[inline]
    pub(crate) fn pop(&mut self, block: &Block<M>) -> Option<Item<M>> {
        if self.streak >= QUOTA {
            return None;
        }
        let item = self.local.pop_front()?;
        self.streak += 1;
        #[cfg(feature = "explore")]
        if super::schedule::interrupts() {
            self.streak = QUOTA;
        }
        self.note_taken(block);
        Some(item)
    }

    /// The next item, as it stands in the queue.
    pub(crate) fn next(&mut self, block: &Block<M>) -> impl Future<Output = Item<M>> + Send {
        poll_fn(|cx| match self.is_interrupted(block, cx) {
            true => never_closed(block),
            false => self.poll_next(block, cx),
        })
    }

    /// The next item, if one comes before the deadline.
    ///
    /// The timer stands in a box, so that only those pay for its size who wait with a limit.
    pub(crate) async fn next_until(
        &mut self,
        block: &Block<M>,
        deadline: Instant,
    ) -> Option<Item<M>> {
        let mut limit = Box::pin(sleep_until(deadline));
        poll_fn(|cx| {
            if self.is_interrupted(block, cx) {
                return closed(block).map(|()| None);
            }
            // The item wins over the deadline when both are there: a timeout never overtakes one.
            match self.poll_next(block, cx) {
                Poll::Ready(item) => Poll::Ready(Some(item)),
                Poll::Pending => limit.as_mut().poll(cx).map(|()| None),
            }
        })
        .await
    }

    /// The first item that is wanted, as it stands in the queue.
    pub(crate) async fn next_match(
        &mut self,
        block: &Block<M>,
        wanted: impl Fn(&Item<M>) -> bool,
    ) -> Item<M> {
        let mut seen = 0;
        poll_fn(|cx| {
            if self.is_interrupted(block, cx) {
                return Poll::Pending;
            }
            loop {
                if let Some(at) = self.local.range(seen..).position(&wanted) {
                    let found = self.take_at(block, seen + at);
                    return Poll::Ready(found.expect("it was there a moment ago"));
                }
                seen = self.local.len();
                ready!(self.poll_more(block, cx));
            }
        })
        .await
    }

    /// Lets others have their turn if the owner has done much without receiving.
    pub(crate) fn pause(&mut self, block: &Block<M>) -> impl Future<Output = ()> + Send {
        self.streak += 1;
        poll_fn(|cx| match self.is_interrupted(block, cx) {
            true => Poll::Pending,
            false => Poll::Ready(()),
        })
    }

    /// Whether a receive has to let go of the task first, whatever there is to receive: the process
    /// ends at the end of this very poll, or it is the turn of others.
    #[inline]
    pub(super) fn is_interrupted(&mut self, block: &Block<M>, cx: &Context<'_>) -> bool {
        if block.head.is_exiting() {
            return true;
        }
        #[cfg(feature = "explore")]
        if super::schedule::interrupts() {
            self.streak = QUOTA;
        }
        if self.streak < QUOTA {
            return false;
        }
        self.streak = 0;
        cx.waker().wake_by_ref();
        true
    }

    #[inline(always)]
    fn poll_next(&mut self, block: &Block<M>, cx: &Context<'_>) -> Poll<Item<M>> {
        if self.local.is_empty() {
            let queue = &block.queue;
            if queue.may_rest(cx, self.promised)
                || queue
                    .poll_swap(cx, &mut self.local, &mut self.promised)
                    .is_pending()
            {
                give_back(&mut self.local);
                self.streak = 0;
                return Poll::Pending;
            }
        }
        let item = self.pop(block);
        Poll::Ready(
            item.expect("the queue was swapped in just now if empty, and the quota is left"),
        )
    }

    /// Takes what has arrived behind the items that were passed over.
    pub(super) fn poll_more(&mut self, block: &Block<M>, cx: &Context<'_>) -> Poll<()> {
        // `poll_swap` wants an empty deque: items must not overtake those skipped.
        let mut fresh = VecDeque::new();
        if block
            .queue
            .poll_swap(cx, &mut fresh, &mut self.promised)
            .is_pending()
        {
            self.streak = 0;
            return Poll::Pending;
        }
        self.local.append(&mut fresh);
        self.note_taken(block);
        Poll::Ready(())
    }

    /// Takes the item at this place out of the row.
    pub(super) fn take_at(&mut self, block: &Block<M>, at: usize) -> Option<Item<M>> {
        let item = self.local.remove(at);
        self.note_taken(block);
        self.streak += 1;
        item
    }

    /// Removes the DOWN of this monitor.
    pub(super) fn flush_down(&mut self, block: &Block<M>, monitor: MonitorRef) {
        if let Some(at) = self.local.iter().position(|item| item.is_down(monitor)) {
            self.local.remove(at);
            self.note_taken(block);
        }
    }

    pub(crate) fn hibernate(&mut self, block: &Block<M>) {
        self.local.shrink_to_fit();
        block.queue.shrink();
    }

    /// Tells the world how many messages stand here, out of its sight.
    pub(super) fn note_taken(&self, block: &Block<M>) {
        block.head.taken.store(self.local.len(), Ordering::Relaxed);
    }
}

/// Messages are the user's, and may panic as they are dropped: however many do, the process ends as it was to end.
impl<M> Drop for Inbox<M> {
    fn drop(&mut self) {
        if !self.local.is_empty() {
            panic::drop_each(self.local.drain(..));
        }
    }
}

/// Ready if the mailbox has outlived its process, in the hands of another one: no message comes any more. To the process
/// itself no receive returns any more, as its end is decided.
pub(super) fn closed<M>(block: &Block<M>) -> Poll<()> {
    let owner = block.head.pid;
    let is_owner = current::with(|current| current.process.head().pid == owner) == Some(true);
    match block.head.is_exiting() && !is_owner {
        true => Poll::Ready(()),
        false => Poll::Pending,
    }
}

/// The same, for a receive that has nothing to return then.
pub(super) fn never_closed<M, T>(block: &Block<M>) -> Poll<T> {
    closed(block).map(|()| panic!("the process {} of the mailbox has ended", block.head.pid))
}

impl<M> Inbox<M> {
    pub(super) fn len(&self) -> usize {
        self.local.len()
    }
}
