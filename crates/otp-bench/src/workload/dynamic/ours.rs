//! A DynamicSupervisor with temporary children.

use otp_core::prelude::*;
use tokio::runtime::Runtime;

use super::Lives;
use crate::cost::Stopwatch;
use crate::server::{self, Adder};

pub(super) fn lives(runtime: &Runtime, operations: u64, children: u64) -> Lives {
    runtime.block_on(server::run(async move {
        let supervisor = DynamicSupervisor::new()
            .start()
            .await
            .expect("a supervisor without children starts");
        let mut lives = Lives::default();
        let mut alive = Vec::with_capacity(children as usize);
        for _ in 0..operations / children {
            let watch = Stopwatch::start();
            for _ in 0..children {
                let child = supervisor
                    .start_child(adder())
                    .await
                    .expect("init of the benchmark's server cannot fail");
                alive.push(child.pid().expect("init does not ignore its start"));
            }
            lives.start += watch.stop();
            let watch = Stopwatch::start();
            for child in alive.drain(..) {
                supervisor
                    .terminate_child(child)
                    .await
                    .expect("the child runs until it is told to stop");
            }
            lives.terminate += watch.stop();
        }
        supervisor
            .stop()
            .await
            .expect("a supervisor stops when it is asked to");
        lives
    }))
}

fn adder() -> ChildSpec {
    ChildSpec::worker("adder", || Adder::start_link(0)).restart(Restart::Temporary)
}
