//! Pools of workers: so many servers of a kind, each lent to one process at a time.
//!
//! A [`WorkerPool`] starts its workers, is their supervisor, and lends them out. A process that [checks one
//! out](WorkerPool::checkout) is its only user until the [`Lease`] is dropped. When no worker is free, the caller waits
//! in a queue of limited length, for as long as its time limit says.
//!
//! # When (not) to use it
//!
//! Use it for things that are expensive or must not have two users at a time: connections, sessions, threads that block
//! (workers with [`own_thread`](crate::gen_server::StartOptions::own_thread)). To limit the number of operations at a
//! time, without state in between, a semaphore is enough; to distribute work by key, use a
//! [`PartitionSupervisor`](crate::PartitionSupervisor).
//!
//! # What happens after an end
//!
//! - a holder that ends: its lease is over, and [`OnHolderEnd`] decides about the worker;
//! - a caller that stops waiting: it loses its place in the queue, and a worker that was about to be lent to it goes to
//!   the next one;
//! - a worker that ends: another one is started in its place, in the background and with a
//!   [`Backoff`](crate::guard::Backoff) between two starts. A worker that has lived longer than this delay is replaced
//!   at once. A lease of the dead worker stays with its holder, whose calls fail;
//! - the pool, when it ends: it stops its workers, and callers in the queue get the reason.
//!
//! # Differences from OTP
//!
//! OTP has no such module; there one uses a library, such as poolboy or NimblePool.
//!
//! # Examples
//!
//! ```
//! use otp_core::prelude::*;
//! use otp_core::worker_pool::WorkerPool;
//!
//! struct Connection;
//!
//! #[gen_server]
//! impl GenServer for Connection {
//!     type Call = (String, ReplyTo<usize>);
//!
//!     async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
//!         Ok(Init::state(Self))
//!     }
//!
//!     async fn handle_call(&mut self, (query, from): Self::Call, _: &mut Context<Self>) -> Reply<Self> {
//!         from.reply(query.len())
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! # Node::new().try_run(async {
//! let pool = WorkerPool::options(4, || Connection::start_link(())).name("connections").start_link().await?;
//! let connection = pool.checkout().await?;
//! assert_eq!(connection.call(|from| ("select".to_owned(), from)).await?, 6);
//! drop(connection);
//! # Ok(())
//! # }).await.expect("it goes well");
//! # }
//! ```

mod crew;
mod lease;
mod options;
mod pool;
mod server;

use std::time::Duration;

use thiserror::Error;

use crate::gen_server::CallError;
use crate::stop::reasons;

pub use self::lease::Lease;
pub use self::options::{OnHolderEnd, WorkerPoolOptions};
pub use self::pool::WorkerPool;
pub use self::server::PoolServer;
#[doc(hidden)]
pub use self::server::{PoolRequest, PoolSignal, Returned};

/// No worker is available.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use otp_core::prelude::*;
/// use otp_core::worker_pool::{CheckoutError, WorkerPool};
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
/// let pool = WorkerPool::options(1, || Counter::start_link(0)).max_waiting(1).start_link().await?;
/// let _lease = pool.checkout().await?;
/// let second = Duration::from_secs(1);
/// assert_eq!(pool.checkout().timeout(second).await.err(), Some(CheckoutError::Timeout(second)));
/// let both = tokio::join!(pool.checkout().timeout(second), pool.checkout().timeout(second));
/// assert_eq!(both.1.err(), Some(CheckoutError::QueueFull { waiting: 1 }));
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum CheckoutError {
    /// All workers are lent out, and as many callers as may wait do.
    #[error("all workers are lent out, and {waiting} callers wait already")]
    QueueFull {
        /// How many wait.
        waiting: usize,
    },
    /// None has become free in time.
    #[error("no worker has become free within {0:?}")]
    Timeout(Duration),
    /// The pool does not answer.
    #[error(transparent)]
    Pool(#[from] CallError),
}

reasons!(CheckoutError);

/// The state of a pool.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::worker_pool::{PoolStatus, WorkerPool};
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
/// let pool = WorkerPool::options(3, || Counter::start_link(0)).start_link().await?;
/// let _lease = pool.checkout().await?;
/// let expected = PoolStatus { idle: 2, lent: 1, missing: 0, waiting: 0 };
/// assert_eq!(pool.status().await?, expected);
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PoolStatus {
    /// Workers that run and are not lent out.
    pub idle: usize,
    /// Workers that are lent out.
    pub lent: usize,
    /// Workers that do not run, and are going to be started again.
    pub missing: usize,
    /// Callers that wait.
    pub waiting: usize,
}
