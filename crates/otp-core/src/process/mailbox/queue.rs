//! The shared half of a mailbox: many senders push, one owner swaps the whole queue out.
//!
//! Waker, closed flag and items are under one lock, so there is no window between "found nothing" and "now waiting" in
//! which a message could be missed. The owner works without a lock on the items that it has swapped out.

use std::collections::VecDeque;
use std::iter;
use std::mem;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use super::bound::Bound;
use super::inbox::{Pace, Taken};
use super::limit::MailboxLimit;
use super::room::wake_all;
use crate::util::lock::{Critical, Lock};
use crate::util::panic::HarmlessWaker;
use crate::util::sync::AtomicU8;

/// A queue with more room than this gives it back when it runs empty.
const KEPT_CAPACITY: usize = 1024;

/// How much room a queue has at first. A server that handles each message before the next one comes uses one place again and
/// again, which is in the cache.
const FIRST_CAPACITY: usize = 1;

/// Up to this many bytes an item is made in its place. For a larger item the copy is the smaller cost, and without
/// optimisation each function on the way there would have a copy on its stack.
const SMALL: usize = if cfg!(debug_assertions) {
    128
} else {
    usize::MAX
};

#[repr(C)]
pub(crate) struct Queue<T> {
    /// Identifies the waker of the process's own task without holding the task. It is set at the first poll and does
    /// not change.
    task: Identity,
    pub(super) signs: Signs,
    pub(super) inner: Lock<QueueInner<T>>,
}

/// The state of a queue in a few bits. They are beside the lock, where there is room, and change only under it.
pub(super) struct Signs(AtomicU8);

/// There may be items. A hint, without the lock, for an owner that has been promised to be woken.
const FILLED: u8 = 1;
/// The owner found nothing and waits.
const PARKED: u8 = 1 << 1;
/// The queue takes no more.
const CLOSED: u8 = 1 << 2;

impl Signs {
    #[inline(always)]
    fn get(&self) -> u8 {
        self.0.load(Ordering::Relaxed)
    }

    #[inline(always)]
    fn set(&self, signs: u8) {
        self.0.store(signs, Ordering::Relaxed);
    }

    #[inline(always)]
    pub(super) fn is_closed(&self) -> bool {
        self.get() & CLOSED != 0
    }

    /// The owner has looked. `leaves`: it has left items here. `parked`: the next item wakes it.
    #[inline(always)]
    pub(super) fn looked(&self, leaves: bool, parked: bool) {
        let filled = if leaves { FILLED } else { 0 };
        let parked = if parked { PARKED } else { 0 };
        self.set(self.get() & CLOSED | filled | parked);
    }

    /// An open queue has one more item. Returns whether the owner must be woken.
    #[inline(always)]
    fn fill(&self) -> bool {
        let before = self.get();
        self.set(FILLED);
        before & PARKED != 0
    }
}

/// The identity of a waker, as [`Waker::will_wake`] compares it. It is written at the first poll, when the mailbox can
/// only be in the task.
#[derive(Default)]
struct Identity {
    data: AtomicUsize,
    /// Nothing before it is known.
    vtable: AtomicUsize,
}

impl Identity {
    fn set(&self, waker: &Waker) {
        self.data.store(waker.data().addr(), Ordering::Relaxed);
        self.vtable.store(vtable(waker), Ordering::Relaxed);
    }

    #[inline(always)]
    fn is_of(&self, waker: &Waker) -> bool {
        self.data.load(Ordering::Relaxed) == waker.data().addr()
            && self.vtable.load(Ordering::Relaxed) == vtable(waker)
    }
}

#[inline(always)]
fn vtable(waker: &Waker) -> usize {
    std::ptr::from_ref(waker.vtable()).addr()
}

/// The fields that each push reads come first, to be on as few cache lines as possible.
#[repr(C)]
pub(super) struct QueueInner<T> {
    pub(super) items: VecDeque<T>,
    pub(super) seldom: Option<Box<Seldom>>,
    /// Wakes the task, from its first poll until it closes the queue at its end. A waker keeps the memory of its task, and a
    /// queue may be kept for long after.
    waker: Option<Waker>,
}

