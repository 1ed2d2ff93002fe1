//! The shared half of a mailbox: many senders push, one owner swaps the whole queue out.
//!
//! Waker, closed flag and items stand under one lock, so there is no window between "found
//! nothing" and "now waiting" in which a message could be missed. The owner works on what it
//! swapped out without locking at all.

use std::collections::VecDeque;
use std::mem;
use std::sync::OnceLock;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, RawWakerVTable, Waker};

use super::limit::MailboxLimit;
use super::lock::Lock;
use super::sync::AtomicBool;

/// A queue with more room than this gives it back when it runs empty.
const KEPT_CAPACITY: usize = 1024;

#[repr(C)]
pub(crate) struct Queue<T> {
    /// Which waker is that of the task that the process is; set at its first poll and the same ever after. It says so
    /// without holding the task.
    task: OnceLock<Identity>,
    /// Whether there may be items. A hint for an owner that has been promised to be woken.
    filled: AtomicBool,
    inner: Lock<Inner<T>>,
}

/// What a waker is told by, as [`Waker::will_wake`] does.
struct Identity {
    data: usize,
    vtable: &'static RawWakerVTable,
}

impl Identity {
    #[inline(always)]
    fn of(waker: &Waker) -> Self {
        Self {
            data: waker.data().addr(),
            vtable: waker.vtable(),
        }
    }

    #[inline(always)]
    fn is_of(&self, waker: &Waker) -> bool {
        self.data == waker.data().addr() && std::ptr::eq(self.vtable, waker.vtable())
    }
}

/// What each push looks at comes first, to be on as few cache lines as can be.
#[repr(C)]
struct Inner<T> {
    /// The owner found nothing and waits.
    parked: bool,
    closed: bool,
    items: VecDeque<T>,
    /// Few have one, so the others carry no more than this.
    bound: Option<Box<Bound>>,
    /// The owner waits inside a combinator with a waker of its own (such as `FuturesUnordered`),
    /// which must be woken in place of the task's.
    other: Option<Box<Waker>>,
    /// Wakes the task, from its first poll until it has died. A waker keeps the memory of its task, and a queue may be
    /// kept for long after.
    waker: Option<Waker>,
}

struct Bound {
    limit: MailboxLimit,
    /// An item was refused since the queue was last empty.
    reached: bool,
}

/// An item that was not taken.
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
            Self::Full { item, limit, first } => NotTaken::Full {
                item: f(item),
                limit,
                first,
            },
        }
    }
}

impl<T> Queue<T> {
    pub(crate) fn new() -> Self {
        Self {
            task: OnceLock::new(),
            filled: AtomicBool::new(false),
            inner: Lock::new(Inner {
                items: VecDeque::new(),
                parked: false,
                closed: false,
                bound: None,
                other: None,
                waker: None,
            }),
        }
    }

    /// Makes the task's waker known; called once, at the first poll.
    pub(crate) fn attach(&self, waker: &Waker) {
        let _ = self.task.set(Identity::of(waker));
        let waker = waker.clone();
        // Whoever closes the queue before is seen by the poll that attaches, whoever closes it after finds the waker.
        self.inner.with(|inner| inner.waker = Some(waker));
    }

    /// The task's waker, once it is known and until it has died.
    pub(crate) fn waker(&self) -> Option<Waker> {
        self.inner.with(|inner| inner.waker.clone())
    }

    /// Lets go of the task, which has died, and wakes one that waits for items elsewhere: none come any more.
    pub(crate) fn let_go(&self) {
        let (task, other) = self
            .inner
            .with(|inner| (inner.waker.take(), inner.other.take()));
        drop(task);
        if let Some(other) = other {
            other.wake();
        }
    }

    /// Limits how many items may be queued from now on.
    pub(crate) fn limit(&self, limit: Option<MailboxLimit>) {
        let bound = limit.map(|limit| {
            Box::new(Bound {
                limit,
                reached: false,
            })
        });
        self.inner.with(|inner| inner.bound = bound);
    }

    /// Appends an item and wakes the owner if it waits.
    ///
    /// # Errors
    ///
    /// Gives the item back when the queue is closed or full.
    #[inline]
    pub(crate) fn push(&self, item: T) -> Result<(), NotTaken<T>> {
        wake(self.append(item, true)?);
        Ok(())
    }

    /// As [`push`](Self::push), for what gets in however many there are.
    pub(crate) fn push_urgent(&self, item: T) -> Result<(), NotTaken<T>> {
        wake(self.append_urgent(item)?);
        Ok(())
    }

    /// As [`push_urgent`](Self::push_urgent), in a critical section: whom it returns is to be woken after that.
    pub(crate) fn append_urgent(&self, item: T) -> Result<Option<Waker>, NotTaken<T>> {
        self.append(item, false)
    }

