//! A queue with a limit: which items enter, and which senders wait for room.
//!
//! All waiting items count: those that are queued, and those that the owner has taken out of the queue and not handled.
//! A sender that waits for room sets a mark in the owner's count. So an owner that handles an item gives the room to
//! the sender that has waited longest. Room is given under the lock of the queue, and belongs to the sender from then
//! on: no other sender takes it before that one has used it or dropped its wait.

use std::collections::VecDeque;
use std::mem;
use std::task::{Context, Poll, Waker};

use super::bound::{Bound, Seat};
use super::inbox::Taken;
use super::limit::{Full, MailboxLimit};
use super::queue::{self, NotTaken, Queue, QueueInner, QueueOwner, Queued, Signs};
use crate::util::panic;

/// The queue takes no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Closed;

const BOUNDED: &str = "only a queue with a limit comes here";

impl<T: Queued> Queue<T> {
    /// Limits how many items may wait from now on.
    pub(crate) fn limit(&self, limit: Option<MailboxLimit>, taken: &Taken) {
        let (wakers, _before) = self.inner.with(|inner| match (limit, inner.bound_mut()) {
            (None, None) => (Vec::new(), None),
            (None, Some(bound)) => {
                let wakers = bound.dismiss(taken);
                (wakers, inner.set_bound(None))
            }
            (Some(limit), Some(bound)) => {
                bound.set_limit(limit);
                (inner.grant(taken), None)
            }
            (Some(limit), None) => (Vec::new(), inner.set_bound(Some(Bound::new(limit)))),
        });
        wake_all(wakers);
    }

    /// Gives room to senders that wait for it, as their mark has asked for.
    #[cold]
    pub(crate) fn grant(&self, taken: &Taken) {
        wake_all(self.inner.with(|inner| inner.grant(taken)));
    }

    /// Waits for room for one item. Each waiting sender has a ticket.
    ///
    /// # Errors
    ///
    /// The queue is closed.
    pub(crate) fn poll_seat(
        &self,
        cx: &Context<'_>,
        taken: &Taken,
        ticket: &mut Option<u64>,
    ) -> Poll<Result<Seat, Closed>> {
        let waker = cx.waker().clone();
        let (seat, _unneeded, wakers) = self.inner.with(|inner| match inner.counted() {
            _ if self.signs.is_closed() => (Some(Err(Closed)), Some(waker), Vec::new()),
            (_, None) => (Some(Ok(Seat::FREE)), Some(waker), Vec::new()),
            (queued, Some(bound)) => {
                let (seat, unneeded, wakers) = bound.seat(queued, taken, ticket, waker);
                (seat.map(Ok), unneeded, wakers)
            }
        });
        wake_all(wakers);
        seat.map_or(Poll::Pending, Poll::Ready)
    }

    /// Takes back a ticket.
    pub(crate) fn give_up(&self, ticket: u64, taken: &Taken) {
        let (_unneeded, wakers) = self.inner.with(|inner| {
            let waker = inner.bound_mut().map(|bound| bound.give_up(ticket));
            (waker, inner.grant(taken))
        });
        wake_all(wakers);
    }

    /// Gives room back that was not used.
    pub(crate) fn leave(&self, seat: Seat, taken: &Taken) {
        wake_all(self.inner.with(|inner| {
            if let Some(bound) = inner.bound_mut() {
                bound.leave(seat);
            }
            inner.grant(taken)
        }));
    }

    /// Appends an item for which there is room.
    ///
    /// # Errors
    ///
    /// Gives the item back when the queue is closed.
    pub(crate) fn push_seated(&self, item: T, seat: Seat) -> Result<(), T> {
        let (wake, outcome) = self.inner.with(|inner| {
            if let Some(bound) = inner.bound_mut() {
                bound.leave(seat);
            }
            match self.signs.is_closed() {
                true => (None, Err(item)),
                false => (inner.append(|| item, &self.signs), Ok(())),
            }
        });
        queue::wake(wake);
        outcome
    }

    /// Items that were lost because of the limit, since it was set.
    pub(crate) fn lost(&self) -> u64 {
        self.inner
            .with(|inner| inner.bound().map_or(0, Bound::lost))
    }
}

impl<T: Queued> QueueInner<T> {
    /// There is one item too many: the new one, or an older one that makes room for it.
    #[cold]
    pub(super) fn overflow(
        &mut self,
        item: T,
        signs: &Signs,
        not_taken: &mut Option<NotTaken<T>>,
    ) -> Option<Waker> {
        let bound = self.bound_mut().expect(BOUNDED);
        let limit = bound.limit();
        let first = bound.lose();
        let oldest = match limit.full {
            Full::DropOldest => self.items.iter().position(Queued::is_message),
            _ => None,
        };
        let (wake, item, replaced) = match oldest.and_then(|oldest| self.items.remove(oldest)) {
            None => (None, item, false),
            Some(oldest) => (self.append(|| item, signs), oldest, true),
        };
        *not_taken = Some(NotTaken::Full {
            item,
            limit,
            first,
            replaced,
        });
        wake
    }

    /// Gives free room to the senders that wait for it. They must be woken.
    pub(super) fn grant(&mut self, taken: &Taken) -> Vec<Waker> {
        match self.counted() {
            (queued, Some(bound)) => bound.grant(queued, taken),
            (_, None) => Vec::new(),
        }
    }

    /// How many items there are, and the limit to that.
    fn counted(&mut self) -> (usize, Option<&mut Bound>) {
        (self.items.len(), self.bound_mut())
    }

    /// Sets another limit, and returns the former one.
    fn set_bound(&mut self, bound: Option<Bound>) -> Option<Bound> {
        let seldom = self.seldom.get_or_insert_default();
        mem::replace(&mut seldom.bound, bound)
    }

    /// The owner of a queue with a limit looks for items.
    #[cold]
    pub(super) fn look(&mut self, held: usize, owner: &mut QueueOwner) {
        owner.pace.set_bounded(true);
        // From now on the owner takes the lock each time that it has handled all items.
        owner.promised = false;
        if held == 0 && self.items.is_empty() {
            self.bound_mut().expect(BOUNDED).emptied();
        }
    }

    /// The owner of a queue with a limit takes items.
    #[cold]
    pub(super) fn take(&mut self, local: &mut VecDeque<T>, held: usize, taken: &Taken) {
        match self.bound().expect(BOUNDED).limit().full {
            // Items that the policy may drop must stay here.
            Full::DropOldest => local.extend(self.items.pop_front()),
            _ => mem::swap(&mut self.items, local),
        }
        // Under the lock, so that no sender finds these items in neither place.
        taken.change(held + local.len());
    }

    /// The senders that wait for something that will not come any more.
    #[inline(always)]
    pub(super) fn leave_others(&mut self, taken: &Taken) -> Option<Vec<Waker>> {
        match &self.seldom {
            None => None,
            Some(_) => Some(self.take_others(taken)),
        }
    }

    #[cold]
    fn take_others(&mut self, taken: &Taken) -> Vec<Waker> {
        let bound = self.bound_mut();
        let mut wakers = bound.map_or_else(Vec::new, |bound| bound.dismiss(taken));
        wakers.extend(self.seldom.as_mut().and_then(|it| it.other.take()));
        wakers
    }
}

/// Wakers are foreign code, and one that panics must not keep the others waiting.
#[cold]
pub(super) fn wake_all(wakers: Vec<Waker>) {
    for waker in wakers {
        panic::run_quietly(|| waker.wake());
    }
}
