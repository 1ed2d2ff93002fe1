//! Servers start, stop, fail and come back.

use otp_bench::{Cost, Stopwatch};
use tokio::runtime::Runtime;
use tokio::task;

use super::names::fresh;
use super::run;
use crate::peer::{Dynamic, Peer, Restarts};

/// How many servers live at the same time.
const BATCH: u64 = 1_000;

/// What the two halves of so many lives cost.
#[derive(Default)]
struct Life {
    start: Cost,
    stop: Cost,
}

/// Starting a server, until it says that it runs.
pub(crate) fn start<P: Peer>(runtime: &Runtime, operations: u64) -> Cost {
    life::<P>(runtime, operations).start
}

/// Stopping a server, until it has ended.
pub(crate) fn stop<P: Peer>(runtime: &Runtime, operations: u64) -> Cost {
    life::<P>(runtime, operations).stop
}

/// From a server's failure until another answers under its name.
pub(crate) fn restart<P: Restarts>(runtime: &Runtime, operations: u64) -> Cost {
    run::<P, _>(runtime, async move {
        let peer = P::new();
        let name = format!("phoenix-{}", fresh(1).start);
        let supervisor = peer.supervise(&name).await;
        answer(&peer, &name).await;
        let watch = Stopwatch::start();
        for _ in 0..operations {
            peer.crash(&name).await;
            answer(&peer, &name).await;
        }
        let cost = watch.stop();
        drop(supervisor);
        cost
    })
}

/// Starting a child of a supervisor.
pub(crate) fn dynamic_start<P: Dynamic>(runtime: &Runtime, operations: u64) -> Cost {
    dynamic_life::<P>(runtime, operations, BATCH).start
}

/// Ending a child of a supervisor that has so many when the first of them ends.
pub(crate) fn dynamic_terminate<P: Dynamic, const CHILDREN: u64>(
    runtime: &Runtime,
    operations: u64,
) -> Cost {
    dynamic_life::<P>(runtime, operations, CHILDREN).stop
}

fn life<P: Peer>(runtime: &Runtime, operations: u64) -> Life {
    run::<P, _>(runtime, async move {
        let peer = P::new();
        let mut life = Life::default();
        let mut servers = Vec::with_capacity(BATCH as usize);
        for _ in 0..operations / BATCH {
            let watch = Stopwatch::start();
            for _ in 0..BATCH {
                servers.push(peer.start().await);
            }
            life.start += watch.stop();
            let watch = Stopwatch::start();
            for server in servers.drain(..) {
                peer.stop(server).await;
            }
            life.stop += watch.stop();
        }
        life
    })
}

fn dynamic_life<P: Dynamic>(runtime: &Runtime, operations: u64, batch: u64) -> Life {
    run::<P, _>(runtime, async move {
        let peer = P::new();
        let supervisor = peer.supervisor().await;
        let mut life = Life::default();
        let mut children = Vec::with_capacity(batch as usize);
        for _ in 0..operations / batch {
            let watch = Stopwatch::start();
            for _ in 0..batch {
                children.push(peer.start_child(&supervisor).await);
            }
            life.start += watch.stop();
            let watch = Stopwatch::start();
            for child in children.drain(..) {
                peer.terminate_child(&supervisor, child).await;
            }
            life.stop += watch.stop();
        }
        life
    })
}

/// Calls by name until somebody answers: the new server, as the old one answers nothing after its failure.
async fn answer<P: Restarts>(peer: &P, name: &str) {
    loop {
        if let Some(total) = peer.call_to(name, 1).await {
            assert_eq!(total, 1, "a new server has nothing added up");
            return;
        }
        task::yield_now().await;
    }
}
