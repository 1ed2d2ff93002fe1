//! How long, how much and with which numbers.

use std::time::Duration;

/// What a soak is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// How long the drivers drive, in all rounds together.
    pub length: Duration,
    /// How many rounds there are.
    pub rounds: u32,
    /// How many drivers work at the same time.
    pub drivers: usize,
    /// What the random numbers begin with.
    pub seed: u64,
}

/// How long a round is, where there is time for many.
const ROUND: Duration = Duration::from_secs(15);

/// The fewest rounds. With less than a handful there are no halves to compare.
const FEWEST: u32 = 4;

impl Plan {
    /// A soak of this length, with sixteen drivers.
    #[must_use]
    pub fn new(length: Duration, seed: u64) -> Self {
        let rounds = length.as_secs() / ROUND.as_secs();
        Self {
            length,
            rounds: u32::try_from(rounds).unwrap_or(u32::MAX).max(FEWEST),
            drivers: 16,
            seed,
        }
    }

    /// How long a round drives.
    #[must_use]
    pub fn round(&self) -> Duration {
        self.length / self.rounds
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Plan;

    #[test]
    fn ten_minutes_are_forty_rounds_and_two_seconds_are_four() {
        assert_eq!(Plan::new(Duration::from_secs(600), 1).rounds, 40);
        assert_eq!(Plan::new(Duration::from_secs(2), 1).rounds, 4);
        assert_eq!(
            Plan::new(Duration::from_secs(2), 1).round(),
            Duration::from_millis(500)
        );
    }
}
