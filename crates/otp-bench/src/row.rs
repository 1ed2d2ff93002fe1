//! One line of the table: what a workload cost on both sides.

use std::fmt;

use crate::goal::{Goal, Limited, Verdict};
use crate::harness::Rounds;
use crate::runtime::RuntimeKind;
use crate::spread::Spread;

/// A workload's figures.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) workload: &'static str,
    pub(crate) runtime: RuntimeKind,
    pub(crate) unit: Unit,
    pub(crate) floor: Spread,
    pub(crate) ours: Spread,
    pub(crate) ratio: Spread,
    pub(crate) goal: Goal,
}

/// What the figures of a row count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    Nanoseconds,
    Bytes,
    Allocations,
}

impl Row {
    pub(crate) fn new(
        workload: &'static str,
        runtime: RuntimeKind,
        unit: Unit,
        rounds: &Rounds,
        goal: Goal,
    ) -> Self {
        Self {
            workload,
            runtime,
            unit,
            floor: rounds.floor(),
            ours: rounds.ours(),
            ratio: rounds.ratio(),
            goal,
        }
    }

    /// The figure that the goal limits.
    pub(crate) fn judged(&self) -> f64 {
        match self.goal.of {
            Limited::Ratio => self.ratio.median,
            Limited::Ours => self.ours.median,
        }
    }

    pub(crate) fn verdict(&self) -> Verdict {
        self.goal.verdict(self.judged())
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Nanoseconds => "ns",
            Self::Bytes => "bytes",
            Self::Allocations => "allocs",
        })
    }
}
