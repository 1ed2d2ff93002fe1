//! One game of two players, as a state machine: nothing, one choice, two choices.

use super::{Choice, Outcome};
use std::fmt;

// ANCHOR: play
/// A game, and what has been played in it. It is also what is saved of one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Game {
    first: Option<Choice>,
    second: Option<Choice>,
}

/// One of the two players, by the order in which they came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// The player that waited.
    First,
    /// The player that came second.
    Second,
}

/// How a game ends for one of its players. Each player of each game gets a verdict, also after a crash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Both have played.
    Result {
        /// The outcome for the player that is told.
        outcome: Outcome,
        /// What this player has played.
        mine: Choice,
        /// What the other player has played.
        theirs: Choice,
    },
    /// The other player is gone, or has not played in time.
    WonByForfeit,
    /// This player has not played in time.
    LostByForfeit,
    /// The game is gone, and nothing brings it back.
    Aborted,
}

/// A player has played already, and cannot take it back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("already played")]
pub struct AlreadyPlayed;

impl Game {
    /// A player makes its choice.
    ///
    /// # Errors
    ///
    /// [`AlreadyPlayed`]; the first choice stays.
    pub fn play(&mut self, side: Side, choice: Choice) -> Result<(), AlreadyPlayed> {
        let place = match side {
            Side::First => &mut self.first,
            Side::Second => &mut self.second,
        };
        match place {
            Some(_) => Err(AlreadyPlayed),
            None => {
                *place = Some(choice);
                Ok(())
            }
        }
    }

    /// Whether a player has played.
    pub fn has_played(&self, side: Side) -> bool {
        self.choice(side).is_some()
    }

    /// What a player is told when both have played; nothing before.
    pub fn result(&self, side: Side) -> Option<Verdict> {
        let (mine, theirs) = (self.choice(side)?, self.choice(side.other())?);
        Some(Verdict::Result {
            outcome: mine.against(theirs),
            mine,
            theirs,
        })
    }

    /// What a player is told when the time is up: a player that has played wins against one that has not.
    pub fn overdue(&self, side: Side) -> Verdict {
        match (self.has_played(side), self.has_played(side.other())) {
            (true, false) => Verdict::WonByForfeit,
            (false, true) => Verdict::LostByForfeit,
            _ => Verdict::Aborted,
        }
    }

    fn choice(&self, side: Side) -> Option<Choice> {
        match side {
            Side::First => self.first,
            Side::Second => self.second,
        }
    }
}
// ANCHOR_END: play

impl Side {
    /// Both.
    pub const BOTH: [Self; 2] = [Self::First, Self::Second];

    /// The opponent.
    pub fn other(self) -> Self {
        match self {
            Self::First => Self::Second,
            Self::Second => Self::First,
        }
    }
}

impl Verdict {
    /// Whether the two sides of one game have been told the same thing.
    pub fn agrees_with(self, other: Self) -> bool {
        match (self, other) {
            (
                Self::Result { mine, theirs, .. },
                Self::Result {
                    mine: their_mine,
                    theirs: their_theirs,
                    ..
                },
            ) => mine == their_theirs && theirs == their_mine,
            (Self::WonByForfeit, Self::LostByForfeit)
            | (Self::LostByForfeit, Self::WonByForfeit)
            | (Self::Aborted, Self::Aborted) => true,
            _ => false,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Result {
                outcome,
                mine,
                theirs,
            } => write!(f, "{outcome}, {mine} against {theirs}"),
            Self::WonByForfeit => f.write_str("win by forfeit"),
            Self::LostByForfeit => f.write_str("lose by forfeit"),
            Self::Aborted => f.write_str("aborted"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Choice::{Paper, Rock, Scissors};

    #[test]
    fn a_game_has_a_result_when_both_have_played_and_both_agree_on_it() {
        for mine in Choice::ALL {
            for theirs in Choice::ALL {
                let mut game = Game::default();
                game.play(Side::Second, theirs)
                    .expect("it is the first choice");
                assert_eq!(Side::BOTH.map(|side| game.result(side)), [None, None]);
                game.play(Side::First, mine)
                    .expect("it is the first choice");
                let first = game.result(Side::First).expect("both have played");
                let second = game.result(Side::Second).expect("both have played");
                assert!(first.agrees_with(second), "{first:?} {second:?}");
            }
        }
    }

    // S89
    #[test]
    fn a_choice_cannot_be_taken_back() {
        let mut game = Game::default();
        game.play(Side::First, Rock)
            .expect("it is the first choice");
        assert_eq!(game.play(Side::First, Paper), Err(AlreadyPlayed));
        game.play(Side::Second, Scissors)
            .expect("it is the first choice");
        let win = Verdict::Result {
            outcome: Outcome::Win,
            mine: Rock,
            theirs: Scissors,
        };
        assert_eq!(game.result(Side::First), Some(win));
        assert_eq!(win.to_string(), "win, rock against scissors");
    }

    #[test]
    fn who_has_played_wins_against_who_has_not() {
        let mut game = Game::default();
        assert_eq!(
            Side::BOTH.map(|side| game.overdue(side)),
            [Verdict::Aborted; 2]
        );
        game.play(Side::Second, Rock)
            .expect("it is the first choice");
        let [first, second] = Side::BOTH.map(|side| game.overdue(side));
        assert_eq!(
            (first, second),
            (Verdict::LostByForfeit, Verdict::WonByForfeit)
        );
        assert!(first.agrees_with(second));
        assert!(!first.agrees_with(first));
        assert!(!first.agrees_with(Verdict::Aborted));
    }
}
