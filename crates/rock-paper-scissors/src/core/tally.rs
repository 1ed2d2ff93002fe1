//! What a tournament comes to.

use super::{Outcome, Side, Verdict};
use std::collections::HashMap;
use std::fmt;

/// What the players of all games have been told so far.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// Of games of which only one side has been told: which one, and what.
    half: HashMap<u64, (Side, Verdict)>,
    summary: Summary,
}

/// A tournament in numbers of games.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    /// One side has won, the other has lost.
    pub decided: usize,
    /// Both have played the same.
    pub drawn: usize,
    /// One side has won because the other did not play.
    pub forfeited: usize,
    /// The game was lost, and both sides know.
    pub aborted: usize,
    /// The two sides have been told things that do not go together.
    pub disputed: usize,
    /// One side has been told how it ended, or none, and no more is to come.
    pub stranded: usize,
}

impl Tally {
    /// One side of a game is told its verdict, once. Told again before the other side, it is nothing new.
    pub fn hear(&mut self, game: u64, side: Side, verdict: Verdict) {
        match self.half.remove(&game) {
            None => {
                self.half.insert(game, (side, verdict));
            }
            Some((told, first)) if told == side => {
                self.half.insert(game, (told, first));
            }
            Some((_, other)) => self.summary.count(verdict, other),
        }
    }

    /// How many games have ended for both sides.
    pub fn ended(&self) -> usize {
        self.summary.ended()
    }

    /// The numbers, when nothing more is to come of this many games.
    pub fn summary(&self, games: usize) -> Summary {
        Summary {
            stranded: games.saturating_sub(self.ended()),
            ..self.summary
        }
    }
}

impl Summary {
    /// How many games have ended for both sides.
    pub fn ended(&self) -> usize {
        self.decided + self.drawn + self.forfeited + self.aborted + self.disputed
    }

    /// Whether each game has ended, and both sides agree how.
    pub fn is_fair(&self) -> bool {
        self.disputed == 0 && self.stranded == 0
    }

    fn count(&mut self, verdict: Verdict, other: Verdict) {
        let place = match verdict {
            _ if !verdict.agrees_with(other) => &mut self.disputed,
            Verdict::Result {
                outcome: Outcome::Draw,
                ..
            } => &mut self.drawn,
            Verdict::Result { .. } => &mut self.decided,
            Verdict::WonByForfeit | Verdict::LostByForfeit => &mut self.forfeited,
            Verdict::Aborted => &mut self.aborted,
        };
        *place += 1;
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = [
            ("decided", self.decided),
            ("drawn", self.drawn),
            ("forfeited", self.forfeited),
            ("aborted", self.aborted),
            ("disputed", self.disputed),
            ("stranded", self.stranded),
        ];
        for (at, (what, games)) in rows.into_iter().enumerate() {
            let end = if at == 0 { "" } else { "\n" };
            write!(f, "{end}{what:9}  {games:>7}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Choice, Game};
    use super::*;

    fn played(first: Choice, second: Choice) -> [(Side, Verdict); 2] {
        let mut game = Game::default();
        game.play(Side::First, first)
            .expect("it is the first choice");
        game.play(Side::Second, second)
            .expect("it is the first choice");
        Side::BOTH.map(|side| (side, game.result(side).expect("both have played")))
    }

    #[test]
    fn each_game_counts_once_and_when_both_sides_have_been_told() {
        let mut tally = Tally::default();
        let endings = [
            played(Choice::Rock, Choice::Paper),
            played(Choice::Rock, Choice::Rock),
            [
                (Side::First, Verdict::WonByForfeit),
                (Side::Second, Verdict::LostByForfeit),
            ],
            [
                (Side::Second, Verdict::Aborted),
                (Side::First, Verdict::Aborted),
            ],
            [
                (Side::First, Verdict::Aborted),
                (Side::Second, Verdict::WonByForfeit),
            ],
        ];
        for (game, told) in (1..).zip(endings) {
            for (side, verdict) in told {
                assert_eq!(tally.ended() as u64, game - 1);
                tally.hear(game, side, verdict);
            }
        }
        tally.hear(6, Side::First, Verdict::Aborted);
        tally.hear(6, Side::First, Verdict::Aborted);
        let summary = Summary {
            decided: 1,
            drawn: 1,
            forfeited: 1,
            aborted: 1,
            disputed: 1,
            stranded: 2,
        };
        assert_eq!(tally.summary(7), summary);
        assert!(!summary.is_fair());
        assert!(
            Summary {
                disputed: 0,
                stranded: 0,
                ..summary
            }
            .is_fair()
        );
    }
}