/// The parts that few queues have, in a box of their own.
#[derive(Default)]
pub(super) struct Seldom {
    pub(super) bound: Option<Bound>,
    /// The owner was last polled inside a combinator that has a separate waker (such as `FuturesUnordered`), which must be
    /// woken in place of the task's.
    pub(super) other: Option<Waker>,
}

/// An item of a queue.
pub(crate) trait Queued {
    /// Whether it may be dropped to make room for another. A signal may not.
    fn is_message(&self) -> bool;

    /// Whether it is before all items that are not urgent.
    fn is_urgent(&self) -> bool {
        false
    }
}

/// An item that the queue has no place for.
#[derive(Debug, PartialEq)]
pub(crate) enum NotTaken<T> {
    /// The queue is closed.
    Closed(T),
    /// There are as many as may be.
    Full {
        item: T,
        limit: MailboxLimit,
        /// The first one since the queue was last empty.
        first: bool,
        /// It is an older item, which was dropped to make room for the new one.
        replaced: bool,
    },
}

impl<T> NotTaken<T> {
    pub(crate) fn into_item(self) -> T {
        match self {
            Self::Closed(item) | Self::Full { item, .. } => item,
        }
    }

    pub(crate) fn map<U>(self, f: impl FnOnce(T) -> U) -> NotTaken<U> {
        match self {
            Self::Closed(item) => NotTaken::Closed(f(item)),
            Self::Full {
                item,
                limit,
                first,
                replaced,
            } => NotTaken::Full {
                item: f(item),
                limit,
                first,
                replaced,
            },
        }
    }
}

/// The number of urgent items, which come first.
pub(super) fn urgent<T: Queued>(items: &VecDeque<T>) -> usize {
    items.partition_point(Queued::is_urgent)
}

/// The owner's state of its queue.
pub(crate) struct QueueOwner {
    /// The next push wakes the task: see [`Queue::may_rest`].
    pub(super) promised: bool,
    /// The first item of the owner was urgent, and is handled next.
    pub(super) opened: bool,
    pub(super) pace: Pace,
}

impl QueueOwner {
    pub(crate) fn new() -> Self {
        Self {
            promised: false,
            opened: false,
            pace: Pace::new(),
        }
    }
}

impl<T: Queued> Queue<T> {
    pub(crate) fn new() -> Self {
        Self {
            task: Identity::default(),
            signs: Signs(AtomicU8::new(0)),
            inner: Lock::new(QueueInner {
                items: VecDeque::new(),
                seldom: None,
                waker: None,
            }),
        }
    }

    /// Makes the task's waker known; called once, at the first poll.
    pub(crate) fn attach(&self, waker: &Waker) {
        self.task.set(waker);
        let waker = waker.clone();
        // A close before this is seen by the poll that attaches; a close after it finds the waker.
        self.inner.with(|inner| inner.waker = Some(waker));
    }

    /// The task's waker, once it is known and until the task ends.
    pub(crate) fn waker(&self) -> Option<Waker> {
        self.inner.with(|inner| inner.waker.clone())
    }

    /// Appends an item and wakes the owner if it waits. The item is made of its content under the lock, where it goes, so
    /// that it is not moved.
    ///
    /// # Errors
    ///
    /// Gives the item back when the queue is closed or full, and the oldest one when that had to make room.
    #[inline(always)]
    pub(crate) fn push<C>(
        &self,
        content: C,
        make: impl FnOnce(C) -> T,
        taken: &Taken,
    ) -> Result<(), NotTaken<T>> {
        let mut not_taken = None;
        let append = Append {
            make,
            limit: PushLimited(taken),
            signs: &self.signs,
            not_taken: &mut not_taken,
        };
        let waker = self.inner.run_with(append, content);
        wake(waker);
        not_taken.map_or(Ok(()), Err)
    }

