//! Characters on several nodes: through the API, on a paused clock, and as programs that know each other.
//!
//! Numbers such as S87 name scenarios that were recorded on the BEAM.

mod cli;
mod nodes;
mod programs;

use otp_core::Node;
use std::time::Duration;
use tokio::time::timeout;

/// Runs a session in a process on a node of its own.
async fn session<T: Send + 'static>(body: impl Future<Output = T> + Send + 'static) -> T {
    // Longer than anything in it takes, on a clock that jumps: one that waits for ever fails at once.
    let limit = Duration::from_secs(300);
    let session = timeout(limit, Node::new().run(body)).await;
    session
        .expect("the session ends in time")
        .expect("the session ends by itself")
}
