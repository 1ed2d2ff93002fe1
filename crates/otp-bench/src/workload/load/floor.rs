//! Many callers on bare tokio.

use tokio::runtime::Runtime;

use super::super::times::Times;
use super::super::working::floor::{ask, start};
use super::{CALLERS, SERVERS};
use crate::cost::{Cost, Stopwatch};
use crate::floor;

pub(super) fn calls<const MICROS: u64, const PERMILLE: usize>(
    runtime: &Runtime,
    operations: u64,
) -> Cost {
    runtime.block_on(floor::run(async move {
        let servers: Vec<_> = (0..SERVERS).map(|_| start(MICROS)).collect();
        let watch = Stopwatch::start();
        let callers: Vec<_> = (0..CALLERS)
            .map(|index| {
                let server = servers[(index % SERVERS) as usize].clone();
                floor::spawn(async move {
                    let mut times = Times::of(operations / CALLERS);
                    for _ in 0..operations / CALLERS {
                        times.take(ask(&server)).await;
                    }
                    times
                })
            })
            .collect();
        let mut times = Times::default();
        for caller in callers {
            times.add(caller.await.expect("a floor client does not panic"));
        }
        times.at(PERMILLE, watch.stop())
    }))
}
