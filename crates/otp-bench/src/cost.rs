//! What a piece of work cost: time on the wall, and time on the processors.

use std::ops::{Add, AddAssign};
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

/// What a piece of work cost.
///
/// Costs add up, so that a workload can stop its watch while it prepares what is not to be measured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cost {
    /// How long it took.
    pub wall: Duration,
    /// How long the processors worked for this process meanwhile, all threads together: more than [`wall`](Self::wall)
    /// when two workers share the work, less when both wait.
    pub cpu: Duration,
}

/// Measures a [`Cost`] from its start to its stop.
#[derive(Debug)]
#[must_use = "a watch that is never stopped measures nothing"]
pub struct Stopwatch {
    wall: Instant,
    cpu: Duration,
}

impl Cost {
    /// The same in nanoseconds an operation, first on the wall, then on the processors.
    pub fn per_operation(self, operations: u64) -> (f64, f64) {
        let per = |time: Duration| time.as_nanos() as f64 / operations as f64;
        (per(self.wall), per(self.cpu))
    }
}

impl Stopwatch {
    /// Starts to measure.
    pub fn start() -> Self {
        let cpu = processor_time();
        Self {
            wall: Instant::now(),
            cpu,
        }
    }

    /// Says what it has cost since the start.
    pub fn stop(self) -> Cost {
        let wall = self.wall.elapsed();
        Cost {
            wall,
            cpu: processor_time().saturating_sub(self.cpu),
        }
    }
}

impl Add for Cost {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            wall: self.wall + other.wall,
            cpu: self.cpu + other.cpu,
        }
    }
}

impl AddAssign for Cost {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

/// How long the processors have worked for this process so far.
fn processor_time() -> Duration {
    clock_gettime(ClockId::ProcessCPUTime)
        .try_into()
        .expect("a clock that starts at nothing is never before it")
}

#[cfg(test)]
mod tests {
    use std::hint::black_box;
    use std::time::Duration;

    use super::{Cost, Stopwatch};

    #[test]
    fn work_costs_both_kinds_of_time() {
        let watch = Stopwatch::start();
        black_box((0..1_000_000_u64).fold(0, |sum, n| sum ^ black_box(n)));
        let cost = watch.stop();
        assert!(cost.wall > Duration::ZERO);
        assert!(cost.cpu > Duration::ZERO);
    }

    #[test]
    fn costs_add_up_and_are_shared_out() {
        let cost = |wall, cpu| Cost {
            wall: Duration::from_nanos(wall),
            cpu: Duration::from_nanos(cpu),
        };
        let mut sum = cost(10, 20) + cost(30, 5);
        sum += cost(60, 175);
        assert_eq!(sum, cost(100, 200));
        assert_eq!(sum.per_operation(50), (2.0, 4.0));
    }
}
