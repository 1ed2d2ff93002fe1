//! One caller, one server: a request there and an answer back.

use tokio::runtime::Runtime;

use super::{WarmUp, Workload};
use crate::cost::{Cost, Stopwatch};
use crate::goal::Goal;
use crate::{floor, server};

pub(crate) const CALL: Workload = Workload {
    name: "call",
    operations: 150_000,
    step: 1,
    warm_up: WarmUp::Tenth,
    goal: Goal::ratio(1.00, 1.15),
    floor,
    ours,
};

fn floor(runtime: &Runtime, operations: u64) -> Cost {
    runtime.block_on(floor::run(async move {
        let server = floor::Server::start().await;
        let watch = Stopwatch::start();
        for n in 0..operations {
            floor::call(&server.sender, n).await;
        }
        watch.stop()
    }))
}

fn ours(runtime: &Runtime, operations: u64) -> Cost {
    runtime.block_on(server::run(async move {
        let server = server::start().await;
        let watch = Stopwatch::start();
        for n in 0..operations {
            server::call(&server, n).await;
        }
        watch.stop()
    }))
}
