//! So many servers on one side, in some rounds, and what their median cost is.

use super::life::{Life, Phase};
use crate::cli::Side;
use crate::runtime::RuntimeKind;
use crate::spread::Spread;

/// What the goal allows an operation to cost at the most servers, as a multiple of what it costs at the fewest.
pub(super) const GROWTH: f64 = 1.3;

/// The rounds of one size on one side.
#[derive(Debug)]
pub(super) struct Run {
    runtime: RuntimeKind,
    side: Side,
    servers: u64,
    lives: Vec<Life>,
}

impl Run {
    pub(super) fn new(runtime: RuntimeKind, side: Side, servers: u64) -> Self {
        Self {
            runtime,
            side,
            servers,
            lives: Vec::new(),
        }
    }

    /// Adds a round.
    pub(super) fn add(&mut self, life: Life) {
        self.lives.push(life);
    }

    pub(super) fn runtime(&self) -> RuntimeKind {
        self.runtime
    }

    pub(super) fn side(&self) -> Side {
        self.side
    }

    pub(super) fn servers(&self) -> u64 {
        self.servers
    }

    /// Nanoseconds an operation, on the wall.
    pub(super) fn wall(&self, phase: Phase) -> Spread {
        let operations = phase.operations(self.servers);
        self.spread(|life| life.cost(phase).wall.as_nanos() as f64 / operations as f64)
    }

    /// The same of the processors' time, which other programs do not disturb much.
    pub(super) fn cpu(&self, phase: Phase) -> Spread {
        let operations = phase.operations(self.servers);
        self.spread(|life| life.cost(phase).cpu.as_nanos() as f64 / operations as f64)
    }

    /// Resident bytes a server, when all have been called.
    pub(super) fn bytes(&self) -> Spread {
        self.spread(|life| life.grown as f64 / self.servers as f64)
    }

    /// Resident bytes more than before the first server, when all are gone.
    pub(super) fn left(&self) -> Spread {
        self.spread(|life| life.left as f64)
    }

    /// How many times as much of the processors' time an operation takes as with the fewest servers of its kind;
    /// none for those themselves.
    pub(super) fn growth(&self, phase: Phase, runs: &[Self]) -> Option<f64> {
        let alike = |run: &&Self| run.runtime == self.runtime && run.side == self.side;
        let fewest = runs.iter().filter(alike).min_by_key(|run| run.servers)?;
        (fewest.servers < self.servers).then(|| self.cpu(phase).median / fewest.cpu(phase).median)
    }

    fn spread(&self, figure: impl Fn(&Life) -> f64) -> Spread {
        Spread::of(&self.lives.iter().map(figure).collect::<Vec<_>>())
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::time::Duration;

    use super::{Life, Phase, Run};
    use crate::cli::Side;
    use crate::cost::Cost;
    use crate::runtime::RuntimeKind;

    /// One round, in which each operation takes so many nanoseconds.
    pub(in crate::command::scale) fn run(side: Side, servers: u64, nanos: u64) -> Run {
        let mut life = Life::default();
        life.grown = servers * 1_000;
        life.left = 1 << 20;
        for phase in Phase::ALL {
            let cpu = Duration::from_nanos(phase.operations(servers) * nanos);
            life.enter(phase, Cost { wall: cpu * 2, cpu });
        }
        let mut run = Run::new(RuntimeKind::CurrentThread, side, servers);
        run.add(life);
        run
    }

    #[test]
    fn costs_are_shared_out_among_the_operations() {
        let run = run(Side::Ours, 100, 30);
        assert_eq!(run.cpu(Phase::Kill).median, 30.0);
        assert_eq!(run.wall(Phase::Start).median, 60.0);
        assert_eq!(run.bytes().median, 1_000.0);
    }

    #[test]
    fn growth_counts_from_the_fewest_of_the_same_side() {
        let runs = [
            run(Side::Floor, 100, 10),
            run(Side::Ours, 100, 20),
            run(Side::Ours, 1_000, 30),
        ];
        assert_eq!(runs[2].growth(Phase::Call, &runs), Some(1.5));
        assert_eq!(runs[1].growth(Phase::Call, &runs), None);
    }
}
