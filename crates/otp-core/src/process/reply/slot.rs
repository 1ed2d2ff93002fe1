//! Where the answer to one call goes: one value, one waiting caller.
//!
//! A slot outlives its call. A caller that has seen the end of its call keeps the slot for the next call, so a call
//! allocates nothing. A caller that has abandoned its call does not keep the slot: a late answer goes into a slot that
//! is no longer read.
//!
//! An answer comes in two steps. The callback stores it, and the callee's loop publishes it when the outcome of the
//! callback is decided. In between the caller must not see it.
//!
//! # States
//!
//! | from | to | by | how |
//! |---|---|---|---|
//! | `AWAITED` | `REVISITED` | the caller, polled with another waker | compare and exchange under the lock, after the waker was put there |
//! | `AWAITED`, `REVISITED` | `READY` or `ABANDONED` | the callee, once a call | swap, without the lock |
//! | any | `AWAITED` | the caller, once it has seen the end of the call | store, for the next call |
//!
//! # Why no wake is lost
//!
//! A caller that leaves another waker and a callee that settles meet in one atomic. If the swap comes first, the
//! exchange fails and returns the outcome to the caller, which then needs no wake-up. If the exchange comes first, the
//! swap returns `REVISITED`, and the callee takes the lock, under which the waker is already there. In `AWAITED` the
//! waker is the slot's initial one, which was set while the caller was the only holder.
//!
//! # Orderings
//!
//! The swap releases the answer, and the caller's load acquires it. To take the answer without the lock, or to exchange
//! the initial waker, the caller also has to be the only holder: `Arc::get_mut` acquires the callee's writes before it
//! dropped its reference. A caller that sees the outcome while the callee still holds the slot takes the lock. Such a
//! callee can only wake, so a slot may be reset while it holds it; the worst effect is a superfluous poll.
//!
//! The answer, the wakers and their destructors are the user's. None of them runs under the slot's lock. If a
//! destructor panics in the callee, which drops an unwanted answer, the panic is caught there.

use std::mem;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, Waker};

use crate::pid::Pid;
use crate::util::large;
use crate::util::lock::Lock;
use crate::util::panic::{self, OneOfMany};
use crate::util::sync::{Arc, AtomicU8, let_go, unshared};

/// There is no answer yet.
const AWAITED: u8 = 0;
/// There is no answer yet, and the caller has left another waker.
const REVISITED: u8 = 1;
/// The answer is there.
const READY: u8 = 2;
/// There will be no answer.
const ABANDONED: u8 = 3;

pub(crate) struct Slot<T> {
    state: AtomicU8,
    /// The caller's waker. It stays from call to call: nearly always the same task makes them.
    waker: Waker,
    /// The process that calls, if that is known.
    client: Option<Pid>,
    inner: Lock<SlotInner<T>>,
}

struct SlotInner<T> {
    answer: Option<T>,
    /// The waker that the caller has left since, in the state [`REVISITED`].
    other: Option<OneOfMany<Waker>>,
}

/// An answer that its caller did not take, such as a late one, is a value of the callee's: a panic when it is dropped
/// must not end the caller. It is dropped in its place, because answers may be large and debug builds copy moved
/// values.
impl<T> Drop for SlotInner<T> {
    fn drop(&mut self) {
        if self.answer.is_some() {
            panic::run_quietly(|| self.answer = None);
        }
    }
}

/// The other parts of a caller's wait have wakers, too, and any of them may panic as it is dropped.
impl<T> Drop for Slot<T> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let waker = mem::replace(&mut self.waker, Waker::noop().clone());
            panic::run_quietly(|| drop(waker));
        }
    }
}

impl<T> Slot<T> {
    /// A slot for a call whose caller is woken through `waker`.
    pub(crate) fn new(waker: &Waker) -> Self {
        Self::of(None, waker)
    }

    /// The same, for the calls of a process.
    pub(crate) fn of(client: Option<Pid>, waker: &Waker) -> Self {
        const { large::assert_value::<T>() };
        Self {
            state: AtomicU8::new(AWAITED),
            waker: waker.clone(),
            client,
            inner: Lock::new(SlotInner {
                answer: None,
                other: None,
            }),
        }
    }

    /// Whether the caller is woken through this waker.
    #[inline]
    pub(crate) fn wakes(&self, waker: &Waker) -> bool {
        self.waker.will_wake(waker)
    }

    /// Makes a kept slot that of this caller; `None` if there is another holder after all.
    #[inline]
    pub(crate) fn aim(
        mut self: Arc<Self>,
        client: Option<Pid>,
        waker: &Waker,
    ) -> Option<Arc<Self>> {
        if !self.waker.will_wake(waker) || self.client != client {
            let slot = unshared(&mut self)?;
            slot.waker.clone_from(waker);
            slot.client = client;
        }
        Some(self)
    }

