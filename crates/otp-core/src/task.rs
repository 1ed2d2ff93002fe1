//! Tasks: processes that compute one value.
//!
//! A [`Task`] is a process that is linked with its *owner*, the process that spawned it. The owner waits for its
//! value. For work in the background without a value, use [`start`] or [`start_link`].
//! [`async_stream`] does the same work on many items, with a limit on how many run at a time.
//!
//! # When (not) to use a task
//!
//! Use a task for work that runs in parallel with the owner, and whose failure is also a failure of the owner.
//! A future that only waits needs no process: `tokio::join!` is cheaper. For a process that answers more than one
//! question use a [`GenServer`](crate::GenServer) or an [`Agent`](crate::Agent).
//!
//! # OTP
//!
//! Elixir's module `Task`.
//!
//! # Differences from OTP
//!
//! - The value does not arrive as a message, and a failure not as a DOWN: both come through the `Task`. If a
//!   server must not wait for a task, let the task send or cast the value.
//! - Failures are returned and not thrown: `?` in the body of a process has the effect of OTP's exit.
//!
//! # Examples
//!
//! ```
//! use otp_core::{ExitReason, Node, Task};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let sum = Node::new().run(async {
//!     let left = Task::spawn(async { (1..=50).sum::<u64>() });
//!     let right = Task::spawn(async { (51..=100).sum::<u64>() });
//!     Ok::<_, ExitReason>(left.await? + right.await?)
//! });
//! assert_eq!(sum.await, Ok(Ok(5050)));
//! # }
//! ```

mod attach;
mod awaiting;
mod error;
pub(crate) mod job;
mod many;
mod pipe;
pub(crate) mod pool;
mod start;
mod stream;

use std::any::type_name;
use std::fmt;
use std::future::{Future, IntoFuture, poll_fn};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

pub use self::attach::{Attached, StreamEvent, attach_stream};
pub use self::awaiting::AwaitTask;
pub use self::error::TaskError;
use self::job::{Callers, Job};
pub use self::many::{Late, YieldMany, await_many, yield_many};
pub use self::pipe::pipe;
pub use self::start::{callers, child_spec, start, start_link};
pub use self::stream::{AsyncStream, OnTimeout, ZippedStream, async_stream};
use crate::exit::ExitReason;
use crate::gen_server::TimeLimit;
use crate::never::Never;
use crate::pid::Pid;
use crate::process::block::Process;
use crate::process::panic::Spent;
use crate::process::{self, Birth, Mailbox, ProcessBody, current, relations};

/// A handle of a process that computes a value.
///
/// Only the owner, the process that spawned it, can get the value; in other processes all operations fail with
/// [`TaskError::NotOwner`]. If the handle is dropped, the task runs on, linked with its owner, and its value
/// is lost. [`ignore`](Self::ignore) also removes the link.
///
/// `task.await` waits for the value for at most 5 s; [`timeout`](Self::timeout) sets another limit.
///
/// # OTP
///
/// The struct `Task`.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use otp_core::Task;
/// use otp_core::prelude::*;
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let task = Task::spawn(async { 6 * 7 });
/// assert_eq!(task.await?, 42);
/// let failing = Task::spawn_with(|_: Mailbox<Never>| async { 6 * 7 });
/// assert_eq!(failing.timeout(Duration::from_secs(1)).await?, 42);
/// # Ok(())
/// # }).await
/// # }
/// ```
#[must_use = "dropping it loses the task's value: `task::start_link` needs none"]
pub struct Task<T: Send + 'static> {
    owner: Arc<dyn Process>,
    state: TaskState<T>,
}

enum TaskState<T: Send + 'static> {
    Runs(Job<T>),
    /// There never was a process.
    Completed(T),
    /// The value or the failure has been handed out.
    Over,
}

