//! A quiet caller and a flooded GenServer.

use otp_core::prelude::*;
use otp_core::process;
use tokio::runtime::Runtime;

use super::super::times::Times;
use super::super::working::ours::{Cast, ask, start};
use super::{FLOOD, MICROS};
use crate::cost::{Cost, Stopwatch};
use crate::server;

pub(super) fn calls<const PERMILLE: usize>(runtime: &Runtime, operations: u64) -> Cost {
    runtime.block_on(server::run(async move {
        let flooded = start(MICROS).await;
        let flood = process::spawn(move |_: Mailbox<Never>| async move {
            loop {
                for _ in 0..FLOOD {
                    flooded.cast(Cast::Work);
                }
                ask(&flooded).await;
            }
        });
        let server = server::start().await;
        let mut times = Times::of(operations);
        let watch = Stopwatch::start();
        for n in 0..operations {
            times.take(server::call(&server, n)).await;
        }
        let cost = times.at(PERMILLE, watch.stop());
        process::exit(&flood, ExitReason::Kill);
        cost
    }))
}
