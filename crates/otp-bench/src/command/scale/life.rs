//! What the life of very many servers has cost, phase by phase.

use std::time::Duration;

use crate::cost::Cost;

/// The phases of the life, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// Each is started, one after the other.
    Start,
    /// Each is called once, one after the other.
    Call,
    /// Every second one is killed, all at once.
    Kill,
    /// The rest is stopped, all at once.
    Stop,
}

/// One life of them all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Life {
    costs: [Cost; Phase::ALL.len()],
    /// By how many bytes the process has grown when all have been called.
    pub(super) grown: u64,
    /// By how many it is still bigger when all are gone.
    pub(super) left: u64,
}

impl Phase {
    pub(super) const ALL: [Self; 4] = [Self::Start, Self::Call, Self::Kill, Self::Stop];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Call => "call",
            Self::Kill => "kill",
            Self::Stop => "stop",
        }
    }

    /// How many of so many servers it concerns.
    pub(super) fn operations(self, servers: u64) -> u64 {
        match self {
            Self::Start | Self::Call => servers,
            Self::Kill => servers / 2,
            Self::Stop => servers - servers / 2,
        }
    }
}

impl Life {
    pub(super) fn enter(&mut self, phase: Phase, cost: Cost) {
        self.costs[phase as usize] = cost;
    }

    pub(super) fn cost(&self, phase: Phase) -> Cost {
        self.costs[phase as usize]
    }

    /// The line that the child writes and its parent reads.
    pub(super) fn line(&self) -> String {
        let costs = self.costs.iter();
        let times = costs.flat_map(|cost| [cost.wall.as_nanos(), cost.cpu.as_nanos()]);
        let numbers = times.chain([self.grown.into(), self.left.into()]);
        numbers
            .map(|number| number.to_string())
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// Reads such a line.
    pub(super) fn parse(line: &str) -> Option<Self> {
        let mut numbers = line.split_whitespace().map(|word| word.parse::<u64>().ok());
        let mut next = || numbers.next()?;
        let mut life = Self::default();
        for phase in Phase::ALL {
            let wall = Duration::from_nanos(next()?);
            let cpu = Duration::from_nanos(next()?);
            life.enter(phase, Cost { wall, cpu });
        }
        life.grown = next()?;
        life.left = next()?;
        numbers.next().is_none().then_some(life)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Life, Phase};
    use crate::cost::Cost;

    #[test]
    fn the_parent_reads_what_the_child_writes() {
        let mut life = Life {
            grown: 9,
            left: 10,
            ..Life::default()
        };
        for (n, phase) in (1..).zip(Phase::ALL) {
            let cost = Cost {
                wall: Duration::from_nanos(n * 2 - 1),
                cpu: Duration::from_nanos(n * 2),
            };
            life.enter(phase, cost);
        }
        assert_eq!(life.line(), "1 2 3 4 5 6 7 8 9 10");
        assert_eq!(Life::parse(&life.line()), Some(life));
        assert_eq!(Life::parse("1 2 3 4 5 6 7 8 9"), None);
        assert_eq!(Life::parse("1 2 3 4 5 6 7 8 9 10 11"), None);
    }

    #[test]
    fn of_an_odd_number_the_smaller_half_is_killed() {
        let of_seven = Phase::ALL.map(|phase| phase.operations(7));
        assert_eq!(of_seven, [7, 7, 3, 4]);
    }
}