impl<T: Send + 'static> Task<T> {
    /// Runs a future in a new process, which is linked with the current process, the task's
    /// owner. If the task fails, an owner that does not trap exits ends, too.
    ///
    /// (It is not called `async`, as in OTP, since that is a keyword.)
    ///
    /// # OTP
    ///
    /// `Task.async/1`.
    ///
    /// # Panics
    ///
    /// Panics outside of a process.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::Task;
    /// use otp_core::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let task = Task::spawn(async { (1..=4).product::<u32>() });
    /// // The owner does something else, and then takes the value.
    /// assert_eq!(task.await?, 24);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    #[track_caller]
    pub fn spawn<F>(work: F) -> Self
    where
        F: Future<Output = T> + Send + 'static,
    {
        let owner = current::process();
        let birth = Birth::<Never>::linked(&owner, type_name::<F>);
        Self::of(owner, Job::start(birth, Callers::of_child(), work))
    }

    /// As [`spawn`](Self::spawn), for work that has a mailbox: it can trap exits, monitor, and receive messages.
    ///
    /// Such a task cleans up when it gets an exit signal, for example by [shutdown](Self::shutdown), and still returns
    /// a value. It also survives its owner, unless it ends when the owner's exit arrives.
    ///
    /// # OTP
    ///
    /// `Task.async/1`, whose function may set `trap_exit` and receive.
    ///
    /// # Panics
    ///
    /// Panics outside of a process.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use otp_core::{Exit, Mailbox, Node, Task};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let saved = Node::new().run(async {
    ///     let task = Task::spawn_with(|mut mailbox: Mailbox<Exit>| async move {
    ///         mailbox.trap_exit(|exit| exit);
    ///         let told = mailbox.receive().await;
    ///         format!("saved before the {}", told.reason)
    ///     });
    ///     # tokio::task::yield_now().await;
    ///     task.shutdown(Duration::from_secs(1)).await
    /// });
    /// assert_eq!(saved.await, Ok(Some(Ok("saved before the shutdown".to_owned()))));
    /// # }
    /// ```
    #[track_caller]
    pub fn spawn_with<M, B, F>(work: B) -> Self
    where
        M: Send + 'static,
        B: ProcessBody<M, F> + Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        let owner = current::process();
        let birth = Birth::linked(&owner, type_name::<B>);
        let mailbox = Mailbox::new(birth.block().clone());
        let work = async move { Spent::new(work(mailbox)).await };
        Self::of(owner, Job::start(birth, Callers::of_child(), work))
    }

    /// A task that another process has started for this owner.
    pub(crate) fn of(owner: Arc<dyn Process>, job: Job<T>) -> Self {
        Self {
            owner,
            state: TaskState::Runs(job),
        }
    }

    /// A task that is done already and never had a process.
    ///
    /// # OTP
    ///
    /// `Task.completed/1`.
    ///
    /// # Panics
    ///
    /// Panics outside of a process.
    #[track_caller]
    pub fn completed(value: T) -> Self {
        Self {
            owner: current::process(),
            state: TaskState::Completed(value),
        }
    }

    /// The task's process; none if it was [`completed`](Self::completed), or its value has been taken.
    #[must_use]
    pub fn pid(&self) -> Option<Pid> {
        match &self.state {
            TaskState::Runs(job) => Some(job.pid()),
            TaskState::Completed(_) | TaskState::Over => None,
        }
    }

    /// The process that may wait for the value.
    #[must_use]
    pub fn owner(&self) -> Pid {
        self.owner.head().pid
    }

    /// Waits for the value, for at most `limit`. A task that is late runs on, linked, and its value is
    /// lost.
    ///
    /// # OTP
    ///
    /// `Task.await/2`.
    ///
    /// # Cancel safety
    ///
    /// If this future is dropped, the value is lost, and the task runs on. To be able to wait again use
    /// [`wait`](Self::wait).
    ///
    /// # Errors
    ///
    /// [`TaskError`].
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use otp_core::Task;
    /// use otp_core::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let task = Task::spawn(async {
    ///     tokio::time::sleep(Duration::from_secs(30)).await;
    ///     42
    /// });
    /// assert_eq!(task.timeout(Duration::from_secs(60)).await?, 42);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub async fn timeout(self, limit: impl Into<TimeLimit>) -> Result<T, TaskError> {
        AwaitTask::new(self, limit.into()).await
    }

    /// Waits for the value, for at most `limit`; `None` if there is no value in time. The owner may then wait again.
    /// After the value has been returned, this returns `None` at once.
    ///
    /// # OTP
    ///
    /// `Task.yield/2`.
    ///
    /// # Cancel safety
    ///
    /// May be dropped and called again.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use otp_core::Task;
    /// use otp_core::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let mut task = Task::spawn(async {
    ///     tokio::time::sleep(Duration::from_secs(3)).await;
    ///     42
    /// });
    /// assert_eq!(task.wait(Duration::from_secs(2)).await, None, "not yet");
    /// assert_eq!(task.wait(Duration::from_secs(2)).await, Some(Ok(42)));
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub async fn wait(&mut self, limit: impl Into<TimeLimit>) -> Option<Result<T, TaskError>> {
        current::goes_on().await;
        if let Err(error) = self.check_owner() {
            return Some(Err(error));
        }
        if self.is_over() {
            return None;
        }
        limit.into().on(poll_fn(|cx| self.poll_value(cx))).await
    }

    /// Shuts the task down, and kills it if it has not ended within `limit`. Returns its value, if it has one, or its
    /// failure, if it ended for another reason: a task that had to be killed has failed. If its value or failure has
    /// been returned already, that is a failure with [`ExitReason::NoProcess`].
    ///
    /// The link with its owner is removed first, so the owner gets no exit signal.
    ///
    /// # OTP
    ///
    /// `Task.shutdown/2`.
    ///
    /// # Cancel safety
    ///
    /// If this future is dropped after its first poll, it neither waits nor kills any more.
    ///
    /// # Panics
    ///
    /// The future panics with a limit in a runtime whose timers are not enabled. The task has got no signal.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use otp_core::Task;
    /// use otp_core::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let task = Task::<()>::spawn(std::future::pending());
    /// assert_eq!(task.shutdown(Duration::from_secs(1)).await, None, "it had no value");
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub async fn shutdown(mut self, limit: impl Into<TimeLimit>) -> Option<Result<T, TaskError>> {
        current::goes_on().await;
        let limit = limit.into();
        limit.assert();
        if let Err(error) = self.send_end(ExitReason::Shutdown) {
            return Some(Err(error));
        }
        if self.is_over() {
            return Some(Err(TaskError::GONE));
        }
        let ended = limit.on(poll_fn(|cx| self.poll_end(cx))).await;
        let result = match ended {
            Some(result) => result,
            None => {
                self.send_end(ExitReason::Kill).ok()?;
                poll_fn(|cx| self.poll_end(cx)).await
            }
        };
        match result {
            // The exit signal may have caused the end all the same.
            Err(TaskError::Exited {
                reason: ExitReason::Shutdown,
            }) => None,
            result => Some(result),
        }
    }

    /// Kills the task. Returns its value or its failure, if the task had ended before; a failure with
    /// [`ExitReason::NoProcess`], if that has been returned already.
    ///
    /// # OTP
    ///
    /// `Task.shutdown/2` with `brutal_kill`.
    ///
    /// # Cancel safety
    ///
    /// If this future is dropped after its first poll, it no longer waits; the task ends nevertheless.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::Task;
    /// use otp_core::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let task = Task::<()>::spawn(std::future::pending());
    /// let pid = task.pid().expect("it runs");
    /// task.kill().await;
    /// assert!(!otp_core::process::node().is_alive(pid));
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub async fn kill(mut self) -> Option<Result<T, TaskError>> {
        current::goes_on().await;
        if let Err(error) = self.send_end(ExitReason::Kill) {
            return Some(Err(error));
        }
        if self.is_over() {
            return Some(Err(TaskError::GONE));
        }
        self.killed().await
    }

    /// Removes the link and forgets the task, which runs on. Returns its value or its failure if the task has
    /// ended already; a later value is lost.
    ///
    /// # OTP
    ///
    /// `Task.ignore/1`.
    pub fn ignore(mut self) -> Option<Result<T, TaskError>> {
        self.let_go()
    }

    /// Waits for the end of a task that has been sent a kill.
    async fn killed(&mut self) -> Option<Result<T, TaskError>> {
        match poll_fn(|cx| self.poll_end(cx)).await {
            Err(TaskError::Exited {
                reason: ExitReason::Killed,
            }) => None,
            result => Some(result),
        }
    }

    /// Removes the link. Returns the result, if there is one already.
    fn let_go(&mut self) -> Option<Result<T, TaskError>> {
        if let Err(error) = self.check_owner() {
            return Some(Err(error));
        }
        if self.is_over() {
            return None;
        }
        self.unlink();
        match self.poll_value(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(result) => Some(result),
            Poll::Pending => None,
        }
    }

    /// Sends an exit signal. The owner gets no signal for its effects.
    fn send_end(&self, reason: ExitReason) -> Result<(), TaskError> {
        self.check_owner()?;
        self.unlink();
        if let TaskState::Runs(job) = &self.state {
            job.exit(self.owner(), reason);
        }
        Ok(())
    }

    fn unlink(&self) {
        if let Some(pid) = self.pid() {
            relations::unlink(&self.owner, pid);
        }
    }

    /// Whether the current process can still have the value.
    fn check(&self) -> Result<(), TaskError> {
        self.check_owner()?;
        match self.is_over() {
            true => Err(TaskError::Taken),
            false => Ok(()),
        }
    }

    fn is_over(&self) -> bool {
        matches!(self.state, TaskState::Over)
    }

    fn check_owner(&self) -> Result<(), TaskError> {
        let (owner, caller) = (self.owner(), process::try_current());
        match caller == Some(owner) {
            true => Ok(()),
            false => Err(TaskError::NotOwner { owner, caller }),
        }
    }

    /// The value as soon as it is there; a failure when the process is dead.
    fn poll_value(&mut self, cx: &mut Context<'_>) -> Poll<Result<T, TaskError>> {
        self.poll_with(cx, Job::poll_value)
    }

    /// The same, when the process is dead.
    fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<Result<T, TaskError>> {
        self.poll_with(cx, Job::poll_end)
    }

    fn poll_with(
        &mut self,
        cx: &mut Context<'_>,
        poll: impl FnOnce(&mut Job<T>, &mut Context<'_>) -> Poll<Result<T, ExitReason>>,
    ) -> Poll<Result<T, TaskError>> {
        if let TaskState::Runs(job) = &mut self.state {
            return current::unless_ending(poll(job, cx)).map(|result| {
                self.state = TaskState::Over;
                result.map_err(|reason| TaskError::Exited { reason })
            });
        }
        match std::mem::replace(&mut self.state, TaskState::Over) {
            TaskState::Completed(value) => Poll::Ready(Ok(value)),
            TaskState::Runs(_) | TaskState::Over => {
                unreachable!("nobody waits when the task is over")
            }
        }
    }
}

/// Waits for at most 5 s; see [`Task::timeout`].
impl<T: Send + 'static> IntoFuture for Task<T> {
    type Output = Result<T, TaskError>;
    type IntoFuture = AwaitTask<T>;

    fn into_future(self) -> AwaitTask<T> {
        AwaitTask::new(self, TimeLimit::DEFAULT)
    }
}

impl<T: Send + 'static> fmt::Debug for Task<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task")
            .field("pid", &self.pid())
            .field("owner", &self.owner())
            .finish()
    }
}
