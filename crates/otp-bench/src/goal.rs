//! What a workload is to cost: what we aim for, and the line that must hold.

use std::fmt;

/// The two limits of a workload, and what they limit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Goal {
    /// Which figure they limit.
    pub of: Limited,
    /// What we aim for.
    pub aim: f64,
    /// What must hold.
    pub line: f64,
}

/// Which figure the limits are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limited {
    /// Ours over floor.
    Ratio,
    /// Ours over the BEAM, where it takes part.
    OverBeam,
    /// Ours alone.
    Ours,
}

/// How a figure stands against its limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// As good as we aim for.
    Met,
    /// Not that good, but the line holds.
    Holds,
    /// Beyond the line.
    Missed,
}

/// Counts are averages over a run: a stray allocation of the runtime in a hundred operations is not one per operation.
const ROUNDING: f64 = 0.005;

impl Goal {
    /// A limit on ours over floor.
    pub const fn ratio(aim: f64, line: f64) -> Self {
        Self::limit(Limited::Ratio, aim, line)
    }

    /// A limit on ours over the BEAM.
    pub const fn over_beam(aim: f64, line: f64) -> Self {
        Self::limit(Limited::OverBeam, aim, line)
    }

    /// A limit on ours alone, such as bytes per process.
    pub const fn ours(aim: f64, line: f64) -> Self {
        Self::limit(Limited::Ours, aim, line)
    }

    const fn limit(of: Limited, aim: f64, line: f64) -> Self {
        Self { of, aim, line }
    }

    /// Judges a figure.
    pub fn verdict(&self, figure: f64) -> Verdict {
        if figure <= self.aim + ROUNDING {
            Verdict::Met
        } else if figure <= self.line + ROUNDING {
            Verdict::Holds
        } else {
            Verdict::Missed
        }
    }
}

impl fmt::Display for Limited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Ratio => "ratio to the floor",
            Self::OverBeam => "ratio to the BEAM",
            Self::Ours => "ours",
        })
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Met => "goal met",
            Self::Holds => "line holds",
            Self::Missed => "line missed",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Goal, Verdict};

    #[test]
    fn a_figure_is_judged_by_both_limits() {
        let goal = Goal::ratio(1.0, 1.15);
        assert_eq!(goal.verdict(0.9), Verdict::Met);
        assert_eq!(goal.verdict(1.0), Verdict::Met);
        assert_eq!(goal.verdict(1.1), Verdict::Holds);
        assert_eq!(goal.verdict(1.2), Verdict::Missed);
    }

    #[test]
    fn one_allocation_per_operation_misses_a_line_of_none() {
        let none = Goal::ours(0.0, 0.0);
        assert_eq!(none.verdict(0.001), Verdict::Met);
        assert_eq!(none.verdict(1.0), Verdict::Missed);
    }
}