    /// Appends an item that always enters, in a critical section. The returned waker must be woken after that.
    pub(crate) fn append_urgent(&self, item: T) -> Result<Option<Waker>, NotTaken<T>> {
        let mut not_taken = None;
        let append = Append {
            make: |item| item,
            limit: Unlimited,
            signs: &self.signs,
            not_taken: &mut not_taken,
        };
        let waker = self.inner.run_with(append, item);
        not_taken.map_or(Ok(waker), Err)
    }

    /// Puts an urgent item behind those that are urgent and before all others. The returned waker must be woken.
    ///
    /// # Errors
    ///
    /// Gives the item back when the queue is closed.
    pub(crate) fn insert_urgent(&self, item: T) -> Result<Option<Waker>, T> {
        self.inner.with(|inner| {
            if self.signs.is_closed() {
                return Err(item);
            }
            let at = urgent(&inner.items);
            inner.items.insert(at, item);
            Ok(inner.appended(&self.signs))
        })
    }

    /// Takes the urgent items. The owner holds `held` items besides.
    pub(super) fn take_urgent(&self, held: usize, taken: &Taken) -> VecDeque<T> {
        self.inner.with(|inner| {
            let count = urgent(&inner.items);
            let items: VecDeque<T> = inner.items.drain(..count).collect();
            if inner.bound().is_some() {
                // Under the lock, so that no sender finds these items in neither place.
                taken.change(held + items.len());
            }
            items
        })
    }

    /// Whether an owner that has been promised to be woken by the next push has nothing to do: it need
    /// not take the lock to find nothing new.
    #[inline(always)]
    pub(crate) fn may_rest(&self, cx: &Context<'_>, owner: &QueueOwner) -> bool {
        // The push that fills the queue wakes the task after it has set the flag: should this load
        // miss it, the task is polled again.
        owner.promised && self.signs.get() & FILLED == 0 && self.is_woken_by(cx.waker())
    }

    /// Whether this waker is that of the task that the process is.
    #[inline(always)]
    pub(crate) fn is_woken_by(&self, waker: &Waker) -> bool {
        self.task.is_of(waker)
    }

    /// Swaps everything queued into `local`, which must be empty, or waits for a first item. The owner holds `held` items
    /// besides.
    ///
    /// In both cases the owner learns whether the next push will wake the task: see [`may_rest`](Self::may_rest).
    #[inline(always)]
    pub(crate) fn poll_swap(
        &self,
        cx: &Context<'_>,
        local: &mut VecDeque<T>,
        owner: &mut QueueOwner,
        taken: &Taken,
        held: usize,
    ) -> Poll<()> {
        debug_assert!(local.is_empty(), "items would be overtaken");
        owner.promised = self.is_woken_by(cx.waker());
        // After the exchange this is the waker of the previous poll, which is not needed any more.
        let mut other = match owner.promised {
            true => None,
            false => Some(harmless(cx.waker())),
        };
        self.inner.run(SwapQueue {
            local,
            owner,
            taken,
            held,
            other: &mut other,
            signs: &self.signs,
        })
    }

    /// Refuses all further items and wakes the task. The queued items stay for [`drain`](Self::drain).
    pub(crate) fn close(&self, taken: &Taken) {
        let (waiting, task) = self.inner.run(Close {
            taken,
            signs: &self.signs,
            // It is tokio's.
            task: |waker: &mut Option<Waker>| waker.clone(),
        });
        if let Some(waiting) = waiting {
            wake_all(waiting);
        }
        wake(task);
    }

    /// Closes the queue for the owner, and drops the waker of its task, which needs no wake-ups any more. Others may
    /// wait: senders for room, and a task that has the mailbox although it is not the process.
    pub(crate) fn seal(&self, taken: &Taken) {
        let (waiting, task) = self.inner.run(Close {
            taken,
            signs: &self.signs,
            task: Option::take,
        });
        if let Some(waiting) = waiting {
            wake_all(waiting);
        }
        drop(task);
    }

