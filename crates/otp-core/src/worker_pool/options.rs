//! How a pool is started.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use thiserror::Error;

use super::pool::WorkerPool;
use super::server::PoolServer;
use crate::child_spec::{ChildSpec, Shutdown};
use crate::exit::ExitReason;
use crate::gen_server::{GenServer, ServerRef, StartError, StartOptions};
use crate::guard::Backoff;
use crate::name::Name;
use crate::node::Node;
use crate::process::panic::{Contained, Spent};

/// The treatment of a worker whose holder has ended without giving it back, or has dropped its lease because it
/// panicked or was killed.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::process;
/// use otp_core::worker_pool::{OnHolderEnd, WorkerPool};
/// # struct Counter(u64);
/// #
/// # #[gen_server]
/// # impl GenServer for Counter {
/// #     type Args = u64;
/// #     type Call = ReplyTo<u64>;
/// #     type Cast = u64;
/// #
/// #     async fn init(first: u64, _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
/// #         Ok(Init::state(Self(first)))
/// #     }
/// #
/// #     async fn handle_call(&mut self, from: ReplyTo<u64>, _: &mut Context<Self>) -> Reply<Self> {
/// #         from.reply(self.0)
/// #     }
/// #
/// #     async fn handle_cast(&mut self, n: u64, _: &mut Context<Self>) -> Next<Self> {
/// #         self.0 += n;
/// #         Next::NoReply
/// #     }
/// # }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let pool = WorkerPool::options(1, || Counter::start_link(0)).on_holder_end(OnHolderEnd::Replace);
/// let pool = pool.start_link().await?;
/// let user = pool.clone();
/// let holder = process::spawn(move |_: Mailbox<Never>| async move {
///     let lease = user.checkout().await?;
///     lease.cast(7);
///     process::exit_self(ExitReason::Shutdown);
///     #[allow(unreachable_code)]
///     Ok::<_, Stop>(())
/// });
/// holder.wait().await;
/// let lease = pool.checkout().await?;
/// assert_eq!(lease.call(|from| from).await?, 0, "a new worker");
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnHolderEnd {
    /// It is lent to the next one, as it is.
    #[default]
    Reuse,
    /// It is stopped, and another one is started in its place: for workers that may be in the middle of an operation.
    Replace,
}

pub(super) type Starting<S> =
    Pin<Box<dyn Future<Output = Result<ServerRef<S>, StartError>> + Send>>;

/// A worker has chosen not to start. For a pool that is a failure.
#[derive(Debug, PartialEq, Error)]
#[error("a worker of the pool has chosen not to start")]
struct NotWilling;

/// The settings of a pool.
pub struct Policy<S: GenServer> {
    pub(super) size: usize,
    pub(super) max_waiting: usize,
    pub(super) on_holder_end: OnHolderEnd,
    pub(super) backoff: Backoff,
    pub(super) shutdown: Shutdown,
    pub(super) start: Arc<dyn Fn() -> Starting<S> + Send + Sync>,
}

impl<S: GenServer> Policy<S> {
    /// The child that a guard keeps running.
    pub(super) fn worker(&self) -> ChildSpec {
        let start = self.start.clone();
        let start = move || {
            let starting = Spent::new(start());
            async move {
                let started = starting.await;
                started.map_err(|error| match error {
                    StartError::Ignored => ExitReason::error(NotWilling),
                    error => error.into(),
                })
            }
        };
        ChildSpec::worker("worker", start).shutdown(self.shutdown)
    }
}

impl<S: GenServer> fmt::Debug for Policy<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Policy")
            .field("size", &self.size)
            .field("max_waiting", &self.max_waiting)
            .finish_non_exhaustive()
    }
}

