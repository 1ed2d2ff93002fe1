//! One line of the table: what a workload cost all contenders.

use std::fmt;

use crate::contender::{BEAM, FLOOR, OURS};
use crate::goal::{Goal, Limited, Verdict};
use crate::harness::{Rounds, Samples};
use crate::runtime::RuntimeKind;

/// A workload's figures.
#[derive(Debug, Clone)]
pub struct Row {
    /// The workload.
    pub workload: &'static str,
    /// Where it ran.
    pub runtime: RuntimeKind,
    /// What the figures count.
    pub unit: Unit,
    /// The samples of all contenders.
    pub rounds: Rounds,
    /// What ours is to cost.
    pub goal: Goal,
}

/// What the figures of a row count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Time an operation.
    Nanoseconds,
    /// Memory a server.
    Bytes,
    /// Allocations an operation.
    Allocations,
    /// A cost over another of the same contender.
    Factor,
}

impl Row {
    /// The samples of bare tokio.
    pub fn floor(&self) -> Option<&Samples> {
        self.rounds.find(FLOOR.name)
    }

    /// The samples of otp-core.
    pub fn ours(&self) -> Option<&Samples> {
        self.rounds.find(OURS.name)
    }

    /// Whether nobody's samples are missing.
    pub(crate) fn is_whole(&self) -> bool {
        self.floor().is_some() && self.ours().is_some()
    }

    /// The figure that the goal limits, unless somebody's samples are missing for it.
    pub fn judged(&self) -> Option<f64> {
        let ours = self.ours()?;
        match self.goal.of {
            Limited::Ratio => Some(ours.over(self.floor()?).median),
            Limited::OverBeam => Some(ours.over(self.rounds.find(BEAM)?).median),
            Limited::Ours => Some(ours.amount().median),
        }
    }

    /// How that figure stands against its limits.
    pub fn verdict(&self) -> Option<Verdict> {
        self.judged().map(|figure| self.goal.verdict(figure))
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Nanoseconds => "ns",
            Self::Bytes => "bytes",
            Self::Allocations => "allocs",
            Self::Factor => "factor",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Row, Unit};
    use crate::contender::{BEAM, FLOOR, OURS};
    use crate::goal::{Goal, Verdict};
    use crate::harness::{Figure, Rounds};
    use crate::runtime::RuntimeKind;

    fn row(goal: Goal, amounts: &[(&'static str, f64)]) -> Row {
        let samples = amounts
            .iter()
            .map(|&(name, amount)| (name, vec![Figure::counted(amount)]));
        Row {
            workload: "dynamic terminate",
            runtime: RuntimeKind::CurrentThread,
            unit: Unit::Nanoseconds,
            rounds: Rounds::new(samples),
            goal,
        }
    }

    #[test]
    fn a_goal_beside_the_beam_is_judged_only_where_the_beam_ran() {
        let goal = Goal::over_beam(0.25, 0.40);
        let without = row(goal, &[(FLOOR.name, 100.0), (OURS.name, 300.0)]);
        assert_eq!(without.verdict(), None);
        let with = row(
            goal,
            &[(FLOOR.name, 100.0), (OURS.name, 300.0), (BEAM, 1_000.0)],
        );
        assert_eq!(with.judged(), Some(0.3));
        assert_eq!(with.verdict(), Some(Verdict::Holds));
    }

    #[test]
    fn a_ratio_needs_the_floor() {
        let goal = Goal::ratio(1.0, 1.15);
        assert_eq!(row(goal, &[(OURS.name, 300.0)]).judged(), None);
    }
}
