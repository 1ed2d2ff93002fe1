//! Timers on bare tokio: a task each, which sleeps.

use tokio::runtime::Runtime;
use tokio::sync::mpsc;
use tokio::time::sleep;

use super::DELAY;
use crate::cost::{Cost, Stopwatch};
use crate::floor;

pub(super) fn timers(runtime: &Runtime, operations: u64) -> Cost {
    runtime.block_on(floor::run(async move {
        let (sender, mut receiver) = mpsc::unbounded_channel();
        let watch = Stopwatch::start();
        for n in 0..operations {
            let sender = sender.clone();
            floor::spawn(async move {
                sleep(DELAY).await;
                floor::send(&sender, n);
            });
        }
        for _ in 0..operations {
            receiver.recv().await.expect("the timers have a sender");
        }
        watch.stop()
    }))
}