    /// Takes the remaining items of a closed queue, if there are any.
    pub(crate) fn drain(&self) -> Option<VecDeque<T>> {
        // The thread that has closed it, or that knows that it is closed, sees the flag of the last push.
        let is_filled = self.signs.get() & FILLED != 0;
        is_filled.then(|| self.inner.with(|inner| mem::take(&mut inner.items)))
    }

    /// Removes the first item for which `wanted` is true.
    pub(crate) fn remove_first(&self, wanted: impl FnMut(&T) -> bool, taken: &Taken) -> Option<T> {
        let (removed, wakers) = self.inner.with(|inner| {
            let at = inner.items.iter().position(wanted);
            let removed = at.and_then(|at| inner.items.remove(at));
            (removed, inner.grant(taken))
        });
        wake_all(wakers);
        removed
    }

    pub(crate) fn len(&self) -> usize {
        self.inner.with(|inner| inner.items.len())
    }

    /// The number of queued items, and of those that the owner has taken and not handled.
    pub(crate) fn waiting(&self, taken: &Taken) -> usize {
        self.inner.with(|inner| inner.items.len() + taken.count())
    }

    /// Gives back the room that the queue does not need now.
    pub(crate) fn shrink(&self) {
        self.inner.with(|inner| inner.items.shrink_to_fit());
    }
}

/// Puts an item into an open queue. Its content is the section's input.
struct Append<'a, T, F, L> {
    make: F,
    limit: L,
    signs: &'a Signs,
    /// An item that is not taken goes here. In the return value it would cost a read for each message.
    not_taken: &'a mut Option<NotTaken<T>>,
}

/// Whether the queue's limit is for an item.
trait PushLimit {
    fn taken(&self) -> Option<&Taken>;
}

struct PushLimited<'a>(&'a Taken);

struct Unlimited;

impl PushLimit for PushLimited<'_> {
    #[inline(always)]
    fn taken(&self) -> Option<&Taken> {
        Some(self.0)
    }
}

impl PushLimit for Unlimited {
    #[inline(always)]
    fn taken(&self) -> Option<&Taken> {
        None
    }
}

impl<T: Queued, C, F: FnOnce(C) -> T, L: PushLimit> Critical<QueueInner<T>, C>
    for Append<'_, T, F, L>
{
    /// The tasks to wake.
    type Output = Option<Waker>;

    #[inline(always)]
    fn run(self, inner: &mut QueueInner<T>, content: C) -> Option<Waker> {
        if self.signs.is_closed() {
            *self.not_taken = Some(NotTaken::Closed((self.make)(content)));
            return None;
        }
        if let Some(taken) = self.limit.taken()
            && let Some(bound) = inner.bound()
            && !bound.admits(inner.items.len() + taken.count())
        {
            let item = (self.make)(content);
            return inner.overflow(item, self.signs, self.not_taken);
        }
        inner.append(|| (self.make)(content), self.signs)
    }
}

/// Swaps the items with those of the owner, which has none.
struct SwapQueue<'a, T> {
    local: &'a mut VecDeque<T>,
    owner: &'a mut QueueOwner,
    taken: &'a Taken,
    /// The number of items that the owner holds besides.
    held: usize,
    /// Wakes the owner, if it is not polled by its task.
    other: &'a mut Option<Waker>,
    signs: &'a Signs,
}

impl<T: Queued> Critical<QueueInner<T>> for SwapQueue<'_, T> {
    type Output = Poll<()>;

    #[inline(always)]
    fn run(self, inner: &mut QueueInner<T>, (): ()) -> Poll<()> {
        let bounded = match (&inner.seldom, &self.other) {
            (None, None) => false,
            _ => inner.exchange(self.other),
        };
        if bounded {
            inner.look(self.held, self.owner);
        }
        if inner.items.is_empty() {
            self.signs.looked(false, true);
            return Poll::Pending;
        }
        let mut leaves = false;
        if bounded {
            inner.take(self.local, self.held, self.taken);
            leaves = !inner.items.is_empty();
        } else {
            if inner.items.len() < KEPT_CAPACITY {
                // After a burst the memory is larger than the senders need now.
                give_back(self.local);
            }
            mem::swap(&mut inner.items, self.local);
            // An owner that has yielded continues by itself. If a push woke it, it would run before the tasks to which it
            // has yielded.
            self.owner.promised &= self.local.len() == 1;
        }
        self.signs.looked(leaves, self.owner.promised);
        Poll::Ready(())
    }
}

