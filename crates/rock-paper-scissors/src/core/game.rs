//! One game of two players, as a state machine: no choice, one choice, two choices.

use super::{Choice, Outcome};
use std::fmt;

// ANCHOR: play
/// The choices that the two players of a game have made. The policy `saved` stores this value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Game {
    first: Option<Choice>,
    second: Option<Choice>,
}

/// One of the two players of a game.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// The player that waited in the lobby.
    First,
    /// The player that joined the waiting player.
    Second,
}

/// The end of a game for one of its players. Each player of each game gets a verdict, also after a crash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Both players have played.
    Result {
        /// The outcome for this player.
        outcome: Outcome,
        /// The choice of this player.
        mine: Choice,
        /// The choice of the other player.
        theirs: Choice,
    },
    /// The other player has ended, or has not played in time.
    WonByForfeit,
    /// This player has ended, or has not played in time.
    LostByForfeit,
    /// The game has ended without a result, and is not restarted.
    Aborted,
}

/// The player has played already. A choice cannot be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("already played")]
pub struct AlreadyPlayed;

impl Game {
    /// Records the choice of a player.
    ///
    /// # Errors
    ///
    /// [`AlreadyPlayed`]; the first choice remains.
    pub fn play(&mut self, side: Side, choice: Choice) -> Result<(), AlreadyPlayed> {
        let choice_of = match side {
            Side::First => &mut self.first,
            Side::Second => &mut self.second,
        };
        match choice_of {
            Some(_) => Err(AlreadyPlayed),
            None => {
                *choice_of = Some(choice);
                Ok(())
            }
        }
    }

    /// Whether a player has played.
    pub fn has_played(&self, side: Side) -> bool {
        self.choice(side).is_some()
    }

    /// The verdict for a player when both have played, `None` before.
    pub fn result(&self, side: Side) -> Option<Verdict> {
        let (mine, theirs) = (self.choice(side)?, self.choice(side.other())?);
        Some(Verdict::Result {
            outcome: mine.against(theirs),
            mine,
            theirs,
        })
    }

    /// The verdict for a player at the time limit: a player that has played wins against one that has not.
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
    /// Both sides.
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
    /// Whether this verdict and the verdict of the other side describe the same end of a game.
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
    fn a_game_has_a_result_for_both_sides_when_both_have_played() {
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
    fn a_choice_cannot_be_changed() {
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
    fn a_player_in_time_wins_against_a_late_one() {
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
