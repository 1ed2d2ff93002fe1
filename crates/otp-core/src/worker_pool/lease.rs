//! A worker in somebody's hands.

use std::fmt;
use std::ops::Deref;

use super::server::{PoolServer, Returned, WaitTicket};
use crate::gen_server::{GenServer, ServerRef};
use crate::process::current;

/// A worker that nobody else has; it goes back to its pool when this is dropped.
///
/// It belongs to the process that has checked it out: with that it ends, wherever the value is. One that is dropped by a panic, or by a process that
/// is killed, counts as that of a holder that has ended: see [`OnHolderEnd`](super::OnHolderEnd).
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
        // Its user has not come to the end of what it did with the worker.
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
