//! How long to wait.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use crate::process::life::current;
use crate::process::reply::alarm::USUAL_LIMIT;
use crate::process::reply::limits::{Limit, NoTimer};

/// How long to wait: a [`Duration`], or for ever.
///
/// A *limit* is what a wait is given, by `timeout(limit)` on its future or its options. A *timeout* is what happens when the
/// limit is over: an error of that name, `None`, or [`Info::Timeout`](crate::Info::Timeout).
///
/// # OTP
///
/// The type `timeout()`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeLimit {
    /// This long.
    After(Duration),
    /// For ever.
    Infinity,
}

impl TimeLimit {
    /// The limit of a call that names none: 5 s.
    pub const DEFAULT: Self = Self::After(USUAL_LIMIT);

    /// None is for ever.
    #[inline]
    pub(crate) fn duration(self) -> Option<Duration> {
        match self {
            Self::After(limit) => Some(limit),
            Self::Infinity => None,
        }
    }

    /// Waits for something, for no longer than this; the event is looked at once in any case.
    ///
    /// # Panics
    ///
    /// The future panics outside of a tokio runtime, if it has to wait with a limit.
    pub(crate) async fn on<F: Future>(self, event: F) -> Option<F::Output> {
        self.within(&mut Limit::default(), event).await
    }

    /// As [`on`](Self::on), in the time that other waits have begun.
    pub(crate) async fn within<F: Future>(self, limit: &mut Limit, event: F) -> Option<F::Output> {
        let mut event = pin!(event);
        poll_fn(|cx| {
            // What the runtime waits for gives its own result only to a process that goes on.
            match event.as_mut().poll(cx) {
                Poll::Ready(output) => Poll::Ready(Some(output)),
                Poll::Pending => {
                    let over = limit.poll(cx, self.duration()).map(|over| match over {
                        Ok(()) => None,
                        Err(NoTimer) => panic!("a time limit needs a tokio runtime"),
                    });
                    current::unless_ending(over)
                }
            }
        })
        .await
    }
}

impl From<Duration> for TimeLimit {
    fn from(limit: Duration) -> Self {
        Self::After(limit)
    }
}
