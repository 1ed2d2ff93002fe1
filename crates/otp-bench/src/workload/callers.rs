//! Sixty-four callers at one server, each with a call under way at all times.

use otp_core::prelude::*;
use otp_core::process;
use tokio::runtime::Runtime;

use super::{WarmUp, Workload};
use crate::cost::{Cost, Stopwatch};
use crate::goal::Goal;
use crate::{floor, server};

const HOW_MANY: u64 = 64;

pub(crate) const CALLERS: Workload = Workload {
    name: "64 callers",
    operations: HOW_MANY * 3_000,
    step: HOW_MANY,
    warm_up: WarmUp::Tenth,
    goal: Goal::ratio(1.00, 1.15),
    floor,
    ours,
};

fn floor(runtime: &Runtime, operations: u64) -> Cost {
    runtime.block_on(floor::run(async move {
        let server = floor::Server::start().await;
        let watch = Stopwatch::start();
        let callers: Vec<_> = (0..HOW_MANY)
            .map(|_| {
                let sender = server.sender.clone();
                floor::spawn(async move {
                    for n in 0..operations / HOW_MANY {
                        floor::call(&sender, n).await;
                    }
                })
            })
            .collect();
        for caller in callers {
            caller.await.expect("a floor client does not panic");
        }
        watch.stop()
    }))
}

fn ours(runtime: &Runtime, operations: u64) -> Cost {
    runtime.block_on(server::run(async move {
        let server = server::start().await;
        let watch = Stopwatch::start();
        let callers: Vec<_> = (0..HOW_MANY)
            .map(|_| {
                let server = server.clone();
                process::spawn(move |_: Mailbox<Never>| async move {
                    for n in 0..operations / HOW_MANY {
                        server::call(&server, n).await;
                    }
                })
            })
            .collect();
        for caller in callers {
            assert_eq!(caller.wait().await, ExitReason::Normal);
        }
        watch.stop()
    }))
}
