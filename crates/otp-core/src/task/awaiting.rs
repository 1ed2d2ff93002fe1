//! Waiting for the value of a task.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::{Task, TaskError};
use crate::process::current;
use crate::process::slot::{Limit, NoTimer};
use crate::time::NO_TIMERS;
use crate::time_limit::TimeLimit;

/// A wait for the value of a [`Task`], of at most 5 s: the future of `task.await`.
///
/// # Cancel safety
///
/// As for [`Task::timeout`].
///
/// # Examples
///
/// ```
/// use std::future::IntoFuture;
///
/// use otp_core::prelude::*;
/// use otp_core::Task;
/// use otp_core::task::AwaitTask;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let waiting: AwaitTask<u32> = Task::spawn(async { 6 * 7 }).into_future();
/// assert_eq!(waiting.await?, 42);
/// # Ok(())
/// # }).await
/// # }
/// ```
#[must_use = "futures do nothing unless they are awaited"]
pub struct AwaitTask<T: Send + 'static> {
    task: Task<T>,
    limit: TimeLimit,
    /// The time runs from the first poll on.
    begun: bool,
    time: Limit,
}

impl<T: Send + 'static> AwaitTask<T> {
    pub(super) fn new(task: Task<T>, limit: TimeLimit) -> Self {
        Self {
            task,
            limit,
            begun: false,
            time: Limit::default(),
        }
    }

    fn begin(&mut self, cx: &mut Context<'_>) -> Poll<Result<T, TaskError>> {
        ready!(current::poll_goes_on(cx));
        if let Err(error) = self.task.check() {
            return Poll::Ready(Err(error));
        }
        if let Poll::Ready(result) = self.task.poll_value(cx) {
            return Poll::Ready(result);
        }
        self.begun = true;
        self.poll_limit(cx)
    }

    fn poll_limit(&mut self, cx: &mut Context<'_>) -> Poll<Result<T, TaskError>> {
        let over = self.time.poll(cx, self.limit.duration());
        let over = over.map(|over| match (over, self.limit) {
            (Ok(()), TimeLimit::After(limit)) => Err(TaskError::Timeout { limit }),
            (Ok(()), TimeLimit::Infinity) => unreachable!("it has no end"),
            (Err(NoTimer), _) => panic!("{NO_TIMERS}"),
        });
        current::unless_ending(over)
    }
}

/// Nothing in it is pinned.
impl<T: Send + 'static> Unpin for AwaitTask<T> {}

impl<T: Send + 'static> Future for AwaitTask<T> {
    type Output = Result<T, TaskError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        if !this.begun {
            return this.begin(cx);
        }
        match this.task.poll_value(cx) {
            Poll::Pending => this.poll_limit(cx),
            ended => ended,
        }
    }
}

impl<T: Send + 'static> fmt::Debug for AwaitTask<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AwaitTask")
            .field("task", &self.task)
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}
