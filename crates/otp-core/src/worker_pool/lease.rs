//! A worker that is lent to a process.

use std::fmt;
use std::ops::Deref;

use super::server::{PoolServer, Returned, WaitTicket};
use crate::gen_server::{GenServer, ServerRef};
use crate::process::current;

/// A worker that no other process has. It goes back to its pool when this is dropped.
///
/// It belongs to the process that has checked it out: it ends with that process, wherever the value is. A lease that is
/// dropped by a panic, or by a process that is killed, counts as that of a holder that has ended: see
/// [`OnHolderEnd`](super::OnHolderEnd).
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
/// let pool = WorkerPool::options(1, || Counter::start_link(0)).start_link().await?;
/// let lease = pool.checkout().await?;
/// lease.cast(7);
/// assert_eq!(lease.call(|from| from).await?, 7);
/// drop(lease);
/// // The next holder has the same worker.
/// assert_eq!(pool.checkout().await?.call(|from| from).await?, 7);
/// # Ok(())
/// # }).await
/// # }
/// ```
#[must_use = "the worker goes back to its pool when this is dropped"]
pub struct Lease<S: GenServer> {
    worker: ServerRef<S>,
    pool: ServerRef<PoolServer<S>>,
    ticket: WaitTicket,
}

impl<S: GenServer> Lease<S> {
    pub(super) fn new(
        worker: ServerRef<S>,
        pool: ServerRef<PoolServer<S>>,
        ticket: WaitTicket,
    ) -> Self {
        Self {
            worker,
            pool,
            ticket,
        }
    }

    /// The worker. A clone of it outlives the lease, and should not be used after it.
    #[must_use]
    pub fn worker(&self) -> &ServerRef<S> {
        &self.worker
    }
}

impl<S: GenServer> Deref for Lease<S> {
    type Target = ServerRef<S>;

    fn deref(&self) -> &ServerRef<S> {
        &self.worker
    }
}

impl<S: GenServer> Drop for Lease<S> {
    fn drop(&mut self) {
        // The holder was interrupted while it used the worker.
        let is_ending = current::try_process().is_some_and(|user| user.head().is_exiting());
        self.pool.cast(Returned {
            ticket: self.ticket,
            cut_short: is_ending || std::thread::panicking(),
        });
    }
}

impl<S: GenServer> fmt::Debug for Lease<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Lease({})", self.worker.pid())
    }
}
