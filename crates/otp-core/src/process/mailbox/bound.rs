//! The state of a queue with a limit: how much room there is, and which senders wait for it.

use std::collections::{HashSet, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Waker;

use super::inbox::Taken;
use super::limit::MailboxLimit;
use crate::util::numbered::Numbered;

/// It is under the lock of the queue, so it returns the wakers to wake and the values to drop.
pub(super) struct Bound {
    limit: MailboxLimit,
    /// Identifies this limit among those that the queue has had.
    number: u64,
    /// A message was lost since the mailbox was last empty.
    reached: bool,
    /// Messages lost since the limit was set.
    lost: u64,
    /// Room that was given to senders and is not used yet.
    reserved: usize,
    /// Senders that wait for room, in the order in which they came.
    waiting: VecDeque<(u64, Waker)>,
    /// The senders among these that have not taken their room yet.
    granted: HashSet<u64, Numbered>,
}

/// Room for one message, with the number of the limit that has given it, if there is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seat(Option<u64>);

impl Seat {
    /// Room in a queue without a limit.
    pub(super) const FREE: Self = Self(None);
}

fn next_number() -> u64 {
    static NUMBERS: AtomicU64 = AtomicU64::new(1);

    NUMBERS.fetch_add(1, Ordering::Relaxed)
}

impl Bound {
    pub(super) fn new(limit: MailboxLimit) -> Self {
        Self {
            limit,
            number: next_number(),
            reached: false,
            lost: 0,
            reserved: 0,
            waiting: VecDeque::new(),
            granted: HashSet::default(),
        }
    }

    pub(super) fn limit(&self) -> MailboxLimit {
        self.limit
    }

    pub(super) fn lost(&self) -> u64 {
        self.lost
    }

    /// Changes the limit. Senders that wait may find room now: see [`grant`](Self::grant).
    pub(super) fn set_limit(&mut self, limit: MailboxLimit) {
        self.limit = limit;
        self.reached = false;
    }

    /// Whether one more item enters if so many wait already. No sender overtakes those that wait for room.
    #[inline(always)]
    pub(super) fn admits(&self, held: usize) -> bool {
        self.waiting.is_empty() && self.has_room(held)
    }

    #[inline(always)]
    fn has_room(&self, held: usize) -> bool {
        held.saturating_add(self.reserved) < self.limit.messages
    }

    /// Counts a message that is lost; true for the first one since the mailbox was last empty.
    pub(super) fn lose(&mut self) -> bool {
        self.lost += 1;
        !std::mem::replace(&mut self.reached, true)
    }

    pub(super) fn emptied(&mut self) {
        self.reached = false;
    }

    /// Room for the sender with this ticket, or for one without a ticket, or else a ticket to wait with. The second
    /// value is a waker that is no longer needed; the others must be woken.
    pub(super) fn seat(
        &mut self,
        queued: usize,
        taken: &Taken,
        ticket: &mut Option<u64>,
        waker: Waker,
    ) -> (Option<Seat>, Option<Waker>, Vec<Waker>) {
        let seat = Some(Seat(Some(self.number)));
        if let Some(number) = *ticket {
            if self.granted.remove(&number) {
                *ticket = None;
                return (seat, Some(waker), Vec::new());
            }
            if let Ok(place) = self.place(number) {
                let before = std::mem::replace(&mut self.waiting[place].1, waker);
                return (None, Some(before), Vec::new());
            }
            // It waited for another limit, which was lifted.
        } else if self.admits(queued + taken.count()) {
            self.reserved += 1;
            return (seat, Some(waker), Vec::new());
        }
        let number = next_number();
        self.waiting.push_back((number, waker));
        // From here on the owner takes the lock when it makes room. Room that it has made before is seen now.
        taken.mark();
        let wakers = self.grant(queued, taken);
        if self.granted.remove(&number) {
            *ticket = None;
            return (seat, None, wakers);
        }
        *ticket = Some(number);
        (None, None, wakers)
    }

    /// Gives room to the senders that wait for it. They must be woken.
    pub(super) fn grant(&mut self, queued: usize, taken: &Taken) -> Vec<Waker> {
        let mut wakers = Vec::new();
        while self.has_room(queued + taken.count())
            && let Some((number, waker)) = self.waiting.pop_front()
        {
            self.reserved += 1;
            self.granted.insert(number);
            wakers.push(waker);
        }
        if self.waiting.is_empty() {
            taken.unmark();
        }
        wakers
    }

    /// Takes back a ticket.
    pub(super) fn give_up(&mut self, number: u64) -> Option<Waker> {
        if self.granted.remove(&number) {
            self.reserved -= 1;
        }
        let place = self.place(number).ok()?;
        self.waiting.remove(place).map(|(_, waker)| waker)
    }

    /// The room is used, or given back.
    pub(super) fn leave(&mut self, seat: Seat) {
        if seat == Seat(Some(self.number)) {
            self.reserved -= 1;
        }
    }

    /// All senders that wait: the queue is closed, or has no limit any more.
    pub(super) fn dismiss(&mut self, taken: &Taken) -> Vec<Waker> {
        taken.unmark();
        self.waiting.drain(..).map(|(_, waker)| waker).collect()
    }

    /// Numbers are given out in order, so that the row is sorted by them.
    fn place(&self, number: u64) -> Result<usize, usize> {
        self.waiting
            .binary_search_by_key(&number, |(number, _)| *number)
    }
}
