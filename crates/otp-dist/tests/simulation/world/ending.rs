//! What has to be at the end of each history.

use std::time::Duration;

use otp_core::prelude::*;
use otp_dist::Destination;
use tokio::sync::oneshot;
use tokio::time::{sleep, timeout};

use super::{Known, NAMES, Outcome, World, atom, end};
use crate::actor::Do;
use crate::checker::Seen;

/// Longer than anything takes that goes on by itself: a tick, a handshake, and what is behind it.
const SETTLED: Duration = Duration::from_secs(60);
/// Whatever is not done by then never is.
const NEVER: Duration = Duration::from_secs(3600);

impl World {
    pub(super) async fn end(mut self) -> Outcome {
        self.converge().await;
        self.lose_everything().await;
        self.faults.extend(self.notes.with(|it| it.faults()));
        self.faults.append(&mut self.events.lock());
        Outcome {
            faults: self.faults,
            trace: self.notes.trace(),
            counts: self.counts,
        }
    }

    /// Waits until all actors have done what they were told.
    async fn done(&mut self) {
        for (name, running) in &self.running {
            for (known, server) in &running.actors {
                let (told, done) = oneshot::channel();
                server.send(Do::Mark(told));
                if !matches!(timeout(NEVER, done).await, Ok(Ok(()))) {
                    let fault = format!("{} of {name} has not done what it was told", known.id);
                    self.faults.push(fault);
                }
            }
        }
        // Through a narrow connection much takes long.
        while self.waits() {
            sleep(SETTLED).await;
        }
        sleep(SETTLED).await;
    }

    /// Whether anything waits for another node.
    fn waits(&self) -> bool {
        let nodes = self.running.values();
        let mut connections = nodes.flat_map(|it| it.place.dist.connections());
        connections.any(|it| it.queued > 0)
    }

    /// Everything is healed: all connect with all, and everything arrives.
    async fn converge(&mut self) {
        self.network.heal();
        self.network.set_latency(20);
        self.done().await;
        self.compare();
        for (a, b) in [(0, 1), (0, 2), (1, 2)].map(|(a, b)| (NAMES[a], NAMES[b])) {
            let [on_a, on_b] = [a, b].map(|name| self.running[name].place.dist.clone());
            let (a, b) = (atom(a), atom(b));
            if self.rng.bool() {
                on_a.disconnect(&b);
                on_b.disconnect(&a);
            }
            // Both dial, at the same time.
            let (there, back) = tokio::join!(on_a.connect(&b), on_b.connect(&a));
            let errors = [there.err(), back.err()].into_iter().flatten();
            let errors = errors.map(|error| format!("after all is healed: {error}"));
            self.faults.extend(errors);
        }
        let all: Vec<Known> = self.known.clone();
        for running in self.running.values() {
            for (_, server) in &running.actors {
                let alive = self.running.values().flat_map(|it| &it.actors);
                for (known, _) in alive {
                    server.send(Do::Promise(known.pid.clone(), known.id));
                    let to = Destination::Pid(known.pid.clone());
                    server.send(Do::Watch(to, Some(known.id)));
                }
                for known in &all {
                    server.send(Do::Link(known.pid.clone(), known.id));
                }
            }
        }
        let lost = self.losses();
        self.done().await;
        if self.losses() > lost {
            let fault = "a node is lost although nothing happens";
            self.faults.push(fault.to_owned());
        }
        let over = std::mem::take(&mut *self.over.lock());
        if over.len() as u64 != self.calls {
            let fault = format!("{} of {} calls are over", over.len(), self.calls);
            self.faults.push(fault);
        }
        self.faults
            .extend(over.into_iter().filter(|it| !it.is_empty()));
        self.compare();
        self.compare_groups();
    }

    /// How often an actor was told of the loss of a node.
    fn losses(&self) -> usize {
        self.notes.with(|it| {
            let seen = it.actors.values().flat_map(|it| &it.seen);
            seen.filter(|it| matches!(it, Seen::Lost { .. })).count()
        })
    }

    /// All but one node end in different ways: its actors hear of each end.
    async fn lose_everything(&mut self) {
        let mut names = NAMES;
        self.rng.shuffle(&mut names);
        let [stays, crashes, ends] = names;
        for (name, running) in &self.running {
            for (known, _) in &running.actors {
                self.notes.with(|it| {
                    let actor = it.actors.get_mut(&known.id).expect("it is known");
                    actor.stays = *name == stays;
                });
            }
        }
        let is_silent = self.rng.bool();
        let crashed = self.running.remove(crashes).expect("it runs");
        self.network.crash(&atom(crashes), is_silent);
        end(&crashed).await;
        let running = self.running.get_mut(ends).expect("it runs");
        for (_, server) in running.actors.drain(..) {
            running.node.exit(&server, ExitReason::Kill);
        }
        sleep(SETTLED).await;
        self.compare_groups();
    }
}
