//! One caller, one server: a request there and an answer back.

use std::time::Duration;

use otp_core::Node;
use tokio::runtime::Runtime;

use super::{WarmUp, Workload};
use crate::cost::{Cost, Stopwatch};
use crate::goal::Goal;
use crate::{floor, server};

/// A process that keeps its thread for so long is reported.
const LONG: Duration = Duration::from_millis(100);

pub(crate) const CALL: Workload = Workload {
    name: "call",
    operations: 150_000,
    step: 1,
    warm_up: WarmUp::Tenth,
    goal: Goal::ratio(1.00, 1.15),
    floor,
    ours,
};

/// The same while a watchdog looks whether a process keeps its thread for too long.
pub(crate) const CALL_WATCHED: Workload = Workload {
    name: "call, watched",
    ours: watched,
    ..CALL
};

/// The same while calls that wait for each other are detected.
pub(crate) const CALL_DETECTED: Workload = Workload {
    name: "call, cycles detected",
    ours: detected,
    ..CALL
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
    runtime.block_on(server::run(calls(operations)))
}

fn watched(runtime: &Runtime, operations: u64) -> Cost {
    let node = Node::new();
    node.monitor_long_schedule(LONG);
    on(&node, runtime, operations)
}

fn detected(runtime: &Runtime, operations: u64) -> Cost {
    let node = Node::new();
    node.detect_call_cycles();
    on(&node, runtime, operations)
}

fn on(node: &Node, runtime: &Runtime, operations: u64) -> Cost {
    runtime
        .block_on(node.run(calls(operations)))
        .expect("a client of the benchmark does not crash")
}

async fn calls(operations: u64) -> Cost {
    let server = server::start().await;
    let watch = Stopwatch::start();
    for n in 0..operations {
        server::call(&server, n).await;
    }
    watch.stop()
}
