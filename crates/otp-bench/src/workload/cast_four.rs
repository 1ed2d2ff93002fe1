//! Four senders flood one server with casts at the same time.

use otp_core::prelude::*;
use otp_core::process;
use tokio::runtime::Runtime;

use super::cast::{FLOOD, floor_floods, our_floods};
use super::{WarmUp, Workload};
use crate::cost::{Cost, Stopwatch};
use crate::goal::Goal;
use crate::{floor, server};

const SENDERS: u64 = 4;

pub(crate) const CAST_FOUR: Workload = Workload {
    name: "four casters",
    operations: FLOOD * SENDERS * 2,
    // Whole floods, to warm up with as well: the first of its size pays for the pages that its backlog takes.
    step: FLOOD * SENDERS,
    warm_up: WarmUp::Tenth,
    goal: Goal::ratio(0.85, 1.00),
    floor,
    ours,
};

fn floor(runtime: &Runtime, operations: u64) -> Cost {
    runtime.block_on(floor::run(async move {
        let server = floor::Server::start().await;
        let watch = Stopwatch::start();
        let senders: Vec<_> = (0..SENDERS)
            .map(|_| {
                let server = server.sender.clone();
                floor::spawn(async move { floor_floods(&server, operations / SENDERS).await })
            })
            .collect();
        for sender in senders {
            sender.await.expect("a floor client does not panic");
        }
        watch.stop()
    }))
}

fn ours(runtime: &Runtime, operations: u64) -> Cost {
    runtime.block_on(server::run(async move {
        let server = server::start().await;
        let watch = Stopwatch::start();
        let senders: Vec<_> = (0..SENDERS)
            .map(|_| {
                let server = server.clone();
                process::spawn(move |_: Mailbox<Never>| async move {
                    our_floods(&server, operations / SENDERS).await;
                })
            })
            .collect();
        for sender in senders {
            assert_eq!(sender.wait().await, ExitReason::Normal);
        }
        watch.stop()
    }))
}
