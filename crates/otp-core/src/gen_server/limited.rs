//! A wait whose time limit can still be set.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use crate::time_limit::TimeLimit;
use pin_project_lite::pin_project;

/// Begins a wait when its time limit is known.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use otp_core::Agent;
/// use otp_core::gen_server::{Begin, Limited};
/// use otp_core::prelude::*;
///
/// /// Gives any wait the limit of this program.
/// fn in_time<B: Begin>(wait: Limited<B>) -> Limited<B> {
///     wait.timeout(Duration::from_millis(100))
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let agent = Agent::start_link(|| 7).await?;
/// assert_eq!(in_time(agent.get(|n| *n)).await?, 7);
/// in_time(agent.stop()).await?;
/// # Ok(())
/// # }).await
/// # }
/// ```
pub trait Begin: Send {
    /// The result of the wait.
    type Output;
    /// The wait.
    #[doc(hidden)]
    type Wait: Future<Output = Self::Output> + Send;

    #[doc(hidden)]
    fn begin(self, limit: TimeLimit) -> Self::Wait;
}

impl<B, W> Begin for B
where
    B: FnOnce(TimeLimit) -> W + Send,
    W: Future + Send,
{
    type Output = W::Output;
    type Wait = W;

    fn begin(self, limit: TimeLimit) -> W {
        self(limit)
    }
}

pin_project! {
    /// A future with a time limit that [`timeout`](Self::timeout) sets: of a stop, an agent's function, a system request.
    ///
    /// Without that it has the limit that its maker's documentation names.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use otp_core::prelude::*;
    /// use otp_core::Agent;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// # Node::new().try_run(async {
    /// let counter = Agent::start_link(|| 42).await?;
    /// assert_eq!(counter.get(|count| *count).timeout(Duration::from_secs(1)).await?, 42);
    /// counter.stop().timeout(Duration::from_secs(1)).await?;
    /// # Ok(())
    /// # }).await.expect("the counter lives");
    /// # }
    /// ```
    #[must_use = "futures do nothing unless they are awaited"]
    pub struct Limited<B: Begin> {
        limit: TimeLimit,
        begin: Option<B>,
        #[pin]
        wait: Option<B::Wait>,
    }
}

impl<B: Begin> Limited<B> {
    /// A wait with this limit, unless another is set: for libraries whose futures are to have their limits set like those of
    /// this one. `begin` is called at the first poll.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use otp_core::gen_server::{Begin, Limited};
    /// use otp_core::TimeLimit;
    ///
    /// fn limit() -> Limited<impl Begin<Output = TimeLimit>> {
    ///     Limited::new(TimeLimit::DEFAULT, |limit| async move { limit })
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// assert_eq!(limit().await, TimeLimit::DEFAULT);
    /// assert_eq!(limit().timeout(TimeLimit::Infinity).await, TimeLimit::Infinity);
    /// # }
    /// ```
    pub fn new<W>(limit: TimeLimit, begin: B) -> Self
    where
        B: FnOnce(TimeLimit) -> W,
    {
        Self {
            limit,
            begin: Some(begin),
            wait: None,
        }
    }

    /// Sets the time limit, counted from the first poll: a [`Duration`](std::time::Duration), or [`TimeLimit::Infinity`]. After the
    /// first poll it changes nothing.
    pub fn timeout(mut self, limit: impl Into<TimeLimit>) -> Self {
        self.limit = limit.into();
        self
    }
}

impl<B: Begin> Future for Limited<B> {
    type Output = B::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        if let Some(begin) = this.begin.take() {
            this.wait.set(Some(begin.begin(*this.limit)));
        }
        let wait = this.wait.as_mut().as_pin_mut();
        let output = ready!(
            wait.expect("a finished future is not polled again")
                .poll(cx)
        );
        this.wait.set(None);
        Poll::Ready(output)
    }
}

impl<B: Begin> fmt::Debug for Limited<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limited")
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}
