//! Timers of the node.

use otp_core::prelude::*;
use otp_core::timer;
use tokio::runtime::Runtime;

use super::DELAY;
use crate::cost::{Cost, Stopwatch};

pub(super) fn timers(runtime: &Runtime, operations: u64) -> Cost {
    let client = move |mut mailbox: Mailbox<u64>| async move {
        let watch = Stopwatch::start();
        for n in 0..operations {
            timer::send_after(mailbox.me(), DELAY, n);
        }
        for _ in 0..operations {
            mailbox.receive().await;
        }
        watch.stop()
    };
    runtime
        .block_on(Node::new().run_with(client))
        .expect("a client of the benchmark does not crash")
}
