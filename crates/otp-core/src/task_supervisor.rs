//! Task supervisors: tasks that have a place in the tree.
//!
//! The tasks of a [`TaskSupervisor`] are its children, and end with it; so a program that is shut down ends its
//! tasks in order, too. A task may in addition be linked with the process that asked for it, its *caller*,
//! or fail without disturbing it.
//!
//! # OTP
//!
//! Elixir's module `Task.Supervisor`.
//!
//! # Examples
//!
//! ```
//! use otp_core::task::TaskError;
//! use otp_core::{ExitReason, Node, TaskSupervisor, process};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let outcome = Node::new().run(async {
//!     let tasks = TaskSupervisor::new().start_link().await?;
//!     let fine = tasks.spawn(async { 42 }).await?;
//!     let failing = tasks
//!         .spawn_nolink(async { process::exit_self(ExitReason::other("lost")) })
//!         .await?;
//!     let lost: Result<(), _> = failing.await;
//!     Ok::<_, ExitReason>((fine.await?, lost.is_err()))
//! });
//! assert_eq!(outcome.await, Ok(Ok((42, true))));
//! # }
//! ```

mod order;
mod streams;

use std::any::type_name;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use crate::child_spec::{Child, ChildSpec, Restart, Shutdown};
use crate::dynamic_supervisor::{DynamicSupervisor, DynamicSupervisorRef};
use crate::exit::Outcome;
use crate::gen_server::{CallError, StartError};
use crate::name::Name;
use crate::never::Never;
use crate::node::Node;
use crate::pid::Pid;
use crate::process::panic::Spent;
use crate::process::{Birth, Mailbox, ProcessBody, Target, current};
use crate::supervisor::handle::supervisor_handle;
use crate::supervisor::{ChildInfo, StartChildError, TerminateChildError};
use crate::task::Task;
use crate::task::job::{self, Callers};
use crate::task::pool::Link;
use order::TaskOrder;

/// A task supervisor that does not run yet.
///
/// By default it has no name, any number of tasks, and restarts its tasks at most 3 times in 5 s.
///
/// # OTP
///
/// Elixir's `Task.Supervisor.start_link/1`.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::TaskSupervisor;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let tasks = TaskSupervisor::new().start_link().await?;
/// let sum = tasks.spawn_nolink(async { 2 + 2 }).await?;
/// assert_eq!(sum.await.map_err(ExitReason::error)?, 4);
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, Default)]
#[must_use = "nothing starts until one of the start methods is called"]
pub struct TaskSupervisor(DynamicSupervisor);

/// A reference to one running task supervisor, and how long its tasks have to end when they are stopped. Two of them are
/// equal if they lead to the same supervisor.
///
/// # OTP
///
/// A task supervisor's pid.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::{TaskSupervisor, TaskSupervisorRef, process};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// TaskSupervisor::new().name("mails").start_link().await?;
/// let mails = TaskSupervisorRef::find(&process::node(), Name::from("mails")).expect("it runs");
/// mails.start_child(Restart::Transient, || async { /* sends one */ }).await?;
/// mails.start_child(Restart::Temporary, || std::future::pending::<()>()).await?;
/// assert!(!mails.children().await?.is_empty());
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Clone)]
pub struct TaskSupervisorRef {
    supervisor: DynamicSupervisorRef,
    shutdown: Shutdown,
}

impl TaskSupervisor {
    /// A supervisor without tasks.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many tasks there may be at a time.
    pub fn max_children(self, max_children: usize) -> Self {
        Self(self.0.max_children(max_children))
    }

    /// As [`DynamicSupervisor::max_restarts`].
    pub fn max_restarts(self, max: usize, period: Duration) -> Self {
        Self(self.0.max_restarts(max, period))
    }

    /// Registers the supervisor under a name.
    pub fn name(self, name: impl Into<Name>) -> Self {
        Self(self.0.name(name))
    }

    /// Starts the supervisor on this node; needed outside of a process.
    pub fn on(self, node: &Node) -> Self {
        Self(self.0.on(node))
    }

