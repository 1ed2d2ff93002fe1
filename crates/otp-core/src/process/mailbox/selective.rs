//! Selective receive: the first message that is wanted, and the others stay.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::time::sleep_until;

use super::Mailbox;
use crate::process::block::Item;
use crate::process::current;
use crate::process::inbox::Barred;
use crate::process::panic::HarmlessWaker;
use crate::time::far_future;
use crate::time_limit::TimeLimit;

/// A selective receive: its predicate, and the number of items that it has examined without success.
struct Scan<F> {
    wanted: F,
    seen: usize,
    /// The number of items that are examined, if not all.
    most: usize,
}

/// The result of a selective receive's poll.
enum Scanned<M> {
    Found(M),
    /// There are more items to examine, in a later poll.
    Interrupted,
    /// No message matches. The next message wakes the process, unless the receive has examined only a part.
    Nothing,
    /// Nothing can come any more.
    Closed,
}

/// A selective receive: the future of [`Mailbox::receive_match`].
///
/// # Cancel safety
///
/// A receive that is dropped while it waits has taken nothing.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().run_with(|mut mailbox: Mailbox<u32>| async move {
/// for n in [1, 2, 3] {
///     mailbox.me().send(n);
/// }
/// assert_eq!(mailbox.receive_match(|n| *n > 1).await, 2);
/// // The others keep their order.
/// assert_eq!((mailbox.receive().await, mailbox.receive().await), (1, 3));
/// # Ok::<_, Stop>(())
/// # }).await?.map_err(Stop::into_reason)
/// # }
/// ```
#[must_use = "futures do nothing unless they are awaited"]
pub struct ReceiveMatch<'a, M, F> {
    mailbox: &'a mut Mailbox<M>,
    scan: Scan<F>,
}

/// Nothing in it is pinned: the function is called and no more.
impl<M, F> Unpin for ReceiveMatch<'_, M, F> {}

impl<M: Send + 'static, F: FnMut(&M) -> bool> ReceiveMatch<'_, M, F> {
    /// Receives the first message that is wanted, or `None` if none has come within `limit`, which counts from the first poll.
    ///
    /// The messages that are in the mailbox at the beginning are all examined, however long that takes; with a limit of
    /// zero no others are. Later messages are examined until the limit is over. The limit is checked between them, too.
    ///
    /// A mailbox that has left its process answers `None` at once when that has ended, also with [`TimeLimit::Infinity`].
    ///
    /// # OTP
    ///
    /// A selective receive with `after`.
    ///
    /// # Cancel safety
    ///
    /// As for [`ReceiveMatch`].
    pub async fn timeout(self, limit: impl Into<TimeLimit>) -> Option<M> {
        let Self { mailbox, mut scan } = self;
        let limit = match limit.into() {
            TimeLimit::Infinity => return poll_fn(|cx| mailbox.poll_scan(cx, &mut scan)).await,
            TimeLimit::After(limit) => limit,
        };
        let mut limit = (!limit.is_zero()).then(|| Box::pin(sleep_until(far_future(limit))));
        let (mut present, mut harmless) = (None, HarmlessWaker::default());
        poll_fn(|cx| {
            let present = *present.get_or_insert_with(|| {
                let present = mailbox.len();
                if limit.is_none() {
                    scan.most = present;
                }
                present
            });
            let polled = match mailbox.scan(cx, &mut scan) {
                Scanned::Found(message) => Poll::Ready(Some(message)),
                Scanned::Closed => Poll::Ready(None),
                Scanned::Interrupted if limit.is_none() || scan.seen < present => Poll::Pending,
                Scanned::Interrupted | Scanned::Nothing => match &mut limit {
                    None => {
                        // The receive may examine the mailbox again at once, so this counts as work.
                        mailbox.inbox.owner.pace.count();
                        Poll::Ready(None)
                    }
                    Some(limit) => {
                        let over = current::poll_harmlessly(limit.as_mut(), cx, &mut harmless);
                        over.map(|()| None)
                    }
                },
            };
            // It may have been interrupted by its own end.
            current::unless_ending(polled)
        })
        .await
    }
}

