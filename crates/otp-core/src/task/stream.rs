//! The same work on many items, a limited number at a time.

use std::any::type_name;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::stream::Stream;

use super::job::{Callers, Job};
use super::pool::{Link, Pool, ResultOrder, Started};
use crate::exit::ExitReason;
use crate::gen_server::TimeLimit;
use crate::never::Never;
use crate::process::block::Process;
use crate::process::panic::{Pair, Spent};
use crate::process::{Birth, current, relations};

/// Does `work` on each item in a task of its own, as many at a time as the runtime has workers, and
/// streams the results in the order of the items.
///
/// A task that ends without a value makes an item with its reason, if the owner traps exits; if not, it ends the
/// owner, as a [`Task`](super::Task) does. The tasks run only as far as the stream is polled: a process that stops in
/// the middle and drops it ends those that run. It belongs to the process that polls it first.
///
/// # OTP
///
/// `Task.async_stream/3`.
///
/// # Examples
///
/// ```
/// use otp_core::{Node, task};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let squares = Node::new().run(async {
///     let mut squares = task::async_stream(1..=4, |n: u64| async move { n * n }).max_concurrency(2);
///     let mut sum = 0;
///     while let Some(Ok(square)) = squares.next().await {
///         sum += square;
///     }
///     sum
/// });
/// assert_eq!(squares.await, Ok(30));
/// # }
/// ```
pub fn async_stream<I, F, W>(items: I, work: F) -> AsyncStream<I::IntoIter, W::Output>
where
    I: IntoIterator<Item: Send + 'static>,
    F: Fn(I::Item) -> W + Send + Sync + 'static,
    W: Future<Output: Send + 'static> + Send + 'static,
{
    let work = Arc::new(work);
    let start = move |crew: &Arc<dyn Process>, item| {
        let birth = Birth::<Never>::of_child(crew, type_name::<W>);
        if !relations::try_link(&birth.process(), crew) {
            birth.abort();
            return Started::Bereft;
        }
        let work = work.clone();
        let work = async move { Spent::new(work(item)).await };
        Started::Runs(Job::start(birth, Callers::of_new_task(), work))
    };
    AsyncStream::new(Pool::new(items.into_iter(), Link::Linked, Box::new(start)))
}

/// The treatment of an item that takes too long.
///
/// # OTP
///
/// The option `on_timeout` of `Task.async_stream/3`.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use std::time::Duration;
/// use otp_core::task::{self, OnTimeout};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let mut pages = task::async_stream([1, 500], |seconds| tokio::time::sleep(Duration::from_secs(seconds)))
///     .timeout(Duration::from_secs(60))
///     .on_timeout(OnTimeout::KillTask);
/// assert!(matches!(pages.next().await, Some(Ok(()))));
/// assert!(matches!(pages.next().await, Some(Err(_))), "it is late, and the caller lives");
/// assert!(pages.next().await.is_none());
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OnTimeout {
    /// The stream ends, and all its tasks. When they have ended, its last item is the failure with
    /// [`ExitReason::Timeout`]; results that have not had their turn are dropped. The default.
    #[default]
    Exit,
    /// The task is killed, its item is a failure with [`ExitReason::Timeout`], and the stream goes on.
    KillTask,
}

/// The results of [`async_stream`], and of those of a [task
/// supervisor](crate::task_supervisor::TaskSupervisorRef::async_stream). Set options before its first poll.
///
/// Each result is the value of the work, or the reason why the task ended without one.
///
/// # Differences from OTP
///
/// With [`OnTimeout::Exit`] a late item ends the stream, where OTP ends the process that reads it.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::task;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// // Two at a time, and the results in the order of the items.
/// let mut squares = task::async_stream(1..=4, |n: u32| async move { n * n }).max_concurrency(2);
/// let mut all = Vec::new();
/// while let Some(square) = squares.next().await {
///     all.push(square?);
/// }
/// assert_eq!(all, [1, 4, 9, 16]);
/// # Ok(())
/// # }).await
/// # }
/// ```
#[must_use = "streams do nothing unless polled"]
pub struct AsyncStream<I: Iterator, T: Send + 'static>(Pool<I, T>);

/// The results of an [`AsyncStream`], in which a failure contains its item.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::process;
/// use otp_core::task::{self, OnTimeout};
/// use std::time::Duration;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let wait = |seconds| tokio::time::sleep(Duration::from_secs(seconds));
/// let mut waits = task::async_stream([1, 9], wait)
///     .timeout(Duration::from_secs(5))
///     .on_timeout(OnTimeout::KillTask)
///     .zip_input_on_exit();
/// assert_eq!(waits.next().await, Some(Ok(())));
/// // The failure names its item.
/// assert!(matches!(waits.next().await, Some(Err((9, _)))));
/// # let _ = process::current();
/// # Ok(())
/// # }).await
/// # }
/// ```
#[must_use = "streams do nothing unless polled"]
pub struct ZippedStream<I: Iterator, T: Send + 'static>(Pool<I, T>);

