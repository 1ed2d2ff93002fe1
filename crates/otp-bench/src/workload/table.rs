//! A table of ten thousand numbers that two processes use at the same time, beside a `DashMap`.

mod floor;
mod ours;

use super::{WarmUp, Workload};
use crate::goal::Goal;

const KEYS: u64 = 10_000;

const USERS: u64 = 2;

pub(crate) const TABLE_LOOKUP: Workload = Workload {
    name: "table lookup",
    goal: Goal::ratio(1.50, 2.00),
    floor: |runtime, operations| {
        floor::uses(runtime, operations, |map, key| {
            map.get(&key).map_or(0, |number| *number)
        })
    },
    ours: |runtime, operations| {
        ours::uses(runtime, operations, |table, key| {
            table.lookup(&key).ok().flatten().unwrap_or(0)
        })
    },
    ..TABLE_COUNT
};

pub(crate) const TABLE_INSERT: Workload = Workload {
    name: "table insert",
    goal: Goal::ratio(1.50, 2.00),
    floor: |runtime, operations| {
        floor::uses(runtime, operations, |map, key| {
            map.insert(key, key).unwrap_or(0)
        })
    },
    ours: |runtime, operations| {
        ours::uses(runtime, operations, |table, key| {
            table.insert(key, key).map_or(0, |()| key)
        })
    },
    ..TABLE_COUNT
};

pub(crate) const TABLE_COUNT: Workload = Workload {
    name: "table update_counter",
    operations: 1_000_000,
    step: USERS,
    warm_up: WarmUp::Tenth,
    goal: Goal::ratio(1.50, 2.00),
    floor: |runtime, operations| {
        floor::uses(runtime, operations, |map, key| {
            map.get_mut(&key).map_or(0, |mut number| {
                *number += 1;
                *number
            })
        })
    },
    ours: |runtime, operations| {
        ours::uses(runtime, operations, |table, key| {
            table.update_counter(&key, 1).ok().flatten().unwrap_or(0)
        })
    },
};

/// The keys that one of the users takes one after the other.
fn keys(user: u64, operations: u64) -> impl Iterator<Item = u64> {
    // A prime that has no divisor in common with the number of keys: all of them, in an order that looks like none.
    (0..operations / USERS).map(move |n| (user + n).wrapping_mul(7_919) % KEYS)
}
