//! Servers that pass tokens on: around a ring, or to and fro between two.

use otp_bench::{Cost, Stopwatch};
use tokio::runtime::Runtime;
use tokio::sync::mpsc;

use super::run;
use crate::peer::Members;

/// How many servers the ring has.
const RING: u64 = 100;

/// How many pairs play at the same time.
const PAIRS: u64 = 1_000;

/// One token around one ring.
pub(crate) fn ring<P: Members>(runtime: &Runtime, operations: u64) -> Cost {
    rings::<P>(runtime, operations, 1, RING)
}

/// A token in each of many rings of two.
pub(crate) fn pairs<P: Members>(runtime: &Runtime, operations: u64) -> Cost {
    rings::<P>(runtime, operations, PAIRS, 2)
}

fn rings<P: Members>(runtime: &Runtime, operations: u64, rings: u64, members: u64) -> Cost {
    run::<P, _>(runtime, async move {
        let peer = P::new();
        let (rest, mut at_rest) = mpsc::unbounded_channel();
        let mut first = Vec::new();
        let mut kept = Vec::new();
        for _ in 0..rings {
            let mut ring = Vec::new();
            for _ in 0..members {
                ring.push(peer.member(rest.clone()).await);
            }
            for (index, member) in ring.iter().enumerate() {
                let next = ring[(index + 1) % ring.len()].clone();
                P::introduce(member, next).await;
            }
            first.push(ring[0].clone());
            kept.extend(ring);
        }
        let watch = Stopwatch::start();
        for member in &first {
            // A token is handled once more than it is passed on.
            P::hand(member, operations / rings - 1).await;
        }
        for _ in 0..rings {
            at_rest.recv().await.expect("members live on with a sender");
        }
        watch.stop()
    })
}
