//! Servers found by their names.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

use otp_bench::{Cost, Stopwatch};
use tokio::runtime::Runtime;

use super::messages::FLOOD;
use super::run;
use crate::peer::Names;

/// How many servers have names.
const SERVERS: u64 = 10_000;

/// Finds a server by its name and casts to it, again and again; then calls to know that all casts are handled.
pub(crate) fn lookup<P: Names>(runtime: &Runtime, operations: u64) -> Cost {
    run::<P, _>(runtime, async move {
        let peer = P::new();
        let names: Vec<String> = fresh(SERVERS).map(|n| format!("server-{n}")).collect();
        for name in &names {
            peer.start_named(name).await;
        }
        let order = order(&names);
        // As in otp-bench, the servers have had one flood before.
        floods(&peer, &order, &names, FLOOD).await;
        let watch = Stopwatch::start();
        floods(&peer, &order, &names, operations).await;
        watch.stop()
    })
}

async fn floods<P: Names>(peer: &P, order: &[&str], names: &[String], operations: u64) {
    let mut left = operations as usize;
    while left > 0 {
        let flood = left.min(order.len());
        for name in &order[..flood] {
            peer.cast_to(name, 1).await;
        }
        for name in names {
            peer.call_to(name, 0).await.expect("the server lives");
        }
        left -= flood;
    }
}

/// Numbers for so many names that nobody has used before: some libraries have one registry a program, and the servers of
/// the warm-up keep their names in it when their runtime has gone.
pub(super) fn fresh(names: u64) -> Range<u64> {
    static USED: AtomicU64 = AtomicU64::new(0);
    let first = USED.fetch_add(names, Ordering::Relaxed);
    first..first + names
}

/// The names of one flood, in an order that is the same for everybody and that no cache foresees.
fn order(names: &[String]) -> Vec<&str> {
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let draw = |_| {
        // xorshift: enough to look like chance.
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        &*names[(random % names.len() as u64) as usize]
    };
    (0..FLOOD).map(draw).collect()
}
