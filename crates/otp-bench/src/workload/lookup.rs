//! Ten thousand servers with names: one is found by its name and cast to, again and again.
//!
//! The servers have had one flood before. In the first one their mailboxes grow to the size that they need, where the
//! floor has got the memory for its channels as they were made: that is part of what a start or the first messages cost.

mod floor;
mod ours;

use super::{WarmUp, Workload};
use crate::goal::Goal;

/// How many servers have names.
const SERVERS: u64 = 10_000;

/// How many casts are sent before the sender waits for the servers.
const FLOOD: u64 = 100_000;

pub(crate) const LOOKUP: Workload = Workload {
    name: "lookup+cast",
    operations: FLOOD * 2,
    // The calls at the end of a flood belong to a whole one: a tenth of a call a cast.
    step: FLOOD,
    warm_up: WarmUp::Tenth,
    goal: Goal::ratio(0.65, 0.80),
    floor: floor::casts,
    ours: ours::casts,
};

/// Which servers a flood visits: the same at each time, and in an order that no cache foresees.
fn visits() -> Vec<usize> {
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let draw = |_| {
        // An xorshift is chance enough.
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        (random % SERVERS) as usize
    };
    (0..FLOOD).map(draw).collect()
}

fn name(index: u64) -> String {
    format!("server-{index}")
}

#[cfg(test)]
mod tests {
    use super::{SERVERS, visits};

    #[test]
    fn nearly_every_server_is_visited_and_none_much_more_than_others() {
        let mut counts = vec![0; SERVERS as usize];
        for index in visits() {
            counts[index] += 1;
        }
        assert!(counts.iter().filter(|count| **count == 0).count() < 10);
        assert!(counts.iter().all(|count| *count < 40));
    }
}