/// Options for the start of a pool; [`WorkerPool::options`] makes them.
///
/// By default any number of callers may wait, and the worker of a holder that has ended is lent again as it is. Between two starts of a worker
/// are 100 ms, and up to 30 s if it does not live for 10 s. Workers have 5 s to stop.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use otp_core::guard::Backoff;
/// use otp_core::prelude::*;
/// use otp_core::process;
/// use otp_core::worker_pool::{WorkerPool, WorkerPoolOptions};
/// # struct Counter(u64);
/// #
/// # #[gen_server]
/// # impl GenServer for Counter {
/// #     type Args = u64;
/// #     type Call = ReplyTo<u64>;
/// #     type Cast = u64;
/// #
/// #     async fn init(first: u64, _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
/// #         Ok(Init::state(Self(first)))
/// #     }
/// #
/// #     async fn handle_call(&mut self, from: ReplyTo<u64>, _: &mut Context<Self>) -> Reply<Self> {
/// #         from.reply(self.0)
/// #     }
/// #
/// #     async fn handle_cast(&mut self, n: u64, _: &mut Context<Self>) -> Next<Self> {
/// #         self.0 += n;
/// #         Next::NoReply
/// #     }
/// # }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let options: WorkerPoolOptions<Counter> = WorkerPool::options(4, || Counter::start_link(0))
///     .name("counters")
///     .max_waiting(100)
///     .backoff(Backoff::constant(Duration::from_millis(50)))
///     .worker_shutdown(Shutdown::Within(Duration::from_secs(1)));
/// let pool = options.start_link().await?;
/// assert_eq!(process::whereis("counters"), Some(pool.pid()));
/// # Ok(())
/// # }).await
/// # }
/// ```
#[must_use = "nothing starts until one of the start methods is called"]
pub struct WorkerPoolOptions<S: GenServer> {
    policy: Policy<S>,
    server: StartOptions<PoolServer<S>>,
}

impl<S: GenServer> WorkerPoolOptions<S> {
    pub(super) fn new<F, W>(size: usize, start: F) -> Self
    where
        F: Fn() -> W + Send + Sync + 'static,
        W: Future<Output = Result<ServerRef<S>, StartError>> + Send + 'static,
    {
        let start = Contained::new(start);
        Self {
            policy: Policy {
                size: size.max(1),
                max_waiting: usize::MAX,
                on_holder_end: OnHolderEnd::default(),
                backoff: Backoff::DEFAULT,
                shutdown: Shutdown::DEFAULT,
                start: Arc::new(move || Box::pin(start.get()())),
            },
            server: PoolServer::<S>::options().supervises(),
        }
    }

    /// The number of callers that may wait for a worker. With 0, a caller that finds none is refused at once.
    pub fn max_waiting(mut self, callers: usize) -> Self {
        self.policy.max_waiting = callers;
        self
    }

    /// The treatment of a worker whose holder has ended.
    pub fn on_holder_end(mut self, does: OnHolderEnd) -> Self {
        self.policy.on_holder_end = does;
        self
    }

    /// The shortest time from one start of a worker to the next one. A worker that has lived longer is replaced at
    /// once.
    pub fn backoff(mut self, backoff: Backoff) -> Self {
        self.policy.backoff = backoff;
        self
    }

    /// Sets the time that a worker has to stop.
    pub fn worker_shutdown(mut self, shutdown: Shutdown) -> Self {
        self.policy.shutdown = shutdown;
        self
    }

    /// Registers the pool under a name.
    pub fn name(mut self, name: impl Into<Name>) -> Self {
        self.server = self.server.name(name);
        self
    }

    /// Starts the pool on this node; needed outside of a process.
    pub fn on(mut self, node: &Node) -> Self {
        self.server = self.server.on(node);
        self
    }

    /// Starts the pool and its workers, linked with the current process.
    ///
    /// # Cancel safety
    ///
    /// Dropped while it waits, it leaves the pool linked.
    ///
    /// # Errors
    ///
    /// [`StartError`], also if one of the workers does not start; [`StartError::Outside`] outside of a process.
    pub async fn start_link(self) -> Result<WorkerPool<S>, StartError> {
        let started = self.server.start_link(self.policy).await;
        started.map(WorkerPool::from)
    }

    /// Starts the pool and its workers without a link.
    ///
    /// # Cancel safety
    ///
    /// Dropped while it waits, it leaves the pool to itself.
    ///
    /// # Errors
    ///
    /// As for [`start_link`](Self::start_link), but `Outside` only without a node.
    pub async fn start(self) -> Result<WorkerPool<S>, StartError> {
        let started = self.server.start(self.policy).await;
        started.map(WorkerPool::from)
    }
}

impl<S: GenServer> fmt::Debug for WorkerPoolOptions<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WorkerPoolOptions")
            .field("policy", &self.policy)
            .field("server", &self.server)
            .finish()
    }
}
