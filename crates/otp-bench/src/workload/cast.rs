//! A flood of casts from one sender, then one call: when it is answered, all of them are handled.

use otp_core::prelude::*;
use otp_core::{MailboxLimit, TimeLimit};
use tokio::runtime::Runtime;
use tokio::sync::mpsc;

use super::{WarmUp, Workload};
use crate::cost::{Cost, Stopwatch};
use crate::floor::Message;
use crate::goal::Goal;
use crate::server::{Adder, Call, Cast};
use crate::{floor, server};

/// How many casts are sent before the sender waits for the server.
pub(super) const FLOOD: u64 = 100_000;

pub(crate) const CAST: Workload = Workload {
    name: "cast",
    operations: FLOOD * 6,
    step: 1,
    warm_up: WarmUp::AtLeast(FLOOD),
    goal: Goal::ratio(0.75, 0.90),
    floor,
    ours,
};

/// The same to a mailbox with a limit that is never reached.
pub(crate) const CAST_LIMITED: Workload = Workload {
    name: "cast, within a limit",
    ours: limited,
    ..CAST
};

fn floor(runtime: &Runtime, operations: u64) -> Cost {
    runtime.block_on(floor::run(async move {
        let server = floor::Server::start().await;
        let watch = Stopwatch::start();
        floor_floods(&server.sender, operations).await;
        watch.stop()
    }))
}

fn ours(runtime: &Runtime, operations: u64) -> Cost {
    runtime.block_on(server::run(async move {
        let server = server::start().await;
        let watch = Stopwatch::start();
        our_floods(&server, operations).await;
        watch.stop()
    }))
}

fn limited(runtime: &Runtime, operations: u64) -> Cost {
    runtime.block_on(server::run(async move {
        let limit = MailboxLimit::refuse(FLOOD as usize * 2);
        let server = Adder::options()
            .mailbox_limit(limit)
            .start(0)
            .await
            .expect("init of the benchmark's server cannot fail");
        let watch = Stopwatch::start();
        our_floods(&server, operations).await;
        watch.stop()
    }))
}

/// Sends so many casts, a flood at a time.
pub(super) async fn floor_floods(server: &mpsc::UnboundedSender<Message>, operations: u64) {
    for flood in floods(operations) {
        for n in 0..flood {
            floor::send(server, Message::Add(n));
        }
        floor::call(server, 0).await;
    }
}

/// The same for ours.
pub(super) async fn our_floods(server: &ServerRef<Adder>, operations: u64) {
    for flood in floods(operations) {
        for n in 0..flood {
            server.cast(Cast::Add(n));
        }
        // Under valgrind, and with somebody who hears spans, a flood takes longer than the usual limit.
        let answer = server.call(|from| Call::Total(0, from));
        let answer = answer.timeout(TimeLimit::Infinity).await;
        answer.expect("the benchmark's server runs");
    }
}

/// Cuts a number of casts into floods; the last may be smaller.
pub(super) fn floods(operations: u64) -> impl Iterator<Item = u64> + Send {
    (0..operations.div_ceil(FLOOD)).map(move |index| FLOOD.min(operations - index * FLOOD))
}

#[cfg(test)]
mod tests {
    use super::{FLOOD, floods};

    #[test]
    fn floods_add_up_to_the_casts_asked_for() {
        for operations in [0, 1, FLOOD, FLOOD + 1, 10 * FLOOD] {
            assert_eq!(floods(operations).sum::<u64>(), operations);
            assert!(floods(operations).all(|flood| flood <= FLOOD));
        }
    }
}
