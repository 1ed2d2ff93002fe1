//! Reproducible random numbers: with the same seed each player makes the same choices, and each game crashes at the same
//! point.

use super::Choice;
use std::fmt;
use std::str::FromStr;

/// A generator of pseudo-random numbers. (The algorithm is SplitMix64.)
#[derive(Debug, Clone)]
pub struct Random(u64);

/// A probability as a fraction, typed as `1/10`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Probability {
    numerator: u32,
    denominator: u32,
}

/// The point at which a game crashes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CrashPoint {
    /// Before the first choice.
    Start,
    /// After the first choice.
    FirstChoice,
    /// After the second choice, before the verdicts are sent.
    SecondChoice,
}

/// The text is no probability.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a fraction between 0 and 1, such as 1/10")]
pub struct InvalidProbability;

impl Random {
    /// The generator with this number. Generators with different numbers give different values.
    pub fn new(seed: u64, number: u64) -> Self {
        let mut seeded = Self(seed);
        let mixed = seeded.next();
        Self(mixed ^ number.wrapping_mul(0xD1B5_4A32_D192_ED03))
    }

    /// Draws a choice.
    pub fn choice(&mut self) -> Choice {
        Choice::ALL[self.below(3)]
    }

    /// Draws whether an event with this probability happens.
    pub fn happens(&mut self, probability: Probability) -> bool {
        let denominator = usize::try_from(probability.denominator).unwrap_or(usize::MAX);
        u32::try_from(self.below(denominator)).is_ok_and(|drawn| drawn < probability.numerator)
    }

    /// Draws a crash point.
    pub fn crash_point(&mut self) -> CrashPoint {
        use CrashPoint::{FirstChoice, SecondChoice, Start};
        [Start, FirstChoice, SecondChoice][self.below(3)]
    }

    fn below(&mut self, end: usize) -> usize {
        // The bias is at most `end` in 2^64, which no count of games shows.
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

impl Probability {
    /// Zero.
    pub const ZERO: Self = Self {
        numerator: 0,
        denominator: 1,
    };
}

impl FromStr for Probability {
    type Err = InvalidProbability;

    fn from_str(text: &str) -> Result<Self, InvalidProbability> {
        let (numerator, denominator) = text.split_once('/').ok_or(InvalidProbability)?;
        let number = |text: &str| text.parse::<u32>().map_err(|_| InvalidProbability);
        match (number(numerator)?, number(denominator)?) {
            (_, 0) => Err(InvalidProbability),
            (numerator, denominator) if numerator > denominator => Err(InvalidProbability),
            (numerator, denominator) => Ok(Self {
                numerator,
                denominator,
            }),
        }
    }
}

impl fmt::Display for Probability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.numerator, self.denominator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_values_depend_on_seed_and_number() {
        let draws = |seed, number| {
            let mut random = Random::new(seed, number);
            (0..64).map(|_| random.choice()).collect::<Vec<_>>()
        };
        assert_eq!(draws(7, 1), draws(7, 1));
        assert_ne!(draws(7, 1), draws(7, 2));
        assert_ne!(draws(7, 1), draws(8, 1));
    }

    #[test]
    fn draws_have_their_probabilities() {
        let mut counts = [0; 3];
        let mut crashes = 0;
        let tenth = "1/10".parse().expect("it is a probability");
        for number in 0..30_000 {
            let mut random = Random::new(1, number);
            let choice = random.choice();
            let place = Choice::ALL.iter().position(|it| *it == choice);
            counts[place.expect("it is one of the three")] += 1;
            crashes += u32::from(random.happens(tenth));
        }
        assert!(
            counts.iter().all(|count| (9_500..10_500).contains(count)),
            "{counts:?}"
        );
        assert!((2_700..3_300).contains(&crashes), "{crashes}");
    }

    #[test]
    fn a_probability_is_a_fraction_between_zero_and_one() {
        for text in ["1/10", "0/1", "1/1", "10/10"] {
            let probability = text.parse::<Probability>();
            assert_eq!(probability.map(|it| it.to_string()), Ok(text.to_owned()));
        }
        for text in [
            "", "1", "/", "1/", "/2", "2/1", "1/0", "0/0", "-1/2", "0.1/1", "1/2/3",
        ] {
            assert_eq!(
                text.parse::<Probability>(),
                Err(InvalidProbability),
                "{text:?}"
            );
        }
    }

    #[test]
    fn probability_one_always_happens_and_zero_never() {
        let always = "3/3".parse().expect("it is a probability");
        for number in 0..1000 {
            assert!(Random::new(3, number).happens(always));
            assert!(!Random::new(3, number).happens(Probability::ZERO));
        }
    }
}