    /// Starts the supervisor linked with the current process.
    ///
    /// # Cancel safety
    ///
    /// Dropped while it waits, it leaves the supervisor linked.
    ///
    /// # Errors
    ///
    /// [`StartError`].
    pub async fn start_link(self) -> Result<TaskSupervisorRef, StartError> {
        self.0.start_link().await.map(TaskSupervisorRef::from)
    }

    /// Starts the supervisor without a link.
    ///
    /// # Cancel safety
    ///
    /// Dropped while it waits, it leaves the supervisor to itself.
    ///
    /// # Errors
    ///
    /// [`StartError`].
    pub async fn start(self) -> Result<TaskSupervisorRef, StartError> {
        self.0.start().await.map(TaskSupervisorRef::from)
    }
}

impl TaskSupervisorRef {
    /// The task supervisor with this pid or name; `None` if there is no such process, or if it is no dynamic
    /// supervisor.
    #[must_use]
    pub fn find(node: &Node, target: impl Into<Target>) -> Option<Self> {
        DynamicSupervisorRef::find(node, target).map(Self::from)
    }

    /// A reference to the same supervisor whose tasks are stopped in this way; by default they have 5 s.
    ///
    /// # OTP
    ///
    /// The option `shutdown`.
    #[must_use]
    pub fn with_shutdown(&self, shutdown: Shutdown) -> Self {
        Self {
            supervisor: self.supervisor.clone(),
            shutdown,
        }
    }

