//! Rounds: the contenders take turns, so that what disturbs the machine disturbs all of them.

use std::io;

use crate::cost::Cost;
use crate::spread::Spread;

/// What an operation cost in one sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Figure {
    /// In the unit of its row: nanoseconds on the wall, bytes, allocations.
    pub amount: f64,
    /// Nanoseconds on the processors, where time is what is measured.
    pub cpu: Option<f64>,
}

/// The samples of all contenders, round by round. The first contender is the floor.
#[derive(Debug, Clone, Default)]
pub struct Rounds {
    contenders: Vec<Samples>,
}

/// The samples of one contender.
#[derive(Debug, Clone)]
pub struct Samples {
    contender: &'static str,
    amounts: Vec<f64>,
    cpu: Vec<f64>,
}

impl Figure {
    /// Shares out what so many operations cost together.
    pub fn of(cost: Cost, operations: u64) -> Self {
        let (amount, cpu) = cost.per_operation(operations);
        Self {
            amount,
            cpu: Some(cpu),
        }
    }

    /// What is counted, and not timed.
    pub fn counted(amount: f64) -> Self {
        Self { amount, cpu: None }
    }
}

impl Rounds {
    /// Takes a sample of each contender in turn, `rounds` times; `sample` is told whose.
    ///
    /// The contender that goes first changes with every round: none profits from what another has left behind. One
    /// that has no sample to give falls out, with those that it gave before.
    ///
    /// # Errors
    ///
    /// The first error of `sample`, which ends the rounds.
    pub fn interleave(
        rounds: u32,
        contenders: &[&'static str],
        mut sample: impl FnMut(usize) -> io::Result<Option<Figure>>,
    ) -> io::Result<Self> {
        let count = contenders.len();
        let mut taken: Vec<_> = contenders
            .iter()
            .map(|&name| Some(Samples::none(name)))
            .collect();
        for round in 0..rounds as usize {
            for turn in 0..count {
                let index = (round + turn) % count;
                let Some(samples) = &mut taken[index] else {
                    continue;
                };
                match sample(index)? {
                    Some(figure) => samples.push(figure),
                    None => taken[index] = None,
                }
            }
        }
        Ok(Self {
            contenders: taken.into_iter().flatten().collect(),
        })
    }

    /// Samples that were taken elsewhere.
    pub fn new(contenders: impl IntoIterator<Item = (&'static str, Vec<Figure>)>) -> Self {
        let contenders = contenders.into_iter().map(|(name, figures)| {
            let mut samples = Samples::none(name);
            figures.into_iter().for_each(|figure| samples.push(figure));
            samples
        });
        Self {
            contenders: contenders.collect(),
        }
    }

    /// By which factor the cost grows from `few` to `many`, for each contender in both, round by round.
    pub fn growth(few: &Self, many: &Self) -> Self {
        let grown = many.contenders.iter().filter_map(|many| {
            let few = few.find(many.contender)?;
            let ratios = quotients(&many.amounts, &few.amounts);
            Some((many.contender, ratios.map(Figure::counted).collect()))
        });
        Self::new(grown)
    }

    /// The contenders that have samples, the floor first if it has.
    pub fn contenders(&self) -> &[Samples] {
        &self.contenders
    }

    /// The samples of a contender, if it has any.
    pub fn find(&self, contender: &str) -> Option<&Samples> {
        self.contenders
            .iter()
            .find(|samples| samples.contender == contender)
    }
}

impl Samples {
    fn none(contender: &'static str) -> Self {
        Self {
            contender,
            amounts: Vec::new(),
            cpu: Vec::new(),
        }
    }

    fn push(&mut self, figure: Figure) {
        self.amounts.push(figure.amount);
        self.cpu.extend(figure.cpu);
    }

    /// Whose they are.
    pub fn contender(&self) -> &'static str {
        self.contender
    }

    /// What an operation cost.
    pub fn amount(&self) -> Spread {
        Spread::of(&self.amounts)
    }

    /// How long the processors worked for an operation, where time is what is measured.
    pub fn cpu(&self) -> Option<Spread> {
        (!self.cpu.is_empty()).then(|| Spread::of(&self.cpu))
    }

    /// This contender over another, taken within each round: a slow spell of the machine cancels out.
    pub fn over(&self, other: &Self) -> Spread {
        Spread::of(&quotients(&self.amounts, &other.amounts).collect::<Vec<_>>())
    }

    /// The same for the time of the processors.
    pub fn cpu_over(&self, other: &Self) -> Option<Spread> {
        let ratios: Vec<_> = quotients(&self.cpu, &other.cpu).collect();
        (!ratios.is_empty()).then(|| Spread::of(&ratios))
    }
}

fn quotients<'a>(above: &'a [f64], below: &'a [f64]) -> impl Iterator<Item = f64> + 'a {
    above.iter().zip(below).map(|(above, below)| above / below)
}

#[cfg(test)]
mod tests {
    use super::{Figure, Rounds};

    fn rounds(floor: &[f64], ours: &[f64]) -> Rounds {
        let figures = |amounts: &[f64]| amounts.iter().copied().map(Figure::counted).collect();
        Rounds::new([("floor", figures(floor)), ("ours", figures(ours))])
    }

    #[test]
    fn the_contenders_take_turns_and_each_goes_first_once() {
        let mut order = String::new();
        let names = ["floor", "ours", "peer"];
        let rounds = Rounds::interleave(3, &names, |index| {
            order.push_str(&names[index][..1]);
            Ok(Some(Figure::counted(index as f64)))
        });
        assert_eq!(order, "fopopfpfo");
        let rounds = rounds.unwrap();
        assert!(
            rounds
                .contenders()
                .iter()
                .all(|samples| samples.amounts.len() == 3)
        );
        assert_eq!(rounds.find("peer").unwrap().amount().median, 2.0);
    }

    #[test]
    fn a_contender_without_a_sample_falls_out_and_is_not_asked_again() {
        let mut asked = 0;
        let rounds = Rounds::interleave(3, &["floor", "ours"], |index| {
            asked += 1;
            Ok((index == 0).then_some(Figure::counted(1.0)))
        });
        assert_eq!(asked, 4);
        assert!(rounds.unwrap().find("ours").is_none());
    }

    #[test]
    fn an_error_ends_the_rounds() {
        let failed = Rounds::interleave(3, &["floor"], |_| Err(std::io::Error::other("no memory")));
        assert_eq!(failed.unwrap_err().to_string(), "no memory");
    }

    #[test]
    fn the_ratio_is_taken_within_a_round() {
        let rounds = rounds(&[1.0, 10.0, 2.0], &[2.0, 20.0, 4.0]);
        let [floor, ours] = rounds.contenders() else {
            panic!("there are two contenders");
        };
        assert_eq!((ours.over(floor).min, ours.over(floor).max), (2.0, 2.0));
        assert_eq!(ours.cpu_over(floor), None);
    }

    #[test]
    fn growth_is_taken_from_few_to_many_for_each_contender() {
        let few = rounds(&[1.0, 2.0], &[4.0, 4.0]);
        let many = rounds(&[3.0, 6.0], &[4.0, 8.0]);
        let growth = Rounds::growth(&few, &many);
        assert_eq!(growth.find("floor").unwrap().amount().median, 3.0);
        assert_eq!(growth.find("ours").unwrap().amount().max, 2.0);
    }
}
