//! The handle of a pool.

use std::time::Duration;

use super::lease::Lease;
use super::options::WorkerPoolOptions;
use super::server::{PoolAsk, PoolRequest, PoolServer, Returned, WaitTicket};
use super::{CheckoutError, PoolStatus};
use crate::child_spec::Child;
use crate::exit::ExitReason;
use crate::gen_server::{
    Begin, CallError, GenServer, Limited, ReplyTo, ServerRef, StartError, StopError, TimeLimit,
};
use crate::node::Node;
use crate::pid::Pid;
use crate::process::{self, Target};
use crate::util::handle::handle;

/// A reference to a pool of workers. The [module](super) describes its use.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::process;
/// use otp_core::worker_pool::WorkerPool;
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
/// WorkerPool::options(2, || Counter::start_link(7)).name("counters").start_link().await?;
/// let pool = WorkerPool::<Counter>::find(&process::node(), "counters").expect("it runs");
/// let counter = pool.checkout().await?;
/// assert_eq!(counter.call(|from| from).await?, 7);
/// # Ok(())
/// # }).await
/// # }
/// ```
pub struct WorkerPool<S: GenServer>(ServerRef<PoolServer<S>>);

impl<S: GenServer> WorkerPool<S> {
    /// Options for a pool of so many workers (0 is taken for 1), each started by `start`, which links it with the pool: any `start_link`.
    pub fn options<F, W>(size: usize, start: F) -> WorkerPoolOptions<S>
    where
        F: Fn() -> W + Send + Sync + 'static,
        W: Future<Output = Result<ServerRef<S>, StartError>> + Send + 'static,
    {
        WorkerPoolOptions::new(size, start)
    }

    /// The pool with this pid or name; `None` if there is no such process, or if the process is no pool of such
    /// workers.
    #[must_use]
    pub fn find(node: &Node, target: impl Into<Target>) -> Option<Self> {
        let process = node.process_ref(target)?;
        Some(Self(process.into())).filter(Self::is_alive)
    }

    /// The pid of the pool's process.
    #[must_use]
    pub fn pid(&self) -> Pid {
        self.0.pid()
    }

    /// Whether the pool lives.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        self.0.is_alive()
    }

    /// Checks a worker out for the current process. It waits for at most 5 s, or for as long as [`timeout`](Limited::timeout) says.
    /// With a limit of zero it takes a worker that is free, and does not wait for another.
    ///
    /// Callers are served in the order in which they came. A caller outside of processes cannot be monitored: there the
    /// lease must be dropped. A worker that checks one out of its own pool waits as others do: if all workers wait in
    /// this way, each waits for its limit.
    ///
    /// # Cancel safety
    ///
    /// Dropped, it gives its place in the queue up.
    ///
    /// # Errors
    ///
    /// [`CheckoutError`].
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    /// use otp_core::worker_pool::WorkerPool;
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
    /// let pool = WorkerPool::options(2, || Counter::start_link(0)).start_link().await?;
    /// let (one, other) = (pool.checkout().await?, pool.checkout().await?);
    /// assert_ne!(one.pid(), other.pid(), "each worker has one holder");
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn checkout(&self) -> Limited<impl Begin<Output = Result<Lease<S>, CheckoutError>>> {
        Limited::new(TimeLimit::DEFAULT, move |limit| async move {
            let place = QueuePlace {
                pool: &self.0,
                ticket: WaitTicket::new(),
                holds: true,
            };
            let (holder, ticket) = (process::try_current(), place.ticket);
            let asked = |from: ReplyTo<Result<Lease<S>, CheckoutError>>| {
                PoolRequest(PoolAsk::<S>::Checkout(holder, ticket, limit, from))
            };
            // Without time to wait the answer comes at once, as soon as the pool is not busy.
            let answered = match limit {
                TimeLimit::After(Duration::ZERO) => TimeLimit::DEFAULT,
                limit => limit,
            };
            match self.0.call(asked).timeout(answered).await {
                Ok(answer) => {
                    place.keep();
                    answer
                }
                Err(CallError::Timeout { limit, .. }) => Err(CheckoutError::Timeout(limit)),
                Err(error) => Err(error.into()),
            }
        })
    }

    /// How many workers are free, lent out and missing, and how many callers wait.
    ///
    /// # Cancel safety
    ///
    /// As for [`ServerRef::call`].
    ///
    /// # Errors
    ///
    /// [`CallError`].
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    /// use otp_core::worker_pool::WorkerPool;
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
    /// let pool = WorkerPool::options(2, || Counter::start_link(0)).start_link().await?;
    /// let lease = pool.checkout().await?;
    /// assert_eq!(pool.status().await?.idle, 1);
    /// drop(lease);
    /// assert_eq!(pool.status().await?.idle, 2);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn status(&self) -> Limited<impl Begin<Output = Result<PoolStatus, CallError>>> {
        Limited::new(TimeLimit::DEFAULT, move |limit| async move {
            let asked = |from: ReplyTo<PoolStatus>| PoolRequest::<S>(PoolAsk::Status(from));
            self.0.call(asked).timeout(limit).await
        })
    }

    /// Stops the pool and its workers.
    ///
    /// # Cancel safety
    ///
    /// As for [`ServerRef::stop`].
    ///
    /// # Errors
    ///
    /// [`StopError`].
    pub fn stop(&self) -> Limited<impl Begin<Output = Result<(), StopError>>> {
        Limited::new(TimeLimit::Infinity, move |limit| async move {
            self.0.stop().timeout(limit).await
        })
    }

    /// As [`stop`](Self::stop), with another reason.
    ///
    /// # Cancel safety
    ///
    /// As for [`stop`](Self::stop).
    ///
    /// # Errors
    ///
    /// As for [`stop`](Self::stop).
    pub fn stop_with<R: Into<ExitReason>>(
        &self,
        reason: R,
    ) -> Limited<impl Begin<Output = Result<(), StopError>> + use<'_, S, R>> {
        let reason = reason.into();
        Limited::new(TimeLimit::Infinity, move |limit| async move {
            self.0.stop_with(reason).timeout(limit).await
        })
    }

    /// Waits until the pool has ended; returns its exit reason.
    ///
    /// # Cancel safety
    ///
    /// May be dropped and called again.
    pub async fn wait(&self) -> ExitReason {
        self.0.wait().await
    }
}

/// A place in the queue. Dropping it gives the place up.
struct QueuePlace<'a, S: GenServer> {
    pool: &'a ServerRef<PoolServer<S>>,
    ticket: WaitTicket,
    holds: bool,
}

impl<S: GenServer> QueuePlace<'_, S> {
    /// The request was answered, so there is no place to give up.
    fn keep(mut self) {
        self.holds = false;
    }
}

impl<S: GenServer> Drop for QueuePlace<'_, S> {
    fn drop(&mut self) {
        if self.holds {
            self.pool.cast(Returned {
                ticket: self.ticket,
                cut_short: false,
            });
        }
    }
}

impl<S: GenServer> From<ServerRef<PoolServer<S>>> for WorkerPool<S> {
    fn from(server: ServerRef<PoolServer<S>>) -> Self {
        Self(server)
    }
}

impl<S: GenServer> From<WorkerPool<S>> for Child {
    fn from(pool: WorkerPool<S>) -> Self {
        pool.0.into()
    }
}

impl<S: GenServer> Clone for WorkerPool<S> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

handle!(WorkerPool<S: GenServer>, self.0.pid());
