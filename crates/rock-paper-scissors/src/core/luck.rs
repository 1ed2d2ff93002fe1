//! Chance that can be had again: the same seed gives each player the same choices and each game the same accident.

use super::Choice;
use std::fmt;
use std::str::FromStr;

/// A source of numbers that look random. (The algorithm is SplitMix64.)
#[derive(Debug, Clone)]
pub struct Luck(u64);

/// So many out of so many, typed as `1/10`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chance {
    of: u32,
    out_of: u32,
}

/// When in its life a game crashes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// Nobody has played.
    Begun,
    /// One has played.
    HalfPlayed,
    /// Both have played, and have not been told.
    Played,
}

/// A text that is no chance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a part of the games, such as 1/10, 0/1 or 1/1")]
pub struct InvalidChance;

impl Luck {
    /// The luck of somebody, or of something, with this number: each has one of its own.
    pub fn new(seed: u64, number: u64) -> Self {
        let mut luck = Self(seed);
        let mixed = luck.next();
        Self(mixed ^ number.wrapping_mul(0xD1B5_4A32_D192_ED03))
    }

    /// What to play.
    pub fn choice(&mut self) -> Choice {
        Choice::ALL[self.below(3)]
    }

    /// Whether something with this chance happens.
    pub fn has(&mut self, chance: Chance) -> bool {
        let out_of = usize::try_from(chance.out_of).unwrap_or(usize::MAX);
        u32::try_from(self.below(out_of)).is_ok_and(|drawn| drawn < chance.of)
    }

    /// When it happens.
    pub fn moment(&mut self) -> Moment {
        [Moment::Begun, Moment::HalfPlayed, Moment::Played][self.below(3)]
    }

    fn below(&mut self, end: usize) -> usize {
        // So few out of so many that no value is favoured to a degree that anybody could see.
        let wide = u128::from(self.next()) * end as u128;
        usize::try_from(wide >> 64).expect("the product's upper half is below `end`")
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}

impl Chance {
    /// It does not happen.
    pub const NEVER: Self = Self { of: 0, out_of: 1 };
}

impl FromStr for Chance {
    type Err = InvalidChance;

    fn from_str(text: &str) -> Result<Self, InvalidChance> {
        let (of, out_of) = text.split_once('/').ok_or(InvalidChance)?;
        let number = |text: &str| text.parse::<u32>().map_err(|_| InvalidChance);
        match (number(of)?, number(out_of)?) {
            (_, 0) => Err(InvalidChance),
            (of, out_of) if of > out_of => Err(InvalidChance),
            (of, out_of) => Ok(Self { of, out_of }),
        }
    }
}

impl fmt::Display for Chance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.of, self.out_of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_has_the_same_luck_and_each_number_its_own() {
        let draws = |seed, number| {
            let mut luck = Luck::new(seed, number);
            (0..64).map(|_| luck.choice()).collect::<Vec<_>>()
        };
        assert_eq!(draws(7, 1), draws(7, 1));
        assert_ne!(draws(7, 1), draws(7, 2));
        assert_ne!(draws(7, 1), draws(8, 1));
    }

    #[test]
    fn luck_is_fair() {
        let mut counts = [0; 3];
        let mut crashes = 0;
        let tenth = "1/10".parse().expect("it is a chance");
        for number in 0..30_000 {
            let mut luck = Luck::new(1, number);
            let choice = luck.choice();
            let place = Choice::ALL.iter().position(|it| *it == choice);
            counts[place.expect("it is one of the three")] += 1;
            crashes += u32::from(luck.has(tenth));
        }
        assert!(
            counts.iter().all(|count| (9_500..10_500).contains(count)),
            "{counts:?}"
        );
        assert!((2_700..3_300).contains(&crashes), "{crashes}");
    }

    #[test]
    fn a_chance_is_a_part_of_a_whole() {
        for text in ["1/10", "0/1", "1/1", "10/10"] {
            let chance = text.parse::<Chance>();
            assert_eq!(chance.map(|it| it.to_string()), Ok(text.to_owned()));
        }
        for text in [
            "", "1", "/", "1/", "/2", "2/1", "1/0", "0/0", "-1/2", "0.1/1", "1/2/3",
        ] {
            assert_eq!(text.parse::<Chance>(), Err(InvalidChance), "{text:?}");
        }
    }

    #[test]
    fn what_is_certain_happens_and_what_never_happens_does_not() {
        let always = "3/3".parse().expect("it is a chance");
        for number in 0..1000 {
            assert!(Luck::new(3, number).has(always));
            assert!(!Luck::new(3, number).has(Chance::NEVER));
        }
    }
}