    #[inline(always)]
    fn append(&self, item: T, within_limit: bool) -> Result<Option<Waker>, NotTaken<T>> {
        self.inner.with(|inner| {
            if inner.closed {
                return Err(NotTaken::Closed(item));
            }
            if within_limit && inner.bound.is_some() && inner.is_full() {
                return Err(inner.refuse(item));
            }
            inner.items.push_back(item);
            self.filled.store(true, Ordering::Relaxed);
            if !mem::take(&mut inner.parked) {
                return Ok(None);
            }
            Ok(match inner.other.take() {
                Some(other) => Some(*other),
                // A clone, so that it is woken after the critical section. It is tokio's.
                None => inner.waker.clone(),
            })
        })
    }

    /// Whether an owner that has been promised to be woken by the next push has nothing to do: it need
    /// not take the lock to find nothing new.
    #[inline(always)]
    pub(crate) fn may_rest(&self, cx: &Context<'_>, promised: bool) -> bool {
        // The push that fills the queue wakes the task after it has set the flag: should this load
        // miss it, the task is polled again.
        promised && !self.filled.load(Ordering::Relaxed) && self.is_polled_by_task(cx)
    }

    #[inline(always)]
    fn is_polled_by_task(&self, cx: &Context<'_>) -> bool {
        self.task.get().is_some_and(|task| task.is_of(cx.waker()))
    }

    /// Swaps everything queued into `local`, which must be empty, or waits for a first item.
    ///
    /// Either way `promised` tells afterwards whether the next push will wake the task: see
    /// [`may_rest`](Self::may_rest).
    pub(crate) fn poll_swap(
        &self,
        cx: &Context<'_>,
        local: &mut VecDeque<T>,
        promised: &mut bool,
    ) -> Poll<()> {
        debug_assert!(local.is_empty(), "items would be overtaken");
        let by_task = self.is_polled_by_task(cx);
        *promised = by_task;
        let other = (!by_task).then(|| Box::new(cx.waker().clone()));
        // The waker that is replaced, or not needed, is dropped after the critical section.
        let (polled, _unused) = self.inner.with(|inner| {
            self.filled.store(false, Ordering::Relaxed);
            if inner.items.is_empty() {
                inner.parked = true;
                return (Poll::Pending, mem::replace(&mut inner.other, other));
            }
            inner.parked = by_task;
            if inner.bound.is_some() {
                // One at a time, so that all that wait are counted.
                inner.take_one(local);
                self.filled
                    .store(!inner.items.is_empty(), Ordering::Relaxed);
            } else {
                if inner.items.len() < KEPT_CAPACITY {
                    // What is left from a burst is more than the senders need now.
                    give_back(local);
                }
                mem::swap(&mut inner.items, local);
            }
            (Poll::Ready(()), inner.other.take())
        });
        polled
    }

    /// Refuses all further items and wakes the task. What is queued stays for [`drain`](Self::drain).
    pub(crate) fn close(&self) {
        wake(self.inner.with(|inner| {
            inner.closed = true;
            inner.waker.clone()
        }));
    }

    /// Closes the queue on the owner's own behalf, which needs no waking.
    pub(crate) fn seal(&self) {
        self.inner.with(|inner| inner.closed = true);
    }

    /// Takes what is left in a closed queue.
    pub(crate) fn drain(&self) -> VecDeque<T> {
        // Whoever has closed it, or knows that it is closed, sees the flag of the last push.
        if !self.filled.load(Ordering::Relaxed) {
            return VecDeque::new();
        }
        self.inner.with(|inner| mem::take(&mut inner.items))
    }

    /// Removes the first item for which `wanted` is true.
    pub(crate) fn remove_first(&self, wanted: impl FnMut(&T) -> bool) -> Option<T> {
        self.inner.with(|inner| {
            let at = inner.items.iter().position(wanted)?;
            inner.items.remove(at)
        })
    }

    pub(crate) fn len(&self) -> usize {
        self.inner.with(|inner| inner.items.len())
    }

    /// Gives back the room that the queue does not need now.
    pub(crate) fn shrink(&self) {
        self.inner.with(|inner| inner.items.shrink_to_fit());
    }
}

/// Wakes whom a critical section has returned.
#[inline(always)]
pub(crate) fn wake(waker: Option<Waker>) {
    if let Some(waker) = waker {
        waker.wake();
    }
}

impl<T> Inner<T> {
    #[cold]
    fn is_full(&self) -> bool {
        let bound = self.bound.as_ref();
        bound.is_some_and(|bound| self.items.len() >= bound.limit.messages)
    }

    #[cold]
    fn refuse(&mut self, item: T) -> NotTaken<T> {
        let bound = self
            .bound
            .as_mut()
            .expect("a queue that is full has a bound");
        NotTaken::Full {
            item,
            limit: bound.limit,
            first: !mem::replace(&mut bound.reached, true),
        }
    }

    #[cold]
    fn take_one(&mut self, local: &mut VecDeque<T>) {
        local.extend(self.items.pop_front());
        if let Some(bound) = self.bound.as_mut().filter(|_| self.items.is_empty()) {
            bound.reached = false;
        }
    }
}

/// Gives back the room that a burst has taken in an empty deque.
#[inline]
pub(crate) fn give_back<T>(local: &mut VecDeque<T>) {
    if local.capacity() > KEPT_CAPACITY {
        *local = VecDeque::new();
    }
}
