//! Rounds: floor and ours take turns, so that what disturbs the machine disturbs both.

use crate::spread::Spread;

/// The samples of both sides, round by round.
#[derive(Debug, Default)]
pub(crate) struct Rounds {
    floor: Vec<f64>,
    ours: Vec<f64>,
}

impl Rounds {
    /// Runs both sides in turn, `rounds` times.
    ///
    /// A round before the first warms caches, the allocator and the clock up and is not counted. The
    /// side that goes first changes with every round: neither profits from what the other left behind.
    pub(crate) fn interleave(
        rounds: u32,
        mut floor: impl FnMut() -> f64,
        mut ours: impl FnMut() -> f64,
    ) -> Self {
        floor();
        ours();
        let mut taken = Self::default();
        for round in 0..rounds {
            if round % 2 == 0 {
                taken.floor.push(floor());
                taken.ours.push(ours());
            } else {
                taken.ours.push(ours());
                taken.floor.push(floor());
            }
        }
        taken
    }

    /// Samples that were taken elsewhere.
    pub(crate) fn new(floor: Vec<f64>, ours: Vec<f64>) -> Self {
        assert_eq!(floor.len(), ours.len(), "a round has a sample of each side");
        Self { floor, ours }
    }

    pub(crate) fn floor(&self) -> Spread {
        Spread::of(&self.floor)
    }

    pub(crate) fn ours(&self) -> Spread {
        Spread::of(&self.ours)
    }

    /// Ours over floor, taken within each round: a slow spell of the machine cancels out.
    pub(crate) fn ratio(&self) -> Spread {
        let ratios: Vec<f64> = self
            .ours
            .iter()
            .zip(&self.floor)
            .map(|(ours, floor)| ours / floor)
            .collect();
        Spread::of(&ratios)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::Rounds;

    #[test]
    fn the_sides_take_turns_and_the_warm_up_is_not_counted() {
        let order = RefCell::new(String::new());
        let side = |name: char, factor: f64| {
            let order = &order;
            move || {
                order.borrow_mut().push(name);
                factor
            }
        };
        let rounds = Rounds::interleave(3, side('f', 2.0), side('o', 3.0));
        assert_eq!(order.into_inner(), "fofooffo");
        assert_eq!(rounds.floor.len(), 3);
        assert_eq!(rounds.ratio().median, 1.5);
    }

    #[test]
    fn the_ratio_is_taken_within_a_round() {
        let rounds = Rounds::new(vec![1.0, 10.0, 2.0], vec![2.0, 20.0, 4.0]);
        assert_eq!(rounds.ratio().min, 2.0);
        assert_eq!(rounds.ratio().max, 2.0);
    }
}
