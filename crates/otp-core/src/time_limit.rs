//! How long to wait.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::{Poll, ready};
use std::time::Duration;

use crate::process::life::current;
use crate::process::reply::slot::{Limit, NoTimer, USUAL_LIMIT};
use crate::time::NO_TIMERS;

/// How long to wait: a [`Duration`], or for ever.
///
/// A *limit* is the longest time of a wait, set by `timeout(limit)` on its future or its options. A *timeout* is the
/// event that the limit is over: an error of that name, `None`, or [`Info::Timeout`](crate::Info::Timeout).
///
/// # OTP
///
/// The type `timeout()`.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use std::time::Duration;
/// use otp_core::TimeLimit;
///
/// # struct Lamp(bool);
/// #
/// # #[gen_server]
/// # impl GenServer for Lamp {
/// #     type Call = ReplyTo<bool>;
/// #     type Cast = bool;
/// #
/// #     async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
/// #         Ok(Init::state(Self(false)))
/// #     }
/// #
/// #     async fn handle_call(&mut self, from: ReplyTo<bool>, _: &mut Context<Self>) -> Reply<Self> {
/// #         from.reply(self.0)
/// #     }
/// #
/// #     async fn handle_cast(&mut self, on: bool, _: &mut Context<Self>) -> Next<Self> {
/// #         self.0 = on;
/// #         Next::NoReply
/// #     }
/// # }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let lamp = Lamp::start_link(()).await?;
/// assert!(!lamp.call(|from| from).timeout(Duration::from_secs(1)).await?);
/// assert!(!lamp.call(|from| from).timeout(TimeLimit::Infinity).await?, "as long as it takes");
/// # Ok(())
/// # }).await
/// # }
/// ```
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

    /// Whether this limit can be kept here. To be asked before something is sent whose answer is waited for.
    ///
    /// # Errors
    ///
    /// There is a limit, and no timer to keep it.
    pub(crate) fn check(self) -> Result<(), NoTimer> {
        match self {
            Self::After(limit) if !limit.is_zero() => Limit::check(),
            Self::After(_) | Self::Infinity => Ok(()),
        }
    }

    /// The same, for a wait that has no error for it.
    ///
    /// # Panics
    ///
    /// Panics if there is a limit, and no timer to keep it.
    pub(crate) fn assert(self) {
        assert!(self.check().is_ok(), "{NO_TIMERS}");
    }

    /// Waits for an event, for no longer than this. The event is polled once in any case.
    ///
    /// # Panics
    ///
    /// The future panics without a tokio runtime that has timers, if it has to wait with a limit.
    pub(crate) async fn on<F: Future>(self, event: F) -> Option<F::Output> {
        self.within(&mut Limit::default(), event).await
    }

    /// As [`on`](Self::on), within a limit that may have begun with an earlier wait.
    pub(crate) async fn within<F: Future>(self, limit: &mut Limit, event: F) -> Option<F::Output> {
        let mut event = pin!(event);
        poll_fn(|cx| {
            // A wait of the runtime gives its result only to a process whose end is not decided.
            match event.as_mut().poll(cx) {
                Poll::Ready(output) => Poll::Ready(Some(output)),
                Poll::Pending => {
                    let over = limit.poll(cx, self.duration()).map(|over| match over {
                        Ok(()) => None,
                        Err(NoTimer) => panic!("{NO_TIMERS}"),
                    });
                    if over.is_ready() {
                        ready!(current::poll_share(cx));
                    }
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
