//! A process that does nothing is spawned, and its end waited for.

use otp_core::prelude::*;
use otp_core::process;
use tokio::runtime::Runtime;

use super::{WarmUp, Workload, task};
use crate::cost::{Cost, Stopwatch};
use crate::goal::Goal;
use crate::server;

pub(crate) const PROCESS: Workload = Workload {
    name: "process",
    operations: 50_000,
    step: 1,
    warm_up: WarmUp::Tenth,
    goal: Goal::ratio(2.00, 3.00),
    floor: task::floor,
    ours,
};

fn ours(runtime: &Runtime, operations: u64) -> Cost {
    runtime.block_on(server::run(async move {
        let watch = Stopwatch::start();
        for _ in 0..operations {
            let process = process::spawn(|_: Mailbox<Never>| async {});
            assert_eq!(process.wait().await, ExitReason::Normal);
        }
        watch.stop()
    }))
}
