//! More for a node that reads nothing than may wait for it.

use std::time::Duration;

use otp_dist::Destination;
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::{ACTORS, NAMES, Outcome, World, atom, place};
use crate::actor::Do;

/// More than may wait, and than the network holds.
const SIZES: [usize; 40] = [40_000; 40];

/// Longer than it takes to send all of it, and shorter than it takes to lose a node.
const SOON: Duration = Duration::from_secs(1);

impl World {
    /// An actor has to wait, and all that it has said arrives after that.
    pub(super) async fn play_flood(mut self) -> Outcome {
        for name in NAMES {
            self.start(name).await;
        }
        let (from, to) = self.two();
        let running = &self.running[NAMES[place(&from)]];
        let connected = running.place.dist.connect(&to).await;
        connected.expect("nothing has happened to it");
        self.network.stall(&from, &to);
        let (_, actor) = &running.actors[0];
        self.counts[2] += SIZES.len();
        actor.send(Do::Say {
            to: Destination::Name(atom(ACTORS[0]), to.clone()),
            id: None,
            sizes: SIZES.to_vec(),
        });
        let (told, done) = oneshot::channel();
        actor.send(Do::Mark(told));
        if timeout(SOON, done).await.is_ok() {
            self.faults.push("an actor does not wait".to_owned());
        }
        self.end().await
    }
}
