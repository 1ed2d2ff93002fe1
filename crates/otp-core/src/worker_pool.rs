//! Pools of workers: so many servers of a kind, each lent to one process at a time.
//!
//! A [`WorkerPool`] starts its workers, is their supervisor, and lends them out. Who [checks one out](WorkerPool::checkout) has it for itself until
//! the [`Lease`] is dropped. When none is free the caller waits in a queue, whose length is limited, for as long as its time limit says.
//!
//! # When (not) to use it
//!
//! Take it for what is dear to have or must not be used by two at a time: connections, sessions, threads that block (workers with
//! [`own_thread`](crate::gen_server::StartOptions::own_thread)). To bound how many things happen at a time, without state in between, a semaphore does;
//! to spread work by key, a [`PartitionSupervisor`](crate::PartitionSupervisor).
//!
//! # What becomes of
//!
//! - a holder that ends: its lease is over, and the worker does what [`OnHolderEnd`] says;
//! - a caller that gives up waiting: it loses its place in the queue, and a worker that was about to be lent to it goes to the next one;
//! - a worker that ends: another one is started in its place, in the background and with a [`Backoff`](crate::guard::Backoff) between two starts, so
//!   that one that has lived longer than that is replaced at once; a lease of the dead one stays with its holder, whose calls fail;
//! - the pool, when it ends: it stops its workers, and callers in the queue get the reason.
//!
//! # Differences from OTP
//!
//! OTP has nothing of the kind; there one takes a library, such as poolboy or NimblePool.
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
pub use self::server::{PoolRequest, PoolServer, PoolSignal, Returned};

/// No worker to be had.
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

/// How a pool fares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PoolStatus {
    /// Workers that run and are not lent out.
    pub idle: usize,
    /// Workers that are lent out.
    pub lent: usize,
    /// Workers that do not run, and are to be started again.
    pub missing: usize,
    /// Callers that wait.
    pub waiting: usize,
}
