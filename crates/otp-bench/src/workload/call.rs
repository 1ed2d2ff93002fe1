//! One caller, one server: a request there and an answer back.

use std::time::{Duration, Instant};

use tokio::runtime::Runtime;

use super::Timed;
use crate::goal::Goal;
use crate::{floor, server};

pub(crate) const CALL: Timed = Timed {
    name: "call",
    operations: 200_000,
    goal: Goal::ratio(1.00, 1.15),
    floor,
    ours,
};

fn floor(runtime: &Runtime, operations: u64) -> Duration {
    runtime.block_on(floor::run(async move {
        let server = floor::Server::start().await;
        let begun = Instant::now();
        for n in 0..operations {
            floor::call(&server.sender, n).await;
        }
        begun.elapsed()
    }))
}

fn ours(runtime: &Runtime, operations: u64) -> Duration {
    runtime.block_on(server::run(async move {
        let server = server::start().await;
        let begun = Instant::now();
        for n in 0..operations {
            server::call(&server, n).await;
        }
        begun.elapsed()
    }))
}
