//! How long single operations take, where it is not their mean that counts.

use std::future::Future;
use std::time::{Duration, Instant};

use crate::cost::Cost;

/// The times of the operations of one client, or of several together.
#[derive(Debug, Default)]
pub(super) struct Times(Vec<Duration>);

impl Times {
    pub(super) fn of(operations: u64) -> Self {
        Self(Vec::with_capacity(operations as usize))
    }

    /// Runs an operation and notes how long it takes.
    pub(super) async fn take<T>(&mut self, operation: impl Future<Output = T>) -> T {
        let begun = Instant::now();
        let value = operation.await;
        self.0.push(begun.elapsed());
        value
    }

    pub(super) fn add(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// The cost of as many operations, if each took as long as the one that so many of a thousand are no slower than. The time
    /// of the processors stays that of all of them together.
    pub(super) fn at(mut self, permille: usize, all: Cost) -> Cost {
        self.0.sort_unstable();
        let place = (self.0.len() * permille / 1_000).min(self.0.len() - 1);
        let operations = u32::try_from(self.0.len()).expect("a sample has fewer operations");
        Cost {
            wall: self.0[place] * operations,
            cpu: all.cpu,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Times;
    use crate::cost::Cost;

    fn check(permille: usize, nanos: f64) {
        let times = (0..1_000).rev().map(Duration::from_nanos).collect();
        let cost = Times(times).at(permille, Cost::default());
        assert_eq!(cost.per_operation(1_000).0, nanos);
    }

    #[test]
    fn the_time_at_a_place_does_not_depend_on_the_order() {
        check(0, 0.0);
        check(500, 500.0);
        check(999, 999.0);
        check(1_000, 999.0);
    }
}
