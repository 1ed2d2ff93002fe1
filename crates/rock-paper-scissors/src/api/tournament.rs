//! Many games between computer players.

use super::{Event, EventKind, Service, Settings};
use crate::boundary::Listener;
use crate::core::{Random, Summary, Tally};
use otp_core::prelude::*;
use std::time::Duration;

/// The wait for the next event. After it, games that have not ended count as stranded.
const EVENT_TIMEOUT: Duration = Duration::from_secs(10);

/// A tournament.
#[derive(Debug, Clone, Copy)]
pub struct Tournament {
    /// The number of games.
    pub games: usize,
    /// The settings of the service.
    pub settings: Settings,
}

impl Tournament {
    /// Plays the games on a node, and counts the verdicts that the players got. The players are started one after the
    /// other, and play when they have an opponent. After each end of a game `progress` gets the number of games that have
    /// ended.
    ///
    /// # Errors
    ///
    /// [`ExitReason`] if the service does not start, or ends before the games.
    pub async fn run(
        self,
        node: &Node,
        mut progress: impl FnMut(usize) + Send + 'static,
    ) -> Result<Summary, ExitReason> {
        let played = node.run_with(async move |mut me: Mailbox<Event>| {
            let service = Service::start_link(self.settings).await?;
            let receiver = me.me();
            let listener = Listener::new(move |event| receiver.send(event));
            for number in 0..self.games as u64 * 2 {
                // Games use the same numbers, so the players have another seed.
                let random = Random::new(!self.settings.seed, number);
                service
                    .start_computer(format!("player {number}"), random, listener.clone())
                    .await?;
            }
            let mut tally = Tally::default();
            while tally.ended() < self.games {
                let Some(event) = me.receive().timeout(EVENT_TIMEOUT).await else {
                    break;
                };
                if let EventKind::GameEnded {
                    game,
                    side,
                    verdict,
                } = event.kind
                {
                    tally.record(game, side, verdict);
                    progress(tally.ended());
                }
            }
            service.stop().await?;
            Ok(tally.summary(self.games))
        });
        played.await?
    }
}
