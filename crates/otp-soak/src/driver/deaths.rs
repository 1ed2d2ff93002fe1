//! Ends: of processes that are watched, and of workers that are supervised.

use std::time::Duration;

use otp_core::prelude::*;
use otp_core::process;

use super::stage::{PATIENCE, Stage};
use super::{Note, Operation};
use crate::listener::BLOW;
use crate::watcher;
use crate::worker::Cast;

pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        name: "watched deaths",
        weight: 15,
        perform: |stage, mailbox| Box::pin(watched(stage, mailbox)),
    },
    Operation {
        name: "blows to workers",
        weight: 8,
        perform: |stage, _| Box::pin(blow(stage)),
    },
    Operation {
        name: "monitors on workers",
        weight: 6,
        perform: |stage, mailbox| Box::pin(monitors(stage, mailbox)),
    },
    Operation {
        name: "deaths with full mailboxes",
        weight: 2,
        perform: |stage, _| Box::pin(full(stage)),
    },
];

/// How many children may be started anew because one has ended: those of its supervisor, and those again if it gives up.
pub(super) const RESTARTS: u64 = 10;

/// A victim, watched by several, ends; each of them is told once, and why.
async fn watched(mut stage: Stage, mut mailbox: Mailbox<Note>) {
    for _ in 0..stage.random.u32(1..10) {
        let victim = stage.victim();
        for _ in 0..stage.random.u32(..4) {
            stage.watch(victim.pid());
        }
        let monitor = mailbox.monitor(&victim, Note::Down);
        let is_right = stage.end(&victim);
        let wanted = |note: &Note| matches!(note, Note::Down(down) if down.monitor == monitor);
        match mailbox.receive_match(wanted).timeout(PATIENCE).await {
            Some(Note::Down(down)) if is_right(&down.reason) => {}
            Some(Note::Down(down)) => {
                stage.complain(format!("{} is not how it was ended", down.reason));
            }
            _ => stage.complain(format!("no DOWN of a dead process within {PATIENCE:?}")),
        }
        if mailbox.receive().timeout(Duration::ZERO).await.is_some() {
            stage.complain("a second DOWN of the same monitor".to_owned());
        }
        // One that is dead already, too.
        stage.watch(victim.pid());
    }
}

/// Ends one of the workers that are there from the beginning.
async fn blow(mut stage: Stage) {
    stage.world.ledger.may_restart(RESTARTS);
    let Some(worker) = stage.worker().whereis() else {
        return;
    };
    let why = ExitReason::other(BLOW);
    match stage.random.u32(..8) {
        0 | 1 => worker.cast(Cast::Panic),
        2 => worker.cast(Cast::Exit),
        3 => worker.cast(Cast::Stop(ExitReason::Normal)),
        4 => worker.cast(Cast::Stop(why)),
        // One that traps exits lives on after this.
        5 => return process::exit(&worker, why),
        _ => process::exit(&worker, ExitReason::Kill),
    }
    stage.within("a worker that was ended", worker.wait()).await;
}

/// Monitors that last, until their workers end or they are taken back, and some that end with this process.
async fn monitors(mut stage: Stage, mut mailbox: Mailbox<Note>) {
    let name = stage.worker().name().clone();
    mailbox.monitor(name.clone(), Note::Down);
    stage.watch(name);
    if stage.chance(2) {
        let at = stage.random.usize(..stage.world.watchers.len());
        stage.world.watchers[at].cast(watcher::Cast::LetGo);
    }
}

/// A victim that has thousands of messages to read is killed.
async fn full(mut stage: Stage) {
    let victim = stage.victim();
    for n in 0..stage.random.u64(1000..20_000) {
        victim.send(Note::Tick(n));
    }
    stage.end(&victim);
    stage
        .within("a flooded process that was ended", victim.wait())
        .await;
}
