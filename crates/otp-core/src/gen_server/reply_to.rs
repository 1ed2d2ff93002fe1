//! The callee's end of a call.

use std::fmt;
use std::sync::Arc;

use super::GenServer;
use super::outcome::{Next, Pending, Reply};
use crate::process::current;
use crate::process::slot::{Answer, Slot};

/// Where the answer to one call goes; part of each call variant.
///
/// Using it consumes it, so no call is answered twice. A handler answers with
/// [`reply`](Self::reply) and returns what that returns, or keeps the handle, returns
/// [`Reply::later`], and answers with [`send`](Self::send) when it can.
///
/// A handle that is dropped without an answer fails the call with
/// [`CallError::ReplyDropped`](crate::CallError::ReplyDropped), or with the server's exit reason if
/// the server ends over it.
///
/// # OTP
///
/// The `From` of `handle_call/3`.
#[must_use = "a call that is not answered fails its caller"]
pub struct ReplyTo<T: Send + 'static> {
    /// Present until the handle is used or dropped.
    slot: Option<Arc<Slot<T>>>,
}

impl<T: Send + 'static> ReplyTo<T> {
    pub(crate) fn new(slot: Arc<Slot<T>>) -> Self {
        Self { slot: Some(slot) }
    }

    /// Answers the call when the callback returns. A caller that has given up is no error.
    ///
    /// # OTP
    ///
    /// `{reply, Answer, State}`.
    pub fn reply<S: GenServer>(self, answer: T) -> Reply<S> {
        Reply {
            answer: self.pending(answer),
            next: Next::NoReply,
        }
    }

    /// The answer, to be published later.
    #[inline]
    pub(crate) fn pending(mut self, answer: T) -> Pending {
        Pending::new(self.take().store(answer))
    }

    /// Answers the call now, from anywhere. A caller that has given up is no error.
    ///
    /// # OTP
    ///
    /// `gen_server:reply/2`.
    pub fn send(mut self, answer: T) {
        self.take().store(answer).publish();
    }

    /// Whether the caller still waits. One that has given up needs no answer: a server that is behind need not do the work.
    ///
    /// Of a call that has come from another node it may be true all the same.
    #[must_use]
    pub fn is_wanted(&self) -> bool {
        let slot = self.slot.as_ref();
        // The caller has the other hold on it, and lets go of it with the call.
        slot.is_some_and(|slot| Arc::strong_count(slot) > 1)
    }

    fn take(&mut self) -> Arc<Slot<T>> {
        self.slot
            .take()
            .expect("the handle is consumed by its first use")
    }
}

impl<T: Send + 'static> Drop for ReplyTo<T> {
    fn drop(&mut self) {
        if let Some(slot) = self.slot.take() {
            current::abandon(Answer::none(slot));
        }
    }
}

impl<T: Send + 'static> fmt::Debug for ReplyTo<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReplyTo")
    }
}
