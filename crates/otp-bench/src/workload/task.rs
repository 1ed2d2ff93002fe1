//! A task is spawned and awaited.

use otp_core::Task;
use tokio::runtime::Runtime;

use super::{WarmUp, Workload};
use crate::cost::{Cost, Stopwatch};
use crate::goal::Goal;
use crate::{floor, server};

pub(crate) const TASK: Workload = Workload {
    name: "task",
    operations: 50_000,
    step: 1,
    warm_up: WarmUp::Tenth,
    goal: Goal::ratio(2.00, 3.00),
    floor,
    ours,
};

/// Without a link and a limit, a task of tokio's is also what a process is measured by.
pub(super) fn floor(runtime: &Runtime, operations: u64) -> Cost {
    runtime.block_on(floor::run(async move {
        let watch = Stopwatch::start();
        for n in 0..operations {
            let task = floor::spawn(async move { n });
            assert_eq!(task.await.expect("the task does not panic"), n);
        }
        watch.stop()
    }))
}

fn ours(runtime: &Runtime, operations: u64) -> Cost {
    runtime.block_on(server::run(async move {
        let watch = Stopwatch::start();
        for n in 0..operations {
            let task = Task::spawn(async move { n });
            assert_eq!(task.await.expect("the task does not panic"), n);
        }
        watch.stop()
    }))
}
