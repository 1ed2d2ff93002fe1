//! The same work on many items, in tasks of a supervisor's.

use std::future::Future;
use std::sync::Arc;

use super::TaskSupervisorRef;
use super::order::{TaskOrder, Wanted};
use crate::exit::ExitReason;
use crate::never::Never;
use crate::process::Mailbox;
use crate::process::block::Process;
use crate::process::panic::Spent;
#[cfg(doc)]
use crate::supervisor::StartChildError;
use crate::task::AsyncStream;
use crate::task::pool::{Link, Pool, Started};

impl TaskSupervisorRef {
    /// Does `work` on each item in a task of the supervisor's, as many at a time as the runtime has workers, and streams
    /// the results in the order of the items: see [`task::async_stream`](crate::task::async_stream), whose options it has.
    ///
    /// The tasks are also linked with the process that polls the stream first. If one ends without a value that process
    /// ends, too; if it traps exits it gets an item with the reason. When the stream is dropped, or its process ends, so
    /// do its tasks.
    ///
    /// # OTP
    ///
    /// Elixir's `Task.Supervisor.async_stream/4`.
    ///
    /// # Differences from OTP
    ///
    /// If the supervisor does not start a task, the stream ends, and all its tasks. When they have ended, its last item is the
    /// reason, for example [`StartChildError::MaxChildren`]; in OTP the process that reads the stream ends. As there, results
    /// that have not had their turn are dropped. So [`max_concurrency`](AsyncStream::max_concurrency) should not be above
    /// [`max_children`](crate::TaskSupervisor::max_children), and other tasks of the supervisor take places, too.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::{ExitReason, Node, TaskSupervisor};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let squares = Node::new().run(async {
    ///     let tasks = TaskSupervisor::new().start_link().await?;
    ///     let mut squares = tasks.async_stream(1..=4, |n: u64| async move { n * n }).max_concurrency(2);
    ///     let mut sum = 0;
    ///     while let Some(square) = squares.next().await {
    ///         sum += square?;
    ///     }
    ///     Ok::<_, ExitReason>(sum)
    /// });
    /// assert_eq!(squares.await, Ok(Ok(30)));
    /// # }
    /// ```
    pub fn async_stream<I, F, W>(&self, items: I, work: F) -> AsyncStream<I::IntoIter, W::Output>
    where
        I: IntoIterator<Item: Send + 'static>,
        F: Fn(I::Item) -> W + Send + Sync + 'static,
        W: Future<Output: Send + 'static> + Send + 'static,
    {
        self.stream(items, Link::Linked, work)
    }

    /// As [`async_stream`](Self::async_stream), without a link between the tasks and the process that polls the stream:
    /// a task that ends without a value makes an item with its reason, and ends no other process. When the stream is
    /// dropped, or its process ends, its tasks are killed all the same.
    ///
    /// # OTP
    ///
    /// Elixir's `Task.Supervisor.async_stream_nolink/4`.
    ///
    /// # Differences from OTP
    ///
    /// As for [`async_stream`](Self::async_stream).
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::{ExitReason, Node, TaskSupervisor, process};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let lost = Node::new().run(async {
    ///     let tasks = TaskSupervisor::new().start_link().await?;
    ///     let mut halves = tasks
    ///         .async_stream_nolink([4, 5, 6], |n: u64| async move {
    ///             if n % 2 == 1 {
    ///                 process::exit_self(ExitReason::other("odd"));
    ///             }
    ///             n / 2
    ///         })
    ///         .zip_input_on_exit();
    ///     let mut lost = Vec::new();
    ///     while let Some(half) = halves.next().await {
    ///         lost.extend(half.err().map(|(item, _)| item));
    ///     }
    ///     Ok::<_, ExitReason>(lost)
    /// });
    /// assert_eq!(lost.await, Ok(Ok(vec![5])));
    /// # }
    /// ```
    pub fn async_stream_nolink<I, F, W>(
        &self,
        items: I,
        work: F,
    ) -> AsyncStream<I::IntoIter, W::Output>
    where
        I: IntoIterator<Item: Send + 'static>,
        F: Fn(I::Item) -> W + Send + Sync + 'static,
        W: Future<Output: Send + 'static> + Send + 'static,
    {
        self.stream(items, Link::Unlinked, work)
    }

    fn stream<I, F, W>(&self, items: I, link: Link, work: F) -> AsyncStream<I::IntoIter, W::Output>
    where
        I: IntoIterator<Item: Send + 'static>,
        F: Fn(I::Item) -> W + Send + Sync + 'static,
        W: Future<Output: Send + 'static> + Send + 'static,
    {
        let (work, tasks) = (Arc::new(work), self.clone());
        let start = move |crew: &Arc<dyn Process>, item| {
            let work = work.clone();
            let work = |_: Mailbox<Never>| async move { Spent::new(work(item)).await };
            let order = TaskOrder::new(crew.clone(), link, work);
            let (supervisor, shutdown) = (tasks.supervisor.clone(), tasks.shutdown);
            Started::Asked(Box::pin(async move {
                // A task whose stream has gone is ended.
                let _wanted = Wanted(&order);
                let started = order.place(&supervisor, shutdown).await;
                started.map_err(ExitReason::from)
            }))
        };
        AsyncStream::new(Pool::new(items.into_iter(), link, Box::new(start)))
    }
}
