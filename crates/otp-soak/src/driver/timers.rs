//! Timers: each fires once or was cancelled, and goes with its process.

use std::collections::HashSet;
use std::time::Duration;

use otp_core::prelude::*;
use otp_core::timer;

use super::stage::{PATIENCE, Stage};
use super::{Note, Operation};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        name: "timers",
        weight: 12,
        perform: |stage, mailbox| Box::pin(timers(stage, mailbox)),
    },
    Operation {
        name: "intervals",
        weight: 5,
        perform: |stage, mailbox| Box::pin(interval(stage, mailbox)),
    },
    Operation {
        name: "timers of the dead",
        weight: 8,
        perform: |stage, _| Box::pin(of_the_dead(stage)),
    },
];

async fn timers(mut stage: Stage, mut mailbox: Mailbox<Note>) {
    let mut due = HashSet::new();
    let mut running = Vec::new();
    for n in 0..stage.random.u64(1..100) {
        let delay = stage.millis(0..30);
        running.push((n, timer::send_after(mailbox.me(), delay, Note::Tick(n))));
        due.insert(n);
    }
    for (n, timer) in running {
        if stage.chance(3) && timer.cancel().is_some() {
            due.remove(&n);
        }
    }
    while !due.is_empty() {
        match mailbox.receive().timeout(PATIENCE).await {
            Some(Note::Tick(n)) if due.remove(&n) => {}
            Some(_) => stage.complain("a timer fired that was cancelled, or twice".to_owned()),
            None => {
                let missing = due.len();
                return stage.complain(format!("{missing} timers have not fired"));
            }
        }
    }
}

async fn interval(mut stage: Stage, mut mailbox: Mailbox<Note>) {
    let interval = timer::send_interval(mailbox.me(), stage.millis(1..5), Note::Tick(0));
    for _ in 0..stage.random.u32(1..10) {
        if mailbox.receive().timeout(PATIENCE).await.is_none() {
            return stage.complain("an interval does not tick".to_owned());
        }
    }
    // Otherwise it ends with this process.
    if stage.chance(2) && interval.cancel().is_none() {
        stage.complain("an interval was not there to be cancelled".to_owned());
    }
}

/// Victims with hours to wait, which a timer ends.
async fn of_the_dead(mut stage: Stage) {
    let victim = stage.victim();
    for n in 0..stage.random.u64(..20) {
        timer::send_after(&victim, Duration::from_secs(3600), Note::Tick(n));
    }
    if stage.chance(2) {
        timer::send_interval(&victim, stage.millis(1..10), Note::Tick(0));
    }
    let delay = stage.millis(0..10);
    match stage.random.u32(..3) {
        0 => drop(timer::kill_after(&victim, delay)),
        1 => drop(timer::exit_after(&victim, delay, ExitReason::Shutdown)),
        _ => drop(timer::send_after(
            &victim,
            delay,
            Note::End(ExitReason::Normal),
        )),
    }
    stage
        .within("a process that a timer ends", victim.wait())
        .await;
}
