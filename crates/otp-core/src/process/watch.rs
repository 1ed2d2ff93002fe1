//! Waiting for the end of a process, without being told of it by a message.

use std::collections::HashMap;
use std::mem;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, Waker};

use foldhash::fast::RandomState;

use super::block::{Phase, Process};
use super::schedule::in_any_order;
use crate::exit::ExitReason;

/// Ready when a process is dead and all those are told whom a link or a monitor tells.
///
/// Besides those who ask for the end by waiting for it, callers use it: nearly always a call fails by
/// its reply handle, which ends with the server; but the handle may be with another process by then. Since
/// that is rare, and a monitor for each call is dear, a caller begins to watch only when its call
/// is not answered soon.
pub(crate) struct Watch {
    process: Arc<dyn Process>,
    id: u64,
}

impl Watch {
    pub(crate) fn new(process: Arc<dyn Process>) -> Self {
        static WATCHES: AtomicU64 = AtomicU64::new(0);

        Self {
            process,
            id: WATCHES.fetch_add(1, Ordering::Relaxed),
        }
    }

    pub(crate) fn poll(&self, cx: &Context<'_>) -> Poll<ExitReason> {
        let mut ties = self.process.head().ties.lock();
        if let Phase::Dead { reason, told: true } = &ties.phase {
            return Poll::Ready(reason.clone());
        }
        ties.wakers.insert(self.id, cx.waker().clone());
        Poll::Pending
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.process.head().ties.lock().wakers.remove(self.id);
    }
}

/// Those who watch a process. Most have one watcher or none, and need no room elsewhere for it.
#[derive(Default)]
#[allow(
    clippy::box_collection,
    reason = "it is part of every process, and nearly never used"
)]
pub(crate) enum Wakers {
    #[default]
    None,
    One(u64, Waker),
    Many(Box<HashMap<u64, Waker, RandomState>>),
}

impl Wakers {
    fn insert(&mut self, id: u64, waker: Waker) {
        match self {
            Self::None => *self = Self::One(id, waker),
            Self::One(present, old) if *present == id => *old = waker,
            Self::One(..) => {
                let mut many = HashMap::default();
                if let Self::One(present, old) = mem::take(self) {
                    many.insert(present, old);
                }
                many.insert(id, waker);
                *self = Self::Many(Box::new(many));
            }
            Self::Many(many) => {
                many.insert(id, waker);
            }
        }
    }

    fn remove(&mut self, id: u64) {
        match self {
            Self::One(present, _) if *present == id => *self = Self::None,
            Self::Many(many) => {
                many.remove(&id);
            }
            Self::None | Self::One(..) => {}
        }
    }

    pub(crate) fn wake(self) {
        match self {
            Self::None => {}
            Self::One(_, waker) => waker.wake(),
            Self::Many(many) => in_any_order(*many).for_each(|(_, waker)| waker.wake()),
        }
    }
}
