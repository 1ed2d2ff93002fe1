//! The map that many use for what a table is for.

use std::hint::black_box;
use std::sync::Arc;

use dashmap::DashMap;
use tokio::runtime::Runtime;

use super::{KEYS, USERS, keys};
use crate::cost::{Cost, Stopwatch};
use crate::floor;

type Map = DashMap<u64, u64>;

pub(super) fn uses(runtime: &Runtime, operations: u64, one: fn(&Map, u64) -> u64) -> Cost {
    runtime.block_on(floor::run(async move {
        let map: Arc<Map> = Arc::new((0..KEYS).map(|key| (key, key)).collect());
        let watch = Stopwatch::start();
        let users: Vec<_> = (0..USERS)
            .map(|user| {
                let map = map.clone();
                floor::spawn(async move {
                    for key in keys(user, operations) {
                        black_box(one(&map, key));
                    }
                })
            })
            .collect();
        for user in users {
            user.await.expect("a floor client does not panic");
        }
        watch.stop()
    }))
}
