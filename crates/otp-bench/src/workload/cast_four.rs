//! Four senders flood one server with casts at the same time.

use std::time::{Duration, Instant};

use otp_core::prelude::*;
use otp_core::process;
use tokio::runtime::Runtime;

use super::Timed;
use super::cast::{FLOOD, floor_floods, our_floods};
use crate::goal::Goal;
use crate::{floor, server};

const SENDERS: u64 = 4;

pub(crate) const CAST_FOUR: Timed = Timed {
    name: "cast, 4 senders",
    operations: FLOOD * SENDERS * 4,
    goal: Goal::ratio(0.55, 0.75),
    floor,
    ours,
};

fn floor(runtime: &Runtime, operations: u64) -> Duration {
    runtime.block_on(floor::run(async move {
        let server = floor::Server::start().await;
        let begun = Instant::now();
        let senders: Vec<_> = (0..SENDERS)
            .map(|_| {
                let server = server.sender.clone();
                floor::spawn(async move { floor_floods(&server, operations / SENDERS).await })
            })
            .collect();
        for sender in senders {
            sender.await.expect("a floor client does not panic");
        }
        begun.elapsed()
    }))
}

fn ours(runtime: &Runtime, operations: u64) -> Duration {
    runtime.block_on(server::run(async move {
        let server = server::start().await;
        let begun = Instant::now();
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
        begun.elapsed()
    }))
}
