//! Where the answer to one call goes: one value, one waiting caller.
//!
//! A slot outlives its call: the caller keeps it for its next one, unless the callee still holds
//! it then. So a call allocates nothing, and an answer that comes too late finds a slot that nobody
//! looks at any more.

use std::mem;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use super::sync::Mutex;

pub(crate) struct Slot<T> {
    inner: Mutex<Inner<T>>,
}

struct Inner<T> {
    answer: Answer<T>,
    waker: Option<Waker>,
}

enum Answer<T> {
    /// None so far.
    Awaited,
    /// Given by the callback, not yet to be seen by the caller.
    Stored(T),
    /// For the caller to take.
    Ready(T),
    /// There will be none.
    Abandoned,
}

impl<T> Slot<T> {
    pub(crate) fn new() -> Self {
        Self {
            inner: Mutex::new(Inner {
                answer: Answer::Awaited,
                waker: None,
            }),
        }
    }

    /// Makes the slot ready for a call whose caller is woken through `waker`.
    pub(crate) fn prepare(&self, waker: &Waker) {
        let mut inner = self.inner.lock();
        inner.answer = Answer::Awaited;
        inner.waker = Some(waker.clone());
    }

    /// Waits for the answer; `None` when there will be none.
    pub(crate) fn poll(&self, cx: &Context<'_>) -> Poll<Option<T>> {
        let mut inner = self.inner.lock();
        match mem::replace(&mut inner.answer, Answer::Awaited) {
            Answer::Ready(value) => Poll::Ready(Some(value)),
            Answer::Abandoned => Poll::Ready(None),
            unfinished => {
                inner.answer = unfinished;
                match &mut inner.waker {
                    Some(waker) => waker.clone_from(cx.waker()),
                    none => *none = Some(cx.waker().clone()),
                }
                Poll::Pending
            }
        }
    }

    /// Puts the answer in, for a later [`publish`](Publish::publish).
    pub(crate) fn store(&self, value: T) {
        self.inner.lock().answer = Answer::Stored(value);
    }

    /// Answers at once.
    pub(crate) fn send(self: Arc<Self>, value: T) {
        let waker = {
            let mut inner = self.inner.lock();
            inner.answer = Answer::Ready(value);
            inner.waker.take()
        };
        release_then_wake(self, waker);
    }
}

/// What can be done with a slot without knowing the type of its answer.
pub(crate) trait Publish: Send + Sync {
    /// Lets the caller see the answer that was stored.
    fn publish(self: Arc<Self>);

    /// Tells the caller that there will be no answer.
    fn abandon(self: Arc<Self>);
}

impl<T: Send> Publish for Slot<T> {
    fn publish(self: Arc<Self>) {
        let waker = {
            let mut inner = self.inner.lock();
            if let Answer::Stored(value) = mem::replace(&mut inner.answer, Answer::Abandoned) {
                inner.answer = Answer::Ready(value);
            }
            inner.waker.take()
        };
        release_then_wake(self, waker);
    }

    fn abandon(self: Arc<Self>) {
        let waker = {
            let mut inner = self.inner.lock();
            inner.answer = Answer::Abandoned;
            inner.waker.take()
        };
        release_then_wake(self, waker);
    }
}

/// The handle goes first, so that the woken caller finds itself the slot's only holder and can
/// keep it for its next call.
fn release_then_wake<T>(slot: Arc<Slot<T>>, waker: Option<Waker>) {
    drop(slot);
    if let Some(waker) = waker {
        waker.wake();
    }
}
