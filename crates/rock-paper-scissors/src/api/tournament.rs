//! Very many games between players of the computer.

use super::{Event, House, News, Plan};
use crate::boundary::Ear;
use crate::core::{Luck, Summary, Tally};
use otp_core::prelude::*;
use std::time::Duration;

/// How long nothing may happen before what has not ended counts as stranded.
const PATIENCE: Duration = Duration::from_secs(10);

/// A tournament that has not begun.
#[derive(Debug, Clone, Copy)]
pub struct Tournament {
    /// How many games.
    pub games: usize,
    /// The house that it takes place in.
    pub plan: Plan,
}

impl Tournament {
    /// Plays it on a node, and waits for its end. The players come one after the other and play when they have an
    /// opponent; what they have been told is counted, and not what the games believe to have told. `progress` is told
    /// how many games have ended, each time that one has.
    ///
    /// # Errors
    ///
    /// [`ExitReason`] if the house does not start.
    pub async fn run(
        self,
        node: &Node,
        mut progress: impl FnMut(usize) + Send + 'static,
    ) -> Result<Summary, ExitReason> {
        let played = node.run_with(async move |mut me: Mailbox<Event>| {
            let house = House::start_link(self.plan).await?;
            let heard = me.me();
            let ear = Ear::new(move |event| heard.send(event));
            for number in 0..self.games as u64 * 2 {
                // Another seed than that of the games, whose numbers are the same.
                let luck = Luck::new(!self.plan.seed, number);
                house
                    .invite_computer(format!("player {number}"), luck, ear.clone())
                    .await?;
            }
            let mut tally = Tally::default();
            while tally.ended() < self.games {
                let Some(event) = me.receive_timeout(PATIENCE).await else {
                    break;
                };
                if let News::Over {
                    game,
                    side,
                    verdict,
                } = event.news
                {
                    tally.hear(game, side, verdict);
                    progress(tally.ended());
                }
            }
            house.stop().await?;
            Ok(tally.summary(self.games))
        });
        played.await?
    }
}
