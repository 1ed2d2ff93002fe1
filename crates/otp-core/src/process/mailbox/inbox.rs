//! The owner's half of a mailbox: the items that it has taken out of the shared queue, and how many of them it handles before it
//! yields.

use std::cell::Cell;
use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::mem;
use std::pin::{Pin, pin};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::queue::{self, QueueOwner, Queued, give_back};
use crate::pid::{MonitorRef, Pid};
use crate::process::life::block::{Block, Item};
use crate::process::life::current;
#[cfg(feature = "explore")]
use crate::process::life::schedule;
use crate::process::relations::signal::Signal;
use crate::util::panic::{self, HarmlessWaker};
use crate::util::sync::AtomicUsize;

/// It does not hold the control block, which its methods take instead: its owner holds that already.
pub(crate) struct Inbox<M> {
    /// The items that were swapped out of the shared queue and are not handled yet.
    pub(super) local: VecDeque<Item<M>>,
    pub(super) owner: QueueOwner,
}

/// Why a receive does not receive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Barred {
    /// The process has to yield, or ends when this poll returns.
    Waits,
    /// The mailbox has left its process, which has ended.
    Closed(Pid),
}

impl<M: Send + 'static> Inbox<M> {
    pub(crate) fn new() -> Self {
        Self {
            local: VecDeque::new(),
            owner: QueueOwner::new(),
        }
    }

    /// Whether there is a first item that may be taken at once and without a lock.
    #[inline(always)]
    pub(crate) fn is_ready(&self) -> bool {
        self.owner.pace.is_within() && !self.local.is_empty()
    }

    /// The first item of those that were swapped out.
    #[inline(always)]
    pub(crate) fn first(&self) -> Option<&Item<M>> {
        self.local.front()
    }

    #[inline(always)]
    pub(crate) fn first_mut(&mut self) -> Option<&mut Item<M>> {
        self.local.front_mut()
    }

    /// The items that have been swapped out, the first one first.
    pub(crate) fn waiting(&self) -> impl Iterator<Item = &Item<M>> {
        self.local.iter()
    }

    /// Takes the first item.
    pub(crate) fn take(&mut self, block: &Block<M>) -> Option<Item<M>> {
        let item = self.pop();
        self.note_taken(block);
        item
    }

    /// The same, for a caller that has called [`note_taking`](Self::note_taking) before: nothing is done between the move out of
    /// the queue and that to the place of use, so that they can be one.
    #[inline(always)]
    pub(crate) fn pop(&mut self) -> Option<Item<M>> {
        self.owner.pace.count();
        self.local.pop_front()
    }

    /// Waits for a first item.
    ///
    /// # Panics
    ///
    /// Panics if the mailbox has left its process and that has ended: nothing would ever come.
    pub(crate) fn ready(&mut self, block: &Block<M>) -> impl Future<Output = ()> + Send {
        poll_fn(|cx| self.poll_first(block, cx))
    }

    /// The same, as a poll.
    pub(crate) fn poll_first(&mut self, block: &Block<M>, cx: &mut Context<'_>) -> Poll<()> {
        match self.barred(block, cx) {
            None => self.poll_ready(block, cx),
            Some(barred) => barred.wait_for_ever(),
        }
    }

    /// Whether there is a first item now.
    pub(crate) fn ready_now(&mut self, block: &Block<M>) -> impl Future<Output = bool> + Send {
        poll_fn(|cx| match self.barred(block, cx) {
            None => {
                let streak = self.owner.pace.streak();
                let is_ready = self.poll_ready(block, cx).is_ready();
                if !is_ready {
                    self.owner.pace.go_on(streak);
                    self.note_taken(block);
                }
                Poll::Ready(is_ready)
            }
            Some(Barred::Closed(_)) => Poll::Ready(false),
            Some(Barred::Waits) => Poll::Pending,
        })
    }

    /// Waits for a first item; false if none can come any more.
    pub(crate) fn ready_while_open(
        &mut self,
        block: &Block<M>,
    ) -> impl Future<Output = bool> + Send {
        poll_fn(|cx| match self.barred(block, cx) {
            None => self.poll_ready(block, cx).map(|()| true),
            Some(Barred::Closed(_)) => Poll::Ready(false),
            Some(Barred::Waits) => Poll::Pending,
        })
    }

    /// Waits for a first item until the deadline; false if none has come.
    ///
    /// In a box, so that only waits with a limit pay for the size of the timer.
    pub(crate) fn ready_until(
        &mut self,
        block: &Block<M>,
        deadline: Instant,
    ) -> Pin<Box<impl Future<Output = bool> + Send>> {
        Box::pin(async move {
            let mut limit = pin!(sleep_until(deadline));
            let mut harmless = HarmlessWaker::default();
            poll_fn(|cx| match self.barred(block, cx) {
                // The item wins over the deadline when both are there: a timeout never overtakes one.
                None => match self.poll_ready(block, cx) {
                    Poll::Ready(()) => Poll::Ready(true),
                    Poll::Pending => {
                        let over = current::poll_harmlessly(limit.as_mut(), cx, &mut harmless);
                        over.map(|()| {
                            self.note_taken(block);
                            false
                        })
                    }
                },
                Some(Barred::Closed(_)) => Poll::Ready(false),
                Some(Barred::Waits) => Poll::Pending,
            })
            .await
        })
    }

    /// The first wanted item, as it is in the queue.
    pub(crate) async fn next_match(
        &mut self,
        block: &Block<M>,
        wanted: impl Fn(&Item<M>) -> bool,
    ) -> Item<M> {
        let mut seen = 0;
        poll_fn(|cx| {
            loop {
                if let Some(barred) = self.barred(block, cx) {
                    return barred.wait_for_ever();
                }
                if let Some(at) = self.local.range(seen..).position(&wanted) {
                    let found = self.take_at(block, seen + at);
                    return Poll::Ready(found.expect("it was there a moment ago"));
                }
                seen = self.local.len();
                self.owner.pace.count();
                if self.poll_more(block, cx).is_pending() {
                    self.rest(block, seen);
                    return Poll::Pending;
                }
            }
        })
        .await
    }

    /// Yields if the owner has done much work without receiving.
    pub(crate) fn pause(&mut self, block: &Block<M>) -> impl Future<Output = ()> + Send {
        self.owner.pace.count();
        poll_fn(|cx| match self.barred(block, cx) {
            None => {
                self.note_taken(block);
                Poll::Ready(())
            }
            Some(barred) => barred.wait_for_ever(),
        })
    }

    /// Whether a receive has to yield first, even if there is an item.
    #[inline]
    pub(super) fn barred(&mut self, block: &Block<M>, cx: &mut Context<'_>) -> Option<Barred> {
        if block.head.is_exiting() {
            return Some(Barred::of_ending(block));
        }
        match self.owner.pace.is_within() {
            true => None,
            false if self.owner.pace.yields(cx) => {
                self.note_receiving(block, self.local.len());
                Some(Barred::Waits)
            }
            false => {
                self.take_urgent(block);
                None
            }
        }
    }

    /// Takes the urgent messages that have come since, if there are any.
    #[cold]
    pub(crate) fn take_urgent(&mut self, block: &Block<M>) {
        if block.head.take_urgent() {
            let fresh = block.queue.take_urgent(self.local.len(), &block.head.taken);
            self.add(fresh);
            self.note_taken(block);
        }
    }

    /// Adds items that have come later than those that are here: the urgent ones, which come first, behind the urgent ones
    /// here, and the others at the end.
    fn add(&mut self, mut fresh: VecDeque<Item<M>>) {
        let opened = mem::take(&mut self.owner.opened).then(|| self.local.pop_front());
        let at = queue::urgent(&self.local);
        for item in fresh.drain(..queue::urgent(&fresh)).rev() {
            self.local.insert(at, item);
        }
        self.local.append(&mut fresh);
        if let Some(opened) = opened.flatten() {
            self.local.push_front(opened);
        }
    }

    /// Makes a message like others of the first item, if it is an urgent message. It stays the first one if the caller calls
    /// [`take_urgent`](Self::take_urgent) next, as the flag that this sets says, and then takes it.
    pub(crate) fn open_urgent(&mut self, block: &Block<M>) -> bool {
        let is_urgent = self.local.front().is_some_and(Queued::is_urgent);
        if is_urgent
            && let Some(Item::Signal(signal)) = self.local.pop_front()
            && let Signal::Urgent(message) = *signal
            && let Ok(message) = message.downcast()
        {
            self.local.push_front(Item::Message(*message));
            self.owner.opened = true;
            block.head.note_urgent();
        }
        is_urgent
    }

    #[inline(always)]
    fn poll_ready(&mut self, block: &Block<M>, cx: &Context<'_>) -> Poll<()> {
        if self.local.is_empty() {
            let queue = &block.queue;
            if queue.may_rest(cx, &self.owner)
                || queue
                    .poll_swap(cx, &mut self.local, &mut self.owner, &block.head.taken, 0)
                    .is_pending()
            {
                give_back(&mut self.local);
                self.rest(block, 0);
                return Poll::Pending;
            }
        }
        Poll::Ready(())
    }

    /// Takes the items that have arrived behind those that were passed over. If there are none, the caller decides
    /// whether the process rests.
    pub(super) fn poll_more(&mut self, block: &Block<M>, cx: &Context<'_>) -> Poll<()> {
        // `poll_swap` wants an empty deque: items must not overtake those skipped.
        let mut fresh = VecDeque::new();
        let held = self.local.len();
        if block
            .queue
            .poll_swap(cx, &mut fresh, &mut self.owner, &block.head.taken, held)
            .is_pending()
        {
            return Poll::Pending;
        }
        self.add(fresh);
        self.note_taken(block);
        Poll::Ready(())
    }

    /// Takes the item at this place out of the row.
    pub(super) fn take_at(&mut self, block: &Block<M>, at: usize) -> Option<Item<M>> {
        let item = self.local.remove(at);
        self.note_taken(block);
        self.owner.pace.count();
        item
    }

    /// Removes the DOWN of this monitor.
    pub(crate) fn flush_down(&mut self, block: &Block<M>, monitor: MonitorRef) {
        if let Some(at) = self.local.iter().position(|item| item.is_down(monitor)) {
            self.local.remove(at);
            self.note_taken(block);
        }
    }

    pub(crate) fn hibernate(&mut self, block: &Block<M>) {
        self.local.shrink_to_fit();
        block.queue.shrink();
    }

    /// The owner waits for an item that has not come yet. It holds so many that it does not want.
    #[inline(always)]
    pub(super) fn rest(&mut self, block: &Block<M>, held: usize) {
        self.owner.pace.rest();
        self.note_receiving(block, held);
    }

    /// The owner takes an item as soon as it runs and there is one.
    #[inline(always)]
    fn note_receiving(&self, block: &Block<M>, held: usize) {
        let (taken, waits) = (&block.head.taken, held | RECEIVING);
        if !self.owner.pace.is_bounded() {
            taken.store(waits);
        } else {
            taken.change(waits);
        }
    }

    /// Publishes the number of messages here, which others cannot see, and gives free room to the senders that wait.
    #[inline(always)]
    pub(crate) fn note_taken(&self, block: &Block<M>) {
        self.note(block, self.local.len());
    }

    /// The same for a first item, which the caller is about to take.
    #[inline(always)]
    pub(crate) fn note_taking(&self, block: &Block<M>) {
        self.note(block, self.local.len() - 1);
    }

    #[inline(always)]
    fn note(&self, block: &Block<M>, held: usize) {
        let taken = &block.head.taken;
        if !self.owner.pace.is_bounded() {
            taken.store(held);
        } else if taken.change(held) {
            block.queue.grant(taken);
        }
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

impl<M> Inbox<M> {
    pub(super) fn len(&self) -> usize {
        self.local.len()
    }
}

impl Barred {
    /// The process is to end. That happens when this poll is over, if it is the process's own.
    #[cold]
    fn of_ending<M>(block: &Block<M>) -> Self {
        let current = current::with(|current| current.process.head().pid);
        match current == Some(block.head.pid) {
            true => Self::Waits,
            false => Self::Closed(block.head.pid),
        }
    }

    /// For a receive that cannot return without a message.
    pub(super) fn wait_for_ever<T>(self) -> Poll<T> {
        match self {
            Self::Waits => Poll::Pending,
            Self::Closed(owner) => panic!(
                "the process {owner} of the mailbox has ended: `receive().timeout(TimeLimit::Infinity)` answers `None` then"
            ),
        }
    }
}

/// How many items the owner has swapped out and not handled yet; whether it waits for another one; and, for a mailbox
/// with a limit, whether senders wait for room.
///
/// Only the owner changes the number, and only senders set the mark, under the lock of the queue. Both are in one word:
/// so an owner that makes room either sees the mark, or the sender that sets it sees the room.
pub(crate) struct Taken(AtomicUsize);

const AWAITED: usize = 1 << (usize::BITS - 1);
/// Added to the number while the owner waits for an item. The number is written anew in any case when it takes one.
const RECEIVING: usize = 1 << (usize::BITS - 2);
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
    fn store(&self, count: usize) {
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

/// How long a process may use its thread at a time while others are ready.
const TURN: Duration = Duration::from_micros(100);

/// The most messages of a turn, and how many it has before it is known how long they take.
const MOST: u8 = u8::MAX;

/// The share of a process whose order is drawn from a seed: it makes a further check before each message.
#[cfg(feature = "explore")]
const DRAWN: u8 = 0;

/// Each turn has [`MOST`] messages: see [`ignore_time_of_turns`].
static IGNORED: AtomicBool = AtomicBool::new(false);

/// Turns have as many messages as they may, in every process of the program, whatever time they take.
///
/// For a program whose instructions are counted. It is some 50 times slower meanwhile, and the slower it is the more often
/// its processes would yield, so that the count would be that of a busy machine.
///
/// # Examples
///
/// ```
/// otp_core::process::ignore_time_of_turns();
/// ```
pub fn ignore_time_of_turns() {
    IGNORED.store(true, Ordering::Relaxed);
}

/// The process has yielded, and continues at its next receive.
const YIELDED: u32 = u32::MAX;

/// How long a process may receive before it yields. Small, as each idle server has one.
///
/// The mailbox is not part of tokio's cooperative budget. So a process yields after a number of messages that is
/// adapted to their time: about [`TURN`] altogether. The clock is read only when the process yields, and when it
/// continues.
pub(crate) struct Pace {
    /// Messages received in this turn.
    streak: u8,
    /// How many messages a turn has.
    share: u8,
    /// The mailbox has a limit, and senders may wait for room. The flag is here because this struct has unused bytes.
    bounded: Cell<bool>,
    /// When the turn began, in microseconds; [`YIELDED`] between two turns. If the process waits within a turn, the time
    /// of the wait is included. So one measure may be wrong, and changes the share by no more than half.
    since: u32,
}

impl Pace {
    pub(crate) fn new() -> Self {
        Self {
            streak: 0,
            #[cfg(not(feature = "explore"))]
            share: MOST,
            #[cfg(feature = "explore")]
            share: if schedule::is_drawn() { DRAWN } else { MOST },
            bounded: Cell::new(false),
            since: 0,
        }
    }

    /// Whether the next message needs no further check before it is received.
    #[inline(always)]
    pub(super) fn is_within(&self) -> bool {
        self.streak < self.share
    }

    /// A message is received, or something else is done that counts as much.
    #[inline(always)]
    pub(super) fn count(&mut self) {
        // There is a check in between.
        self.streak = self.streak.wrapping_add(1);
    }

    /// The process waits, so that others have their turn.
    #[inline(always)]
    pub(super) fn rest(&mut self) {
        self.streak = 0;
    }

    /// There was no message, and the process continues nevertheless: that counts, too.
    pub(super) fn go_on(&mut self, before: u8) {
        self.streak = before.saturating_add(1);
    }

    pub(super) fn streak(&self) -> u8 {
        self.streak
    }

    #[inline(always)]
    pub(super) fn is_bounded(&self) -> bool {
        self.bounded.get()
    }

    /// The mailbox has a limit from now on, or has none.
    pub(crate) fn set_bounded(&self, bounded: bool) {
        self.bounded.set(bounded);
    }

    /// Whether the process has to yield before the next message; then it is woken when others have had their turn.
    #[cold]
    pub(super) fn yields(&mut self, cx: &mut Context<'_>) -> bool {
        if self.since == YIELDED {
            self.since = micros();
            self.streak = 0;
            return false;
        }
        #[cfg(feature = "explore")]
        if self.share == DRAWN && !schedule::interrupts() {
            return false;
        }
        if !IGNORED.load(Ordering::Relaxed) {
            self.fit(micros().wrapping_sub(self.since));
        }
        self.since = YIELDED;
        // Behind all tasks that are ready, as tokio does it. A wake by the process itself would put it at the end of
        // the same queue, where it runs again after each of them has run once.
        let _pending = pin!(tokio::task::yield_now()).poll(cx);
        true
    }

    /// Fits the share to the time that this turn took.
    fn fit(&mut self, took: u32) {
        #[cfg(feature = "explore")]
        if self.share == DRAWN {
            return;
        }
        let turn = u32::try_from(TURN.as_micros()).unwrap_or(u32::MAX);
        let fitting = u32::from(self.share).saturating_mul(turn) / took.max(1);
        let fitting = u8::try_from(fitting).unwrap_or(MOST);
        self.share = fitting
            .clamp(self.share / 2, self.share.saturating_mul(2))
            .max(1);
    }
}

/// The time in microseconds. It wraps around about once in an hour.
#[allow(clippy::cast_possible_truncation, reason = "only differences count")]
fn micros() -> u32 {
    static START: LazyLock<std::time::Instant> = LazyLock::new(std::time::Instant::now);

    (START.elapsed().as_micros() as u32).min(YIELDED - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The share after turns whose messages took so long each.
    fn share_after(turns: u32, micros_each: u32) -> u8 {
        let mut pace = Pace::new();
        for _ in 0..turns {
            pace.fit(u32::from(pace.share) * micros_each);
        }
        pace.share
    }

    #[test]
    fn a_turn_has_as_many_messages_as_fit_its_time() {
        assert_eq!(share_after(1, 0), MOST);
        assert_eq!(share_after(10, 1), 100);
        assert_eq!(share_after(10, 10), 10);
        assert_eq!(share_after(10, 1_000), 1);
        assert_eq!(share_after(1, 1_000), MOST / 2, "one measure may be wrong");
    }

    #[test]
    fn quick_messages_have_long_turns_again() {
        let mut pace = Pace::new();
        for _ in 0..10 {
            pace.fit(100_000);
        }
        assert_eq!(pace.share, 1);
        for _ in 0..10 {
            pace.fit(1);
        }
        assert_eq!(pace.share, MOST);
    }
}
