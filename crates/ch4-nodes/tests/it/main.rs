//! Tests of the API, on a paused clock, and of programs in a cluster.
//!
//! Numbers such as S87 name scenarios that were recorded on the BEAM.

mod cli;
#[cfg(target_os = "linux")]
mod hang_up;
mod nodes;
mod programs;

use otp_core::Node;
use std::time::Duration;
use tokio::time::timeout;

/// Runs a session in a process on a node of its own.
async fn session<T: Send + 'static>(body: impl Future<Output = T> + Send + 'static) -> T {
    // The clock is paused, so a session that waits for ever reaches this limit at once.
    let limit = Duration::from_secs(300);
    let session = timeout(limit, Node::new().run(body)).await;
    session
        .expect("the session ends in time")
        .expect("the session does not panic")
}
