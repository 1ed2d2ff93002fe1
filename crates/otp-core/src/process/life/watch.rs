//! Waiting for the end of a process, without a message.

use std::mem;
use std::ops::Deref;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use super::block::Process;
use super::schedule::in_any_order;
use super::ties::Ties;
use crate::exit::ExitReason;
use crate::util::panic::{self, OneOfMany};

/// Ready when a process is dead and all of its links and monitors have fired.
///
/// Callers use it, too. Nearly always a call fails by its reply handle, which ends with the server; but the handle may
/// be in another process. Since that is rare, and a monitor for each call is expensive, a caller begins to watch only
/// when its call is not answered soon.
pub(crate) struct Watch<P = Arc<dyn Process>>
where
    P: Deref<Target: Process>,
{
    process: P,
    /// Where a waker has been left with the process that may be there still.
    left: Option<usize>,
}

impl<P: Deref<Target: Process>> Watch<P> {
    pub(crate) fn new(process: P) -> Self {
        Self {
            process,
            left: None,
        }
    }

    pub(crate) fn poll(&mut self, cx: &Context<'_>) -> Poll<ExitReason> {
        if let Some(polled) = self.left.and_then(|place| self.look(place, cx.waker())) {
            return polled;
        }
        let waker = OneOfMany::new(cx.waker().clone());
        let left = &mut self.left;
        // The waker that is replaced, or not needed, is dropped after the critical section.
        let (polled, _unused) = self
            .process
            .head()
            .ties
            .with(|ties| match &mut ties.waiting {
                None => (Poll::Ready(ties.why()), Some(waker)),
                Some(waiting) => match *left {
                    Some(place) => (Poll::Pending, waiting.replace(place, waker)),
                    None => {
                        *left = Some(waiting.add(waker));
                        (Poll::Pending, None)
                    }
                },
            });
        if polled.is_ready() {
            self.left = None;
        }
        polled
    }

    /// The same, where a waker was left; none if that is another one than is wanted now.
    fn look(&mut self, place: usize, waker: &Waker) -> Option<Poll<ExitReason>> {
        let ended = self.process.head().ties.with(|ties| match &ties.waiting {
            None => Some(Poll::Ready(ties.why())),
            Some(waiting) => match waiting.get(place) {
                Some(left) if left.will_wake(waker) => Some(Poll::Pending),
                _ => None,
            },
        });
        if let Some(Poll::Ready(_)) = ended {
            // The process has taken out all the wakers.
            self.left = None;
        }
        ended
    }
}

impl Ties {
    /// The reason of an end that is decided.
    fn why(&self) -> ExitReason {
        self.reason.clone().unwrap_or_default()
    }
}

impl<P: Deref<Target: Process>> Drop for Watch<P> {
    fn drop(&mut self) {
        if let Some(place) = self.left {
            let ties = &self.process.head().ties;
            drop(ties.with(|ties| ties.waiting.as_mut()?.remove(place)));
        }
    }
}

/// The waker of a wait, which may have others elsewhere.
type WatchWaker = OneOfMany<Waker>;

/// The wakers of those who watch a process, each in a place that is its own as long as it is there.
#[derive(Default)]
pub(crate) enum Wakers {
    #[default]
    None,
    /// In the first place. Most have no more.
    One(WatchWaker),
    Many(Box<Places>),
}

#[derive(Default)]
pub(crate) struct Places {
    wakers: Vec<Option<WatchWaker>>,
    free: Vec<usize>,
}

impl Wakers {
    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Self::None => true,
            Self::One(_) => false,
            Self::Many(places) => places.free.len() == places.wakers.len(),
        }
    }

    /// Adds a waker. Returns its place.
    fn add(&mut self, waker: WatchWaker) -> usize {
        match mem::take(self) {
            Self::None => {
                *self = Self::One(waker);
                0
            }
            Self::One(first) => {
                *self = Self::Many(Box::new(Places {
                    wakers: vec![Some(first), Some(waker)],
                    free: Vec::new(),
                }));
                1
            }
            Self::Many(mut places) => {
                let place = places.free.pop().unwrap_or(places.wakers.len());
                match places.wakers.get_mut(place) {
                    Some(free) => *free = Some(waker),
                    None => places.wakers.push(Some(waker)),
                }
                *self = Self::Many(places);
                place
            }
        }
    }

    fn get(&self, place: usize) -> Option<&WatchWaker> {
        match self {
            Self::None => None,
            Self::One(waker) => Some(waker),
            Self::Many(places) => places.wakers[place].as_ref(),
        }
    }

    /// Puts another waker into a place. Returns the one that was there.
    fn replace(&mut self, place: usize, waker: WatchWaker) -> Option<WatchWaker> {
        match self {
            Self::None => None,
            Self::One(before) => Some(mem::replace(before, waker)),
            Self::Many(places) => places.wakers[place].replace(waker),
        }
    }

    fn remove(&mut self, place: usize) -> Option<WatchWaker> {
        match self {
            Self::Many(places) => {
                places.free.push(place);
                places.wakers[place].take()
            }
            one => match mem::take(one) {
                Self::One(waker) => Some(waker),
                Self::None | Self::Many(_) => None,
            },
        }
    }
}

/// Wakes the tasks that wait for the end.
pub(crate) fn wake(wakers: Wakers) {
    match wakers {
        Wakers::None => {}
        Wakers::One(waker) => panic::each(Some(waker), |waker| waker.wake_by_ref()),
        Wakers::Many(places) => {
            let wakers = places.wakers.into_iter().flatten().enumerate();
            panic::each(in_any_order(wakers), |(_, waker)| waker.wake_by_ref());
        }
    }
}
