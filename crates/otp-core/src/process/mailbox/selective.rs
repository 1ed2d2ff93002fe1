//! Selective receive: the first message that is wanted, and the others stay.

use std::future::{Future, poll_fn};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::time::sleep_until;

use super::Mailbox;
use crate::process::block::Item;
use crate::process::inbox;
use crate::timer::far_future;

/// A selective receive: what is wanted, and how much of the mailbox is not.
struct Scan<F> {
    wanted: F,
    seen: usize,
}

impl<M: Send + 'static> Mailbox<M> {
    /// Receives the first message for which `wanted` is true. Those before it stay where they are.
    ///
    /// Each call scans the mailbox from its head, so keep few unwanted messages in it.
    ///
    /// # Cancel safety
    ///
    /// As for [`receive`](Self::receive).
    ///
    /// # Panics
    ///
    /// As for [`receive`](Self::receive).
    ///
    /// OTP: a selective receive.
    pub async fn receive_match(&mut self, wanted: impl FnMut(&M) -> bool) -> M {
        let mut scan = Scan { wanted, seen: 0 };
        poll_fn(|cx| match self.inbox.is_interrupted(&self.block, cx) {
            true => inbox::never_closed(&self.block),
            false => self.poll_scan(cx, &mut scan),
        })
        .await
    }

    /// Receives the first message for which `wanted` is true, or `None` if none has come within
    /// `limit`.
    ///
    /// # Cancel safety
    ///
    /// As for [`receive`](Self::receive).
    pub async fn receive_match_timeout(
        &mut self,
        limit: Duration,
        wanted: impl FnMut(&M) -> bool,
    ) -> Option<M> {
        let mut scan = Scan { wanted, seen: 0 };
        let mut limit = Box::pin(sleep_until(far_future(limit)));
        poll_fn(|cx| {
            if self.inbox.is_interrupted(&self.block, cx) {
                return inbox::closed(&self.block).map(|()| None);
            }
            match self.poll_scan(cx, &mut scan) {
                Poll::Ready(message) => Poll::Ready(Some(message)),
                Poll::Pending => limit.as_mut().poll(cx).map(|()| None),
            }
        })
        .await
    }

    fn poll_scan(&mut self, cx: &Context<'_>, scan: &mut Scan<impl FnMut(&M) -> bool>) -> Poll<M> {
        loop {
            while scan.seen < self.inbox.local.len() {
                let Some(message) = self.message_at(scan.seen) else {
                    continue;
                };
                if (scan.wanted)(message) {
                    let found = self.inbox.take_at(&self.block, scan.seen);
                    let message = found.and_then(|item| self.map(item));
                    return Poll::Ready(message.expect("there was a message to be looked at"));
                }
                scan.seen += 1;
            }
            ready!(self.inbox.poll_more(&self.block, cx));
        }
    }

    /// The message at this place, or what the signal that stands there has become; `None` if the
    /// item is of no interest any more and has been removed.
    fn message_at(&mut self, at: usize) -> Option<&M> {
        if self.inbox.local[at].down().is_some() {
            return self.down_at(at);
        }
        if let Item::Signal(_) = &self.inbox.local[at] {
            let signal = self.inbox.local.remove(at).expect("the index was checked");
            if let Some(message) = self.map(signal) {
                self.inbox.local.insert(at, Item::Message(message));
            } else {
                self.inbox.note_taken(&self.block);
                return None;
            }
        }
        match &self.inbox.local[at] {
            Item::Message(message) => Some(message),
            Item::Signal(_) => None,
        }
    }

    /// What the DOWN at this place has become; `None` if nobody is interested, and it is removed.
    fn down_at(&mut self, at: usize) -> Option<&M> {
        let down = self.inbox.local[at].down()?;
        let monitor = down.monitor;
        let told = self
            .maps
            .as_ref()
            .map(|maps| maps.told.contains_key(&monitor));
        if told != Some(true) {
            let down = down.clone();
            let Some(message) = self.map_down(down) else {
                self.inbox.local.remove(at);
                self.inbox.note_taken(&self.block);
                return None;
            };
            self.maps().told.insert(monitor, message);
        }
        self.maps.as_ref()?.told.get(&monitor)
    }
}
