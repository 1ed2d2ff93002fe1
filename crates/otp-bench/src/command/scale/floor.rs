//! The same on bare tokio, where nobody supervises: what grows here is what the machine itself has to pay for more
//! memory than its caches hold.

use std::io;

use tokio::runtime::Runtime;

use super::bar::Bar;
use super::life::{Life, Phase};
use crate::cost::Stopwatch;
use crate::{floor, memory};

/// Lets so many servers live and die.
///
/// # Errors
///
/// Fails when the system does not say how much memory is resident.
pub(super) fn live(runtime: &Runtime, servers: u64, bar: &Bar) -> io::Result<Life> {
    let before = memory::resident()?;
    let client = live_and_die(servers, bar.clone(), before);
    let mut life = runtime.block_on(floor::run(client))?;
    life.left = memory::resident()?.saturating_sub(before);
    Ok(life)
}

async fn live_and_die(servers: u64, bar: Bar, before: u64) -> io::Result<Life> {
    let mut life = Life::default();
    let begin = |phase| {
        bar.begin(phase, servers);
        Stopwatch::start()
    };

    let watch = begin(Phase::Start);
    let mut running = Vec::new();
    for number in 0..servers {
        running.push(floor::Server::start().await);
        bar.show(number);
    }
    life.enter(Phase::Start, watch.stop());

    let watch = begin(Phase::Call);
    for (number, server) in (0..).zip(&running) {
        floor::call(&server.sender, 1).await;
        bar.show(number);
    }
    life.enter(Phase::Call, watch.stop());
    life.grown = memory::resident()?.saturating_sub(before);

    let watch = begin(Phase::Kill);
    let mut spared = Vec::new();
    let mut killed = Vec::new();
    for (number, server) in running.into_iter().enumerate() {
        if number % 2 == 0 {
            spared.push(server);
        } else {
            killed.push(server.abort());
        }
    }
    for (number, task) in (0..).zip(killed) {
        // Cancelled, unless it has noticed before that nobody can send to it any more.
        let _ = task.await;
        bar.show(number);
    }
    life.enter(Phase::Kill, watch.stop());

    let watch = begin(Phase::Stop);
    let stopping: Vec<_> = spared.into_iter().map(floor::Server::quit).collect();
    for (number, task) in (0..).zip(stopping) {
        task.await.expect("a floor server does not panic");
        bar.show(number);
    }
    life.enter(Phase::Stop, watch.stop());
    Ok(life)
}
