//! Where the answer to one call goes: one value, one waiting caller.
//!
//! A slot outlives its call: the caller keeps it for its next one, and uses it if by then nobody
//! else holds it. So a call allocates nothing, and an answer that comes too late finds a slot that
//! nobody looks at any more.
//!
//! An answer comes in two steps: the callback stores it, and the callee's loop publishes it when it
//! is settled what happens after the callback. In between the caller must not see it.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, Waker};

use super::sync::{AtomicU8, Mutex};

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
    inner: Mutex<Inner<T>>,
}

struct Inner<T> {
    answer: Option<T>,
    waker: Option<Waker>,
}

impl<T> Slot<T> {
    /// A slot for a call whose caller is woken through `waker`.
    pub(crate) fn new(waker: &Waker) -> Self {
        Self {
            state: AtomicU8::new(AWAITED),
            inner: Mutex::new(Inner {
                answer: None,
                waker: Some(waker.clone()),
            }),
        }
    }

    /// Makes a slot that was used before ready for another call, unless someone else still holds it: a
    /// callee that answers after all, too late.
    #[inline]
    pub(crate) fn reuse(self: &mut Arc<Self>, waker: &Waker) -> bool {
        let Some(slot) = Arc::get_mut(self) else {
            return false;
        };
        slot.state.store(AWAITED, Ordering::Relaxed);
        let inner = slot.inner.get_mut();
        inner.answer = None;
        inner.waker = Some(waker.clone());
        true
    }

    /// The answer, if it is there and nobody else holds the slot any more: then without a lock.
    #[inline]
    pub(crate) fn take(self: &mut Arc<Self>) -> Option<T> {
        if self.state.load(Ordering::Acquire) != READY {
            return None;
        }
        Arc::get_mut(self)?.inner.get_mut().answer.take()
    }

    /// Waits for the answer; `None` when there will be none.
    #[inline]
    pub(crate) fn poll(&self, cx: &Context<'_>) -> Poll<Option<T>> {
        match self.state.load(Ordering::Acquire) {
            READY => Poll::Ready(self.inner.lock().answer.take()),
            ABANDONED => Poll::Ready(None),
            _ => self.revisit(cx),
        }
    }

    /// Leaves the present waker, which a callee that has stored its answer does not know of.
    #[cold]
    fn revisit(&self, cx: &Context<'_>) -> Poll<Option<T>> {
        let mut inner = self.inner.lock();
        inner.waker = Some(cx.waker().clone());
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
        let waker = {
            let mut inner = self.inner.lock();
            inner.answer = Some(value);
            inner.waker.take()
        };
        Answer { slot: self, waker }
    }

    #[inline]
    fn settle(self: Arc<Self>, state: u8, waker: Option<Waker>) {
        let later = match self.state.swap(state, Ordering::AcqRel) {
            REVISITED => self.inner.lock().waker.take(),
            _ => None,
        };
        // The handle goes first, so that the woken caller finds itself the slot's only holder and
        // can keep it for its next call.
        drop(self);
        if let Some(waker) = waker {
            waker.wake();
        }
        if let Some(waker) = later {
            waker.wake();
        }
    }
}

/// What can be done with a slot without knowing the type of its answer.
trait Settle: Send + Sync {
    fn publish(self: Arc<Self>, waker: Option<Waker>);
    fn abandon(self: Arc<Self>, waker: Option<Waker>);
}

impl<T: Send> Settle for Slot<T> {
    fn publish(self: Arc<Self>, waker: Option<Waker>) {
        self.settle(READY, waker);
    }

    fn abandon(self: Arc<Self>, waker: Option<Waker>) {
        let waker = waker.or_else(|| self.inner.lock().waker.take());
        self.settle(ABANDONED, waker);
    }
}

/// The callee's hold on a slot of any type.
#[must_use]
pub(crate) struct Answer {
    slot: Arc<dyn Settle>,
    /// The caller's, if it has been taken out already.
    waker: Option<Waker>,
}

impl Answer {
    /// That of a call for which no answer has been stored.
    pub(crate) fn none<T: Send + 'static>(slot: Arc<Slot<T>>) -> Self {
        Self { slot, waker: None }
    }

    /// Lets the caller see the answer that was stored.
    #[inline]
    pub(crate) fn publish(self) {
        self.slot.publish(self.waker);
    }

    /// Tells the caller that there will be no answer.
    pub(crate) fn abandon(self) {
        self.slot.abandon(self.waker);
    }
}
