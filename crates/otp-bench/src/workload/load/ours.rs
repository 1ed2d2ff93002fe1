//! Many callers as processes.

use otp_core::prelude::*;
use otp_core::process;
use tokio::runtime::Runtime;
use tokio::sync::mpsc;

use super::super::times::Times;
use super::super::working::ours::{ask, start};
use super::{CALLERS, SERVERS};
use crate::cost::{Cost, Stopwatch};
use crate::server;

pub(super) fn calls<const MICROS: u64, const PERMILLE: usize>(
    runtime: &Runtime,
    operations: u64,
) -> Cost {
    runtime.block_on(server::run(async move {
        let mut servers = Vec::new();
        for _ in 0..SERVERS {
            servers.push(start(MICROS).await);
        }
        let (done, mut taken) = mpsc::unbounded_channel();
        let watch = Stopwatch::start();
        for index in 0..CALLERS {
            let server = servers[(index % SERVERS) as usize].clone();
            let done = done.clone();
            process::spawn(move |_: Mailbox<Never>| async move {
                let mut times = Times::of(operations / CALLERS);
                for _ in 0..operations / CALLERS {
                    times.take(ask(&server)).await;
                }
                // It is waited for.
                let _ = done.send(times);
            });
        }
        drop(done);
        let mut times = Times::default();
        while let Some(of_caller) = taken.recv().await {
            times.add(of_caller);
        }
        times.at(PERMILLE, watch.stop())
    }))
}
