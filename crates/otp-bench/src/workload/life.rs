//! Servers start and stop, a batch at a time: what `start` and `stop` each take one half of.

use tokio::runtime::Runtime;

use crate::cost::{Cost, Stopwatch};
use crate::{floor, server};

/// How many servers live at the same time.
pub(super) const BATCH: u64 = 1_000;

/// How long the starts took, and how long the stops.
#[derive(Debug, Default)]
pub(super) struct Life {
    pub(super) start: Cost,
    pub(super) stop: Cost,
}

pub(super) fn floor(runtime: &Runtime, operations: u64) -> Life {
    runtime.block_on(floor::run(async move {
        let mut life = Life::default();
        let mut servers = Vec::with_capacity(BATCH as usize);
        for _ in 0..operations / BATCH {
            let watch = Stopwatch::start();
            for _ in 0..BATCH {
                servers.push(floor::Server::start().await);
            }
            life.start += watch.stop();
            let watch = Stopwatch::start();
            for server in servers.drain(..) {
                server.stop().await;
            }
            life.stop += watch.stop();
        }
        life
    }))
}

pub(super) fn ours(runtime: &Runtime, operations: u64) -> Life {
    runtime.block_on(server::run(async move {
        let mut life = Life::default();
        let mut servers = Vec::with_capacity(BATCH as usize);
        for _ in 0..operations / BATCH {
            let watch = Stopwatch::start();
            for _ in 0..BATCH {
                servers.push(server::start().await);
            }
            life.start += watch.stop();
            let watch = Stopwatch::start();
            for server in servers.drain(..) {
                server
                    .stop()
                    .await
                    .expect("an idle server stops when it is asked to");
            }
            life.stop += watch.stop();
        }
        life
    }))
}