    /// The answer, if it is there and the slot has no other holder. Then no lock is needed, and the slot is ready for
    /// the next call.
    #[inline]
    pub(crate) fn take(self: &mut Arc<Self>) -> Option<T> {
        if self.state.load(Ordering::Acquire) != READY {
            return None;
        }
        unshared(self)?.renew()
    }

    /// Resets the slot for reuse, unless a callee that answers too late still holds it.
    pub(crate) fn reuse(self: &mut Arc<Self>) -> bool {
        let Some(slot) = unshared(self) else {
            return false;
        };
        if let Some(answer) = slot.renew() {
            // It is the callee's, as in `Drop`.
            panic::run_quietly(|| drop(answer));
        }
        true
    }

    /// Resets the slot of a finished call for reuse. The callee may still hold a reference; all it can still do is wake. If it
    /// finds the waker of the next call, it wakes that caller, which leaves its waker again.
    #[cold]
    pub(crate) fn start_over(&self) {
        let left = self.inner.with(|inner| {
            self.state.store(AWAITED, Ordering::Relaxed);
            (inner.answer.take(), inner.other.take())
        });
        drop(left);
    }

    #[inline]
    fn renew(&mut self) -> Option<T> {
        self.state.store(AWAITED, Ordering::Relaxed);
        let inner = self.inner.get_mut();
        inner.other = None;
        inner.answer.take()
    }

    /// Waits for the answer; `None` when there will be none.
    #[inline]
    pub(crate) fn poll(&self, cx: &Context<'_>) -> Poll<Option<T>> {
        match self.state.load(Ordering::Acquire) {
            READY => Poll::Ready(self.inner.with(|inner| inner.answer.take())),
            ABANDONED => Poll::Ready(None),
            AWAITED if self.waker.will_wake(cx.waker()) => Poll::Pending,
            _ => self.revisit(cx),
        }
    }

    /// Whether there will be no answer.
    pub(crate) fn is_abandoned(&self) -> bool {
        self.state.load(Ordering::Acquire) == ABANDONED
    }

    /// Leaves the present waker, in a place where a callee looks only in the state [`REVISITED`].
    #[cold]
    fn revisit(&self, cx: &Context<'_>) -> Poll<Option<T>> {
        let waker = OneOfMany::new(cx.waker().clone());
        let (polled, _replaced) = self.inner.with(|inner| {
            let replaced = inner.other.replace(waker);
            let left = self.state.compare_exchange(
                AWAITED,
                REVISITED,
                Ordering::AcqRel,
                Ordering::Acquire,
            );
            let polled = match left {
                Err(READY) => Poll::Ready(inner.answer.take()),
                Err(ABANDONED) => Poll::Ready(None),
                _ => Poll::Pending,
            };
            (polled, replaced)
        });
        polled
    }

    /// Puts the answer in, to be published later.
    #[inline]
    pub(crate) fn store(self: Arc<Self>, value: T) -> Answer
    where
        T: Send + 'static,
    {
        self.inner.with(|inner| inner.answer = Some(value));
        Answer(self)
    }

    #[inline]
    fn settle(self: Arc<Self>, state: u8) {
        let other = match self.state.swap(state, Ordering::AcqRel) {
            REVISITED => self.inner.with(|inner| inner.other.take()),
            _ => None,
        };
        // The callee does not end over a waker or a destructor of its caller's.
        panic::run_quietly(|| {
            // By reference, which saves a clone. So the caller may run while the callee still holds the slot.
            self.waker.wake_by_ref();
            // If the caller is gone this drops the answer.
            let_go(self);
        });
        panic::each(other, |waker| waker.wake_by_ref());
    }
}

/// The operations on a slot that do not depend on the type of its answer.
trait Settle: Send + Sync {
    fn client(&self) -> Option<Pid>;
    fn publish(self: Arc<Self>);
    fn abandon(self: Arc<Self>);
}

impl<T: Send> Settle for Slot<T> {
    fn client(&self) -> Option<Pid> {
        self.client
    }

    fn publish(self: Arc<Self>) {
        self.settle(READY);
    }

    fn abandon(self: Arc<Self>) {
        // Retracted here and not with the slot, so that the caller never drops an answer that it must not see.
        let retracted = self.inner.with(|inner| inner.answer.take());
        panic::run_quietly(|| drop(retracted));
        self.settle(ABANDONED);
    }
}

/// The callee's reference to a slot with an answer of any type.
#[must_use]
pub(crate) struct Answer(Arc<dyn Settle>);

impl Answer {
    /// The hold on the slot of a call for which no answer has been stored.
    pub(crate) fn none<T: Send + 'static>(slot: Arc<Slot<T>>) -> Self {
        Self(slot)
    }

    /// The process that gets the answer, if that is known.
    pub(crate) fn client(&self) -> Option<Pid> {
        self.0.client()
    }

    /// Publishes the stored answer.
    #[inline]
    pub(crate) fn publish(self) {
        self.0.publish();
    }

    /// Settles the call without an answer.
    pub(crate) fn abandon(self) {
        self.0.abandon();
    }
}
