//! A quiet caller and a flooded server on bare tokio.

use tokio::runtime::Runtime;

use super::super::times::Times;
use super::super::working::floor::{Message, ask, start};
use super::{FLOOD, MICROS};
use crate::cost::{Cost, Stopwatch};
use crate::floor;

pub(super) fn calls<const PERMILLE: usize>(runtime: &Runtime, operations: u64) -> Cost {
    runtime.block_on(floor::run(async move {
        let flooded = start(MICROS);
        let flood = floor::spawn(async move {
            loop {
                for _ in 0..FLOOD {
                    floor::send(&flooded, Message::Work);
                }
                ask(&flooded).await;
            }
        });
        let server = floor::Server::start().await;
        let mut times = Times::of(operations);
        let watch = Stopwatch::start();
        for n in 0..operations {
            times.take(floor::call(&server.sender, n)).await;
        }
        let cost = times.at(PERMILLE, watch.stop());
        flood.abort();
        cost
    }))
}