impl<M: Send + 'static, F: FnMut(&M) -> bool> Future for ReceiveMatch<'_, M, F> {
    type Output = M;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<M> {
        let Self { mailbox, scan } = &mut *self;
        match ready!(mailbox.poll_scan(cx, scan)) {
            Some(message) => Poll::Ready(message),
            None => Barred::Closed(mailbox.block.head.pid).wait_for_ever(),
        }
    }
}

impl<M, F> fmt::Debug for ReceiveMatch<'_, M, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReceiveMatch")
    }
}

impl<M: Send + 'static> Mailbox<M> {
    /// Receives the first message for which `wanted` is true; those before it stay where they are. It waits for as long as it
    /// takes, or for as long as [`timeout`](ReceiveMatch::timeout) says.
    ///
    /// Each call scans the mailbox from its head, so keep few unwanted messages in it. A long scan is interrupted so that
    /// others have their turn.
    ///
    /// # OTP
    ///
    /// A selective receive.
    ///
    /// # Cancel safety
    ///
    /// As for [`receive`](Self::receive).
    ///
    /// # Panics
    ///
    /// As for [`receive`](Self::receive).
    pub fn receive_match<F: FnMut(&M) -> bool>(&mut self, wanted: F) -> ReceiveMatch<'_, M, F> {
        ReceiveMatch {
            mailbox: self,
            scan: Scan {
                wanted,
                seen: 0,
                most: usize::MAX,
            },
        }
    }

    /// The first wanted message; `None` if none can come any more.
    fn poll_scan(
        &mut self,
        cx: &mut Context<'_>,
        scan: &mut Scan<impl FnMut(&M) -> bool>,
    ) -> Poll<Option<M>> {
        match self.scan(cx, scan) {
            Scanned::Found(message) => Poll::Ready(Some(message)),
            Scanned::Closed => Poll::Ready(None),
            Scanned::Interrupted => Poll::Pending,
            Scanned::Nothing => {
                self.inbox.rest(&self.block, self.inbox.len());
                Poll::Pending
            }
        }
    }

    fn scan(
        &mut self,
        cx: &mut Context<'_>,
        scan: &mut Scan<impl FnMut(&M) -> bool>,
    ) -> Scanned<M> {
        loop {
            while scan.seen < self.inbox.local.len().min(scan.most) {
                // Checked before each item: the predicate is the user's code, and may be slow.
                match self.inbox.barred(&self.block, cx) {
                    None => {}
                    Some(Barred::Waits) => return Scanned::Interrupted,
                    Some(Barred::Closed(_)) => return Scanned::Closed,
                }
                let Some(message) = self.message_at(scan.seen) else {
                    // It was there, and is not any more.
                    scan.most = scan.most.saturating_sub(1);
                    continue;
                };
                if (scan.wanted)(message) {
                    let found = self.inbox.take_at(&self.block, scan.seen);
                    let message = found.and_then(|item| self.map(item));
                    return Scanned::Found(message.expect("there was a message to be looked at"));
                }
                self.inbox.owner.pace.count();
                scan.seen += 1;
            }
            match self.inbox.barred(&self.block, cx) {
                None => {}
                Some(Barred::Waits) => return Scanned::Interrupted,
                Some(Barred::Closed(_)) => return Scanned::Closed,
            }
            if scan.seen >= scan.most || self.inbox.poll_more(&self.block, cx).is_pending() {
                return Scanned::Nothing;
            }
        }
    }

    /// The message at this place, or the mapped signal; `None` if the item is no longer of interest and has been
    /// removed.
    fn message_at(&mut self, at: usize) -> Option<&M> {
        if self.inbox.local[at].down().is_some() {
            return self.down_at(at);
        }
        if let Item::Signal(_) | Item::Stop(_) = &self.inbox.local[at] {
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
            Item::Signal(_) | Item::Stop(_) => None,
        }
    }

    /// The mapped DOWN at this place; `None` if its monitor is gone, and the DOWN is removed.
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