/// Closes the queue.
struct Close<'a, W> {
    taken: &'a Taken,
    signs: &'a Signs,
    /// The caller's use of the task's waker.
    task: W,
}

impl<T, W> Critical<QueueInner<T>> for Close<'_, W>
where
    T: Queued,
    W: FnOnce(&mut Option<Waker>) -> Option<Waker>,
{
    /// The tasks to wake besides the owner's, and the waker of that.
    type Output = (Option<Vec<Waker>>, Option<Waker>);

    #[inline(always)]
    fn run(self, inner: &mut QueueInner<T>, (): ()) -> Self::Output {
        self.signs.set(self.signs.get() | CLOSED);
        (
            inner.leave_others(self.taken),
            (self.task)(&mut inner.waker),
        )
    }
}

impl<T: Queued> QueueInner<T> {
    #[inline(always)]
    pub(super) fn append(&mut self, make: impl FnOnce() -> T, signs: &Signs) -> Option<Waker> {
        if size_of::<T>() <= SMALL && self.items.len() < self.items.capacity() {
            // The item is made in its place. With `push_back` it would be made before the room is known, and then
            // copied: a load that is wider than the stores just before it waits for them.
            self.items.extend(iter::once_with(make));
        } else {
            grow(&mut self.items, make());
        }
        self.appended(signs)
    }

    /// The queue has one more item. Returns the waker of an owner that must be woken.
    #[inline(always)]
    fn appended(&mut self, signs: &Signs) -> Option<Waker> {
        if !signs.fill() {
            return None;
        }
        match &mut self.seldom {
            Some(seldom) if seldom.other.is_some() => seldom.other.take(),
            // A clone, so that it is woken after the critical section. It is tokio's.
            _ => self.waker.clone(),
        }
    }

    pub(super) fn bound(&self) -> Option<&Bound> {
        self.seldom.as_ref()?.bound.as_ref()
    }

    pub(super) fn bound_mut(&mut self) -> Option<&mut Bound> {
        self.seldom.as_mut()?.bound.as_mut()
    }

    /// The owner is polled by this waker, or by its task: exchanges the waker for the one of the poll before. Whether the queue
    /// has a limit.
    #[cold]
    fn exchange(&mut self, other: &mut Option<Waker>) -> bool {
        let seldom = self.seldom.get_or_insert_default();
        mem::swap(&mut seldom.other, other);
        seldom.bound.is_some()
    }
}

/// Wakes the owner of a queue that is polled by another executor inside of its task.
#[cold]
fn harmless(waker: &Waker) -> Waker {
    HarmlessWaker::default().of(waker)
}

/// Appends an item that is large, or for which there is no room yet.
#[inline(never)]
fn grow<T>(items: &mut VecDeque<T>, item: T) {
    if items.capacity() == 0 {
        // By itself it would begin with four. Most servers never have so many at a time, and keep what they have had.
        // An empty deque has nothing to drop, and dropping it takes more time than this.
        mem::forget(mem::replace(items, VecDeque::with_capacity(FIRST_CAPACITY)));
    } else if items.len() == FIRST_CAPACITY {
        items.reserve_exact(FIRST_CAPACITY);
    }
    items.push_back(item);
}

/// Wakes the wakers that a critical section has returned.
#[inline(always)]
pub(crate) fn wake(waker: Option<Waker>) {
    if let Some(waker) = waker {
        waker.wake();
    }
}

/// Gives back the room that a burst has taken in an empty deque.
#[inline]
pub(crate) fn give_back<T>(local: &mut VecDeque<T>) {
    if local.capacity() > KEPT_CAPACITY {
        *local = VecDeque::new();
    }
}
