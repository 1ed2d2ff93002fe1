//! Links: who is linked with a process that ends goes with it, or hears of it once.

use std::collections::HashSet;
use std::time::Duration;

use otp_core::prelude::*;
use otp_core::process;

use super::stage::{PATIENCE, Stage, obey};
use super::{Note, Operation};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        name: "rings of links",
        weight: 6,
        perform: |stage, _| Box::pin(ring(stage)),
    },
    Operation {
        name: "trapped exits",
        weight: 8,
        perform: |stage, mailbox| Box::pin(trapped(stage, mailbox)),
    },
    Operation {
        name: "links undone",
        weight: 6,
        perform: |stage, mailbox| Box::pin(undone(stage, mailbox)),
    },
];

/// Victims linked in a ring all end when one is killed.
async fn ring(mut stage: Stage) {
    let number = stage.random.usize(2..50);
    let ring: Vec<_> = (0..number).map(|_| stage.victim()).collect();
    for (at, victim) in ring.iter().enumerate() {
        victim.send(Note::Link(ring[(at + 1) % number].pid()));
    }
    process::exit(&ring[stage.random.usize(..number)], ExitReason::Kill);
    for victim in ring {
        stage
            .within("a process of a killed ring", victim.wait())
            .await;
    }
}

/// Each linked victim that ends gives one EXIT.
async fn trapped(mut stage: Stage, mut mailbox: Mailbox<Note>) {
    mailbox.trap_exit(Note::Exit);
    let mut linked = HashSet::new();
    for _ in 0..stage.random.u32(1..20) {
        let victim = process::spawn_link(obey);
        linked.insert(victim.pid());
        stage.end(&victim);
    }
    while !linked.is_empty() {
        match mailbox.receive().timeout(PATIENCE).await {
            Some(Note::Exit(exit)) if linked.remove(&exit.from) => {}
            Some(Note::Exit(exit)) => {
                stage.complain(format!("an EXIT that nobody waits for: {exit:?}"));
            }
            _ => {
                let missing = linked.len();
                return stage.complain(format!("{missing} EXITs are missing after {PATIENCE:?}"));
            }
        }
    }
    if mailbox.receive().timeout(Duration::ZERO).await.is_some() {
        stage.complain("more EXITs than processes that have ended".to_owned());
    }
}

/// Nothing is heard of a victim whose link is undone before it ends.
async fn undone(mut stage: Stage, mut mailbox: Mailbox<Note>) {
    mailbox.trap_exit(Note::Exit);
    let victim = process::spawn_link(obey);
    mailbox.unlink(&victim);
    if stage.chance(2) {
        mailbox.link(&victim);
        mailbox.unlink(&victim);
    }
    stage.end(&victim);
    stage
        .within("a process that was ended", victim.wait())
        .await;
    if mailbox.receive().timeout(Duration::ZERO).await.is_some() {
        stage.complain("an EXIT over a link that was undone".to_owned());
    }
}
