//! Where the answer to one call goes: one value, one waiting caller.
//!
//! A slot outlives its call: a caller that has seen how its call ended keeps it for the next one. So a
//! call allocates nothing. One that has given up does not, and an answer that comes too late finds a slot
//! that nobody looks at any more.
//!
//! An answer comes in two steps: the callback stores it, and the callee's loop publishes it when it
//! is settled what happens after the callback. In between the caller must not see it.

use std::sync::atomic::Ordering;
use std::task::{Context, Poll, Waker};

use super::sync::{Arc, AtomicU8, Mutex, let_go, unshared};

/// No answer to be seen yet.
const AWAITED: u8 = 0;
/// The same, and the caller has left another waker since.
const REVISITED: u8 = 1;
/// There is an answer.
const READY: u8 = 2;
/// There will be none.
const ABANDONED: u8 = 3;

pub(crate) struct Slot<T> {
    state: AtomicU8,
    /// The caller's. It stays from call to call: each is nearly always made by the same task.
    waker: Waker,
    inner: Mutex<Inner<T>>,
}

struct Inner<T> {
    answer: Option<T>,
    /// The one that the caller has left since, if it is [`REVISITED`].
    other: Option<Waker>,
}

impl<T> Slot<T> {
    /// A slot for a call whose caller is woken through `waker`.
    pub(crate) fn new(waker: &Waker) -> Self {
        Self {
            state: AtomicU8::new(AWAITED),
            waker: waker.clone(),
            inner: Mutex::new(Inner {
                answer: None,
                other: None,
            }),
        }
    }

    /// Whether its caller is woken through this.
    #[inline]
    pub(crate) fn wakes(&self, waker: &Waker) -> bool {
        self.waker.will_wake(waker)
    }

    /// What its caller is woken through.
    pub(crate) fn waker(&self) -> &Waker {
        &self.waker
    }

    /// Makes a slot that was kept wake this caller; nothing, if someone else holds it after all.
    #[inline]
    pub(crate) fn aim(mut self: Arc<Self>, waker: &Waker) -> Option<Arc<Self>> {
        if !self.waker.will_wake(waker) {
            unshared(&mut self)?.waker.clone_from(waker);
        }
        Some(self)
    }

    /// The answer, if it is there and nobody else holds the slot any more: then without a lock, and
    /// the slot is ready for the next call.
    #[inline]
    pub(crate) fn take(self: &mut Arc<Self>) -> Option<T> {
        if self.state.load(Ordering::Acquire) != READY {
            return None;
        }
        unshared(self)?.renew()
    }

    /// Makes the slot ready for the next call, unless someone else still holds it: a callee that answers
    /// after all, too late.
    pub(crate) fn reuse(self: &mut Arc<Self>) -> bool {
        unshared(self).map(Self::renew).is_some()
    }

    /// Makes the slot of a call whose end was seen ready for the next one, even if the callee still holds
    /// it. It does nothing with it any more but wake: should it find that the next call has left another
    /// waker, then it wakes that, too, and that caller leaves it again.
    #[cold]
    pub(crate) fn start_over(&self) {
        let mut inner = self.inner.lock();
        self.state.store(AWAITED, Ordering::Relaxed);
        let left = (inner.answer.take(), inner.other.take());
        drop(inner);
        // An answer that was taken back is the user's.
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
            READY => Poll::Ready(self.inner.lock().answer.take()),
            ABANDONED => Poll::Ready(None),
            AWAITED if self.waker.will_wake(cx.waker()) => Poll::Pending,
            _ => self.revisit(cx),
        }
    }

    /// Leaves the present waker, in a place where a callee looks only when it is told to.
    #[cold]
    fn revisit(&self, cx: &Context<'_>) -> Poll<Option<T>> {
        let mut inner = self.inner.lock();
        inner.other = Some(cx.waker().clone());
        let left =
            self.state
                .compare_exchange(AWAITED, REVISITED, Ordering::AcqRel, Ordering::Acquire);
        match left {
            Err(READY) => Poll::Ready(inner.answer.take()),
            Err(ABANDONED) => Poll::Ready(None),
            _ => Poll::Pending,
        }
    }

    /// Puts the answer in, to be published later.
    #[inline]
    pub(crate) fn store(self: Arc<Self>, value: T) -> Answer
    where
        T: Send + 'static,
    {
        self.inner.lock().answer = Some(value);
        Answer(self)
    }

    #[inline]
    fn settle(self: Arc<Self>, state: u8) {
        let other = match self.state.swap(state, Ordering::AcqRel) {
            REVISITED => self.inner.lock().other.take(),
            _ => None,
        };
        // By reference, which spares a clone. So the caller may come to run while this still holds the slot.
        self.waker.wake_by_ref();
        let_go(self);
        if let Some(waker) = other {
            waker.wake();
        }
    }
}

/// What can be done with a slot without knowing the type of its answer.
trait Settle: Send + Sync {
    fn publish(self: Arc<Self>);
    fn abandon(self: Arc<Self>);
}

impl<T: Send> Settle for Slot<T> {
    fn publish(self: Arc<Self>) {
        self.settle(READY);
    }

    fn abandon(self: Arc<Self>) {
        self.settle(ABANDONED);
    }
}

/// The callee's hold on a slot of any type.
#[must_use]
pub(crate) struct Answer(Arc<dyn Settle>);

impl Answer {
    /// That of a call for which no answer has been stored.
    pub(crate) fn none<T: Send + 'static>(slot: Arc<Slot<T>>) -> Self {
        Self(slot)
    }

    /// Lets the caller see the answer that was stored.
    #[inline]
    pub(crate) fn publish(self) {
        self.0.publish();
    }

    /// Tells the caller that there will be no answer.
    pub(crate) fn abandon(self) {
        self.0.abandon();
    }
}
