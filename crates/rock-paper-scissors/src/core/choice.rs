//! The three choices, and their outcomes against each other.

use std::fmt;
use std::str::FromStr;

/// The choice of a player in a game.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Choice {
    /// Beats scissors.
    Rock,
    /// Beats rock.
    Paper,
    /// Beat paper.
    Scissors,
}

/// The outcome of one choice against another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The choice beats the other.
    Win,
    /// The other choice beats this one.
    Lose,
    /// The choices are equal.
    Draw,
}

/// The text names none of the three choices.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected rock, paper or scissors")]
pub struct UnknownChoice;

impl Choice {
    /// All choices.
    pub const ALL: [Self; 3] = [Self::Rock, Self::Paper, Self::Scissors];

    /// The outcome for the player with this choice.
    pub fn against(self, other: Self) -> Outcome {
        match (self, other) {
            (mine, theirs) if mine == theirs => Outcome::Draw,
            (Self::Rock, Self::Scissors)
            | (Self::Paper, Self::Rock)
            | (Self::Scissors, Self::Paper) => Outcome::Win,
            _ => Outcome::Lose,
        }
    }
}

impl FromStr for Choice {
    type Err = UnknownChoice;

    fn from_str(text: &str) -> Result<Self, UnknownChoice> {
        let known = Self::ALL
            .into_iter()
            .find(|choice| choice.to_string() == text);
        known.ok_or(UnknownChoice)
    }
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rock => "rock",
            Self::Paper => "paper",
            Self::Scissors => "scissors",
        })
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Win => "win",
            Self::Lose => "lose",
            Self::Draw => "draw",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // S88
    #[test]
    fn each_choice_beats_one_and_is_beaten_by_one() {
        use {Choice::*, Outcome::*};
        let table = [
            (Rock, [Draw, Lose, Win]),
            (Paper, [Win, Draw, Lose]),
            (Scissors, [Lose, Win, Draw]),
        ];
        for (mine, outcomes) in table {
            assert_eq!(
                Choice::ALL.map(|theirs| mine.against(theirs)),
                outcomes,
                "{mine}"
            );
        }
    }

    // S88
    #[test]
    fn a_choice_parses_its_own_text_and_no_other() {
        for choice in Choice::ALL {
            assert_eq!(choice.to_string().parse(), Ok(choice));
        }
        for text in ["lizard", "", "Rock", "rock "] {
            assert_eq!(text.parse::<Choice>(), Err(UnknownChoice), "{text:?}");
        }
    }
}
