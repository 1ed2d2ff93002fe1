//! The workloads, each written once for all libraries: as otp-bench runs it on bare tokio and on otp-core.

mod idle;
mod life;
mod messages;
mod names;
mod tokens;

use std::future::Future;

use tokio::runtime::Runtime;

use crate::peer::Peer;

pub(crate) use self::idle::idle;
pub(crate) use self::life::{dynamic_start, dynamic_terminate, restart, start, stop};
pub(crate) use self::messages::{call, callers, cast, cast_four};
pub(crate) use self::names::lookup;
pub(crate) use self::tokens::{pairs, ring};

/// Runs a client of the library to its end.
fn run<P, F>(runtime: &Runtime, client: F) -> F::Output
where
    P: Peer,
    F: Future<Output: Send + 'static> + Send + 'static,
{
    runtime.block_on(async { P::client(client).await })
}
