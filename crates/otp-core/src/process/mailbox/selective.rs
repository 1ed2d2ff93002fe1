//! Selective receive: the first message that is wanted, and the others stay.

use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::time::sleep_until;

use super::Mailbox;
use crate::process::block::Item;
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
    /// OTP: a selective receive.
    pub async fn receive_match(&mut self, wanted: impl FnMut(&M) -> bool) -> M {
        let mut scan = Scan { wanted, seen: 0 };
        poll_fn(|cx| match self.is_interrupted(cx) {
            true => Poll::Pending,
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
            if self.is_interrupted(cx) {
                return Poll::Pending;
            }
            match self.poll_scan(cx, &mut scan) {
                Poll::Ready(message) => Poll::Ready(Some(message)),
                Poll::Pending => limit.as_mut().poll(cx).map(|()| None),
            }
        })
        .await
    }

    /// The first item that is wanted, as it stands in the queue.
    pub(crate) async fn next_match(&mut self, wanted: impl Fn(&Item<M>) -> bool) -> Item<M> {
        let mut seen = 0;
        poll_fn(|cx| {
            if self.is_interrupted(cx) {
                return Poll::Pending;
            }
            loop {
                if let Some(at) = self.local.range(seen..).position(&wanted) {
                    let found = self.local.remove(seen + at);
                    self.note_taken();
                    self.streak += 1;
                    return Poll::Ready(found.expect("it was there a moment ago"));
                }
                seen = self.local.len();
                ready!(self.poll_more(cx));
            }
        })
        .await
    }

    fn poll_scan(&mut self, cx: &Context<'_>, scan: &mut Scan<impl FnMut(&M) -> bool>) -> Poll<M> {
        loop {
            while scan.seen < self.local.len() {
                let Some(message) = self.message_at(scan.seen) else {
                    continue;
                };
                if (scan.wanted)(message) {
                    let found = self.local.remove(scan.seen);
                    self.note_taken();
                    self.streak += 1;
                    let message = found.and_then(|item| self.map(item));
                    return Poll::Ready(message.expect("there was a message to be looked at"));
                }
                scan.seen += 1;
            }
            ready!(self.poll_more(cx));
        }
    }

    /// Takes what has arrived behind the items that were passed over.
    fn poll_more(&mut self, cx: &Context<'_>) -> Poll<()> {
        // `poll_swap` wants an empty deque: items must not overtake those skipped.
        let mut fresh = VecDeque::new();
        if self
            .block
            .queue
            .poll_swap(cx, &mut fresh, &mut self.promised)
            .is_pending()
        {
            self.streak = 0;
            return Poll::Pending;
        }
        self.local.append(&mut fresh);
        self.note_taken();
        Poll::Ready(())
    }

    /// The message at this place, or what the signal that stands there has become; `None` if the
    /// item is of no interest any more and has been removed.
    fn message_at(&mut self, at: usize) -> Option<&M> {
        if self.local[at].down().is_some() {
            return self.down_at(at);
        }
        if let Item::Signal(_) = &self.local[at] {
            let signal = self.local.remove(at).expect("the index was checked");
            if let Some(message) = self.map(signal) {
                self.local.insert(at, Item::Message(message));
            } else {
                self.note_taken();
                return None;
            }
        }
        match &self.local[at] {
            Item::Message(message) => Some(message),
            Item::Signal(_) => None,
        }
    }

    /// What the DOWN at this place has become; `None` if nobody is interested, and it is removed.
    fn down_at(&mut self, at: usize) -> Option<&M> {
        let down = self.local[at].down()?;
        let monitor = down.monitor;
        let told = self
            .maps
            .as_ref()
            .map(|maps| maps.told.contains_key(&monitor));
        if told != Some(true) {
            let down = down.clone();
            let Some(message) = self.map_down(down) else {
                self.local.remove(at);
                self.note_taken();
                return None;
            };
            self.maps().told.insert(monitor, message);
        }
        self.maps.as_ref()?.told.get(&monitor)
    }
}