    /// Runs a future in a task of the supervisor's that is also linked with the current process, its owner.
    ///
    /// # OTP
    ///
    /// Elixir's `Task.Supervisor.async/2`.
    ///
    /// # Cancel safety
    ///
    /// Dropped after its first poll it leaves the task running.
    ///
    /// # Errors
    ///
    /// [`StartChildError`], above all when there are too many tasks.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::TaskSupervisor;
    /// use otp_core::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let tasks = TaskSupervisor::new().start_link().await?;
    /// let task = tasks.spawn(async { 6 * 7 }).await?;
    /// assert_eq!(task.await?, 42);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub async fn spawn<F>(&self, work: F) -> Result<Task<F::Output>, StartChildError>
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        self.begin(|_: Mailbox<Never>| work, Link::Linked).await
    }

    /// As [`spawn`](Self::spawn), without a link with the owner: it does not end with a task that fails.
    ///
    /// # OTP
    ///
    /// Elixir's `Task.Supervisor.async_nolink/2`.
    ///
    /// # Cancel safety
    ///
    /// As for [`spawn`](Self::spawn).
    ///
    /// # Errors
    ///
    /// As for [`spawn`](Self::spawn).
    ///
    /// # Panics
    ///
    /// As for [`spawn`](Self::spawn).
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::TaskSupervisor;
    /// use otp_core::prelude::*;
    /// use otp_core::task::TaskError;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let tasks = TaskSupervisor::new().start_link().await?;
    /// let task = tasks.spawn_nolink(async { panic!("it burns") }).await?;
    /// // The failure of the task is a value, and does not end this process.
    /// let failed: Result<(), TaskError> = task.await;
    /// assert!(matches!(failed, Err(TaskError::Exited { .. })));
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub async fn spawn_nolink<F>(&self, work: F) -> Result<Task<F::Output>, StartChildError>
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        self.begin(|_: Mailbox<Never>| work, Link::Unlinked).await
    }

    /// As [`spawn`](Self::spawn), for work that has a mailbox: see [`Task::spawn_with`].
    ///
    /// # OTP
    ///
    /// Elixir's `Task.Supervisor.async/2`, whose function may set `trap_exit` and receive.
    ///
    /// # Cancel safety
    ///
    /// As for [`spawn`](Self::spawn).
    ///
    /// # Errors
    ///
    /// As for [`spawn`](Self::spawn).
    ///
    /// # Panics
    ///
    /// As for [`spawn`](Self::spawn).
    pub async fn spawn_with<M, B, F>(&self, work: B) -> Result<Task<F::Output>, StartChildError>
    where
        M: Send + 'static,
        B: ProcessBody<M, F> + Send + 'static,
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        self.begin(work, Link::Linked).await
    }

    /// As [`spawn_nolink`](Self::spawn_nolink), for work that has a mailbox: see [`Task::spawn_with`].
    ///
    /// # OTP
    ///
    /// Elixir's `Task.Supervisor.async_nolink/2`, whose function may set `trap_exit` and receive.
    ///
    /// # Cancel safety
    ///
    /// As for [`spawn`](Self::spawn).
    ///
    /// # Errors
    ///
    /// As for [`spawn`](Self::spawn).
    ///
    /// # Panics
    ///
    /// As for [`spawn`](Self::spawn).
    pub async fn spawn_nolink_with<M, B, F>(
        &self,
        work: B,
    ) -> Result<Task<F::Output>, StartChildError>
    where
        M: Send + 'static,
        B: ProcessBody<M, F> + Send + 'static,
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        self.begin(work, Link::Unlinked).await
    }

    /// Starts a task without a value, which the supervisor may restart: `work` is called at each start.
    ///
    /// # OTP
    ///
    /// Elixir's `Task.Supervisor.start_child/3`.
    ///
    /// # Cancel safety
    ///
    /// As for [`spawn`](Self::spawn).
    ///
    /// # Errors
    ///
    /// As for [`spawn`](Self::spawn).
    ///
    /// # Panics
    ///
    /// As for [`spawn`](Self::spawn).
    pub async fn start_child<F, W>(&self, restart: Restart, work: F) -> Result<Pid, StartChildError>
    where
        F: Fn() -> W + Send + Sync + 'static,
        W: Future<Output: Outcome> + Send + 'static,
    {
        let (work, callers) = (Arc::new(work), Callers::of_new_task());
        let start = move || {
            let (work, callers) = (work.clone(), callers.clone());
            async move {
                let supervisor = current::process();
                let birth = Birth::linked(&supervisor, type_name::<W>);
                job::run(birth, callers, async move { Spent::new(work()).await })
            }
        };
        let spec = ChildSpec::worker("task", start).restart(restart);
        let child = self.supervisor.start_child(spec.shutdown(self.shutdown));
        Ok(child.await?.pid().expect("its start ignores nothing"))
    }

    /// Stops a task.
    ///
    /// # OTP
    ///
    /// Elixir's `Task.Supervisor.terminate_child/2`.
    ///
    /// # Cancel safety
    ///
    /// Dropped after its first poll it no longer waits; the task ends nevertheless.
    ///
    /// # Errors
    ///
    /// [`TerminateChildError::NotAChild`] if it is not, or no longer, a task of this supervisor.
    pub async fn terminate_child(&self, task: impl Into<Pid>) -> Result<(), TerminateChildError> {
        self.supervisor.terminate_child(task).await
    }

    /// The tasks that run.
    ///
    /// # OTP
    ///
    /// Elixir's `Task.Supervisor.children/1`.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any time.
    ///
    /// # Errors
    ///
    /// [`CallError`] if the supervisor does not live, or ends before it answers.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::TaskSupervisor;
    /// use otp_core::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let tasks = TaskSupervisor::new().start_link().await?;
    /// let task = tasks.spawn(std::future::pending::<()>()).await?;
    /// assert_eq!(tasks.children().await?, [task.pid().expect("it runs")]);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub async fn children(&self) -> Result<Vec<Pid>, CallError> {
        let children = self.supervisor.which_children().await?;
        Ok(children.iter().filter_map(ChildInfo::pid).collect())
    }

    async fn begin<M, B, F>(&self, work: B, link: Link) -> Result<Task<F::Output>, StartChildError>
    where
        M: Send + 'static,
        B: ProcessBody<M, F> + Send + 'static,
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        current::goes_on().await;
        let owner = current::try_process().ok_or(StartChildError::Outside)?;
        let order = TaskOrder::new(owner.clone(), link, work);
        let job = order.place(&self.supervisor, self.shutdown).await?;
        Ok(Task::of(owner, job))
    }
}

impl From<DynamicSupervisorRef> for TaskSupervisorRef {
    fn from(supervisor: DynamicSupervisorRef) -> Self {
        Self {
            supervisor,
            shutdown: Shutdown::DEFAULT,
        }
    }
}

impl From<TaskSupervisorRef> for Child {
    fn from(tasks: TaskSupervisorRef) -> Self {
        tasks.supervisor.into()
    }
}

supervisor_handle!(TaskSupervisorRef, self.supervisor);
