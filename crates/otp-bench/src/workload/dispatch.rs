//! A message to each of a thousand subscribers of a topic, until all of them have handled it.

mod floor;
mod ours;
mod topics;

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Notify;

use super::{WarmUp, Workload};
use crate::goal::Goal;

const SUBSCRIBERS: u64 = 1_000;

const TOPIC: &str = "news";

pub(crate) const DISPATCH: Workload = Workload {
    name: "dispatch to 1,000",
    operations: SUBSCRIBERS * 200,
    step: SUBSCRIBERS,
    warm_up: WarmUp::Tenth,
    goal: Goal::ratio(1.00, 1.50),
    floor: floor::dispatches,
    ours: ours::dispatches,
};

pub(crate) const BROADCAST: Workload = Workload {
    name: "broadcast to 1,000",
    ours: topics::broadcasts,
    ..DISPATCH
};

/// Counts who has handled a message.
#[derive(Debug, Default)]
struct Tally {
    handled: AtomicU64,
    all: Notify,
}

impl Tally {
    /// One more has.
    fn handled(&self) {
        let handled = self.handled.fetch_add(1, Ordering::Relaxed) + 1;
        if handled.is_multiple_of(SUBSCRIBERS) {
            self.all.notify_one();
        }
    }

    /// Waits until all have.
    async fn all(&self) {
        self.all.notified().await;
    }
}
