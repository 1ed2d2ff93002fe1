//! Putting an item into a queue: the critical section of each message.

use std::task::Waker;

use super::limit::MailboxLimit;
use super::queue::{QueueInner, Queued, Signs};
use super::taken::Taken;
use crate::util::lock::Critical;

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

/// Puts an item into an open queue.
pub(super) struct Append<'a, T, C, F, L> {
    pub(super) content: C,
    pub(super) make: F,
    pub(super) limit: L,
    pub(super) signs: &'a Signs,
    /// An item that is not taken goes here. In the return value it would cost a read for each message.
    pub(super) not_taken: &'a mut Option<NotTaken<T>>,
}

/// Whether the queue's limit is for an item.
pub(super) trait PushLimit {
    fn taken(&self) -> Option<&Taken>;
}

pub(super) struct PushLimited<'a>(pub(super) &'a Taken);

pub(super) struct Unlimited;

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

impl<T: Queued, C, F: FnOnce(C) -> T, L: PushLimit> Critical<QueueInner<T>>
    for Append<'_, T, C, F, L>
{
    /// The tasks to wake.
    type Output = Option<Waker>;

    #[inline(always)]
    fn run(self, inner: &mut QueueInner<T>) -> Option<Waker> {
        if self.signs.is_closed() {
            *self.not_taken = Some(NotTaken::Closed((self.make)(self.content)));
            return None;
        }
        if let Some(taken) = self.limit.taken()
            && let Some(bound) = inner.bound()
            && !bound.admits(inner.items.len() + taken.count())
        {
            let item = (self.make)(self.content);
            return inner.overflow(item, self.signs, self.not_taken);
        }
        inner.append(|| (self.make)(self.content), self.signs)
    }
}
