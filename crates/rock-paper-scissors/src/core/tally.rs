//! The counts of a tournament.

use super::{Outcome, Side, Verdict};
use std::collections::HashMap;
use std::fmt;

/// Counts the ends of games from the verdicts that the players got.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// The verdicts of games of which only one side has got its verdict.
    one_sided: HashMap<u64, (Side, Verdict)>,
    summary: Summary,
}

/// The result of a tournament, in numbers of games.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    /// One side has won, the other has lost.
    pub decided: usize,
    /// Both sides have made the same choice.
    pub drawn: usize,
    /// One side has won because the other did not play in time, or crashed.
    pub forfeited: usize,
    /// Both sides got the verdict that the game was aborted.
    pub aborted: usize,
    /// The two sides got verdicts that do not agree.
    pub disputed: usize,
    /// At least one side got no verdict.
    pub stranded: usize,
}

impl Tally {
    /// Records the verdict of one side of a game. A second verdict for the same side has no effect.
    pub fn record(&mut self, game: u64, side: Side, verdict: Verdict) {
        match self.one_sided.remove(&game) {
            None => {
                self.one_sided.insert(game, (side, verdict));
            }
            Some((known, first)) if known == side => {
                self.one_sided.insert(game, (known, first));
            }
            Some((_, other)) => self.summary.count(verdict, other),
        }
    }

    /// The number of games of which both sides got a verdict.
    pub fn ended(&self) -> usize {
        self.summary.ended()
    }

    /// The result after all verdicts, for this number of games.
    pub fn summary(&self, games: usize) -> Summary {
        Summary {
            stranded: games.saturating_sub(self.ended()),
            ..self.summary
        }
    }
}

impl Summary {
    /// The number of games of which both sides got a verdict.
    pub fn ended(&self) -> usize {
        self.decided + self.drawn + self.forfeited + self.aborted + self.disputed
    }

    /// Whether both sides of each game got a verdict, and the verdicts agree.
    pub fn is_consistent(&self) -> bool {
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
    fn each_game_counts_once_when_both_sides_have_their_verdicts() {
        let mut tally = Tally::default();
        let ends = [
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
        for (game, verdicts) in (1..).zip(ends) {
            for (side, verdict) in verdicts {
                assert_eq!(tally.ended() as u64, game - 1);
                tally.record(game, side, verdict);
            }
        }
        tally.record(6, Side::First, Verdict::Aborted);
        tally.record(6, Side::First, Verdict::Aborted);
        let summary = Summary {
            decided: 1,
            drawn: 1,
            forfeited: 1,
            aborted: 1,
            disputed: 1,
            stranded: 2,
        };
        assert_eq!(tally.summary(7), summary);
        assert!(!summary.is_consistent());
        assert!(
            Summary {
                disputed: 0,
                stranded: 0,
                ..summary
            }
            .is_consistent()
        );
    }
}