/// An item without a result, and why.
type Failed<I> = (<I as Iterator>::Item, ExitReason);

impl<I: Iterator, T: Send + 'static> AsyncStream<I, T> {
    pub(crate) fn new(pool: Pool<I, T>) -> Self {
        Self(pool)
    }

    /// How many tasks run at a time; by default as many as the runtime has workers.
    ///
    /// # Panics
    ///
    /// Panics if it is zero, as nothing would ever run.
    pub fn max_concurrency(mut self, tasks: usize) -> Self {
        assert!(tasks > 0, "max_concurrency must be at least 1");
        self.0.settings().max_concurrency = Some(tasks);
        self
    }

    /// Results come as soon as there are any, in any order. By default they come in the order of the
    /// items.
    ///
    /// # OTP
    ///
    /// The option `ordered` set to `false`.
    pub fn unordered(mut self) -> Self {
        self.0.settings().order = ResultOrder::OfEnds;
        self
    }

    /// How long each task may take; 5 s by default.
    pub fn timeout(mut self, limit: impl Into<TimeLimit>) -> Self {
        self.0.settings().limit = limit.into();
        self
    }

    /// The treatment of an item that takes longer; [`OnTimeout::Exit`] by default.
    pub fn on_timeout(mut self, on_timeout: OnTimeout) -> Self {
        self.0.settings().on_timeout = on_timeout;
        self
    }

    /// Adds to each failure the item that it is about.
    pub fn zip_input_on_exit(self) -> ZippedStream<I, T>
    where
        I::Item: Clone,
    {
        ZippedStream(self.0.keep_items())
    }

    /// The next result; `None` when there are no more.
    ///
    /// # Cancel safety
    ///
    /// May be dropped and called again.
    ///
    /// # Panics
    ///
    /// The future panics outside of a process.
    pub async fn next(&mut self) -> Option<Result<T, ExitReason>> {
        poll_fn(|cx| self.poll_result(cx)).await
    }

    /// Ends the tasks that run, and waits until they are gone. Dropping the stream does the same without
    /// waiting.
    ///
    /// # Cancel safety
    ///
    /// Dropped while it waits, it no longer waits. The tasks end nevertheless.
    pub async fn close(self) {
        self.0.close().await;
    }

    fn poll_result(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<T, ExitReason>>> {
        let next = current::unless_ending(self.0.poll_next(cx));
        next.map(|done| done.map(|done| done.value.into_inner()))
    }
}

impl<I: Iterator, T: Send + 'static> ZippedStream<I, T> {
    /// As [`AsyncStream::next`].
    ///
    /// # Cancel safety
    ///
    /// As for [`AsyncStream::next`].
    pub async fn next(&mut self) -> Option<Result<T, Failed<I>>> {
        poll_fn(|cx| self.poll_result(cx)).await
    }

    /// As [`AsyncStream::close`].
    ///
    /// # Cancel safety
    ///
    /// As for [`AsyncStream::close`].
    pub async fn close(self) {
        self.0.close().await;
    }

    fn poll_result(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<T, Failed<I>>>> {
        let next = current::unless_ending(self.0.poll_next(cx));
        next.map(|done| {
            done.map(|Pair { mut key, value }| {
                let item = key.take().filter(|_| value.is_err());
                let with_item = |reason| (item.expect("each item is kept"), reason);
                value.into_inner().map_err(with_item)
            })
        })
    }
}

/// Nothing in them is pinned: neither items nor values are ever polled.
impl<I: Iterator, T: Send + 'static> Unpin for AsyncStream<I, T> {}
impl<I: Iterator, T: Send + 'static> Unpin for ZippedStream<I, T> {}

impl<I: Iterator, T: Send + 'static> Stream for AsyncStream<I, T> {
    type Item = Result<T, ExitReason>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_result(cx)
    }
}

impl<I: Iterator, T: Send + 'static> Stream for ZippedStream<I, T> {
    type Item = Result<T, Failed<I>>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_result(cx)
    }
}

impl<I: Iterator, T: Send + 'static> fmt::Debug for AsyncStream<I, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AsyncStream")
    }
}

impl<I: Iterator, T: Send + 'static> fmt::Debug for ZippedStream<I, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ZippedStream")
    }
}
