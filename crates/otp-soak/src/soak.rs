//! Round after round.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use otp_core::Node;
use tokio::runtime::{Builder, Runtime};

use crate::driver::{self, Operation};
use crate::hostile;
use crate::ledger::Ledger;
use crate::listener;
use crate::plan::Plan;
use crate::report::{Leftover, Report};
use crate::round::{self, Figures, Setting};
use crate::stop::Stop;

/// How many threads there are, whatever the machine: enough for some of them to be blocked.
const WORKERS: usize = 4;

/// How long the world may take to come to rest, and to be gone. It takes no time, but for what is under way; and that has
/// limits of its own.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long is waited before memory is looked at: a task is freed a moment after its process is gone.
const MOMENT: Duration = Duration::from_millis(20);

/// A soak that has not begun.
#[derive(Debug)]
pub struct Soak {
    plan: Plan,
    stop: Stop,
    bytes: fn() -> usize,
    node: Node,
    ledger: Arc<Ledger>,
    operations: Vec<Operation>,
    patience: Duration,
}

impl Soak {
    /// A soak that ends early when `stop` is raised, and that learns from `bytes` how much memory is in use.
    #[must_use]
    pub fn new(plan: Plan, stop: Stop, bytes: fn() -> usize) -> Self {
        Self::of("", plan, stop, bytes)
    }

    /// A soak in which only those things are done that have this word in their names.
    #[must_use]
    pub fn of(only: &str, plan: Plan, stop: Stop, bytes: fn() -> usize) -> Self {
        let mut operations = driver::operations();
        operations.retain(|operation| operation.name.contains(only));
        Self::with(plan, stop, bytes, operations)
    }

    pub(crate) fn with(
        plan: Plan,
        stop: Stop,
        bytes: fn() -> usize,
        operations: Vec<Operation>,
    ) -> Self {
        hostile::expect_blows();
        Self {
            plan,
            stop,
            bytes,
            node: Node::new(),
            ledger: Arc::new(Ledger::new(operations.len())),
            operations,
            patience: PATIENCE,
        }
    }

    /// Where everything is written down, for whoever wants to follow.
    #[must_use]
    pub fn ledger(&self) -> Arc<Ledger> {
        self.ledger.clone()
    }

    /// The node that is soaked.
    #[must_use]
    pub fn node(&self) -> Node {
        self.node.clone()
    }

    /// Plays all rounds, and tells how it was.
    ///
    /// # Panics
    ///
    /// Panics when the system gives it no threads.
    #[must_use]
    pub fn run(self) -> Report {
        let at_first = (self.bytes)();
        let runtime = self.runtime();
        let mut report = Report::new(self.plan, at_first);
        for round in 1..=self.plan.rounds {
            if self.stop.is_raised() {
                break;
            }
            let seed = self.plan.seed.wrapping_add(u64::from(round) << 32);
            let played = runtime.block_on(self.node.run(round::play(self.setting(seed))));
            match played {
                Ok(Ok(figures)) => report.leftovers.extend(leftovers(round, &figures)),
                Ok(Err(reason)) | Err(reason) => {
                    self.ledger
                        .complain(format!("round {round} ended with {reason}"));
                    break;
                }
            }
            pause();
            report.bytes.push((self.bytes)());
        }
        report.was_interrupted = self.stop.is_raised();
        drop(runtime);
        let names = self.operations.iter().map(|operation| operation.name);
        report.operations = names.zip(self.ledger.operations()).collect();
        report.close(&self.ledger);
        report
    }

    fn setting(&self, seed: u64) -> Setting {
        Setting {
            ledger: self.ledger.clone(),
            operations: self.operations.clone(),
            length: self.plan.round(),
            drivers: self.plan.drivers,
            seed,
            stop: self.stop.clone(),
            patience: self.patience,
        }
    }

    /// A runtime whose threads all listen to reports.
    fn runtime(&self) -> Runtime {
        let listener = listener::new(self.ledger.clone());
        Builder::new_multi_thread()
            .worker_threads(WORKERS)
            .enable_time()
            .on_thread_start(move || listener::enter(&listener))
            .on_thread_stop(listener::leave)
            .build()
            .expect("the system has threads to give")
    }
}

#[allow(
    clippy::disallowed_methods,
    reason = "no process runs on this thread, and those on the others are to come to their ends meanwhile"
)]
fn pause() {
    thread::sleep(MOMENT);
}

/// Where the figures of a round are not as they should be.
fn leftovers(round: u32, figures: &Figures) -> Vec<Leftover> {
    let moments = [
        ("at rest", &figures.at_rest),
        ("at the end", &figures.at_the_end),
    ];
    let mut leftovers = Vec::new();
    for (moment, (expected, found)) in moments {
        for ((what, expected), (_, found)) in expected.rows().into_iter().zip(found.rows()) {
            if found != expected {
                leftovers.push(Leftover {
                    round,
                    moment,
                    what,
                    expected,
                    found,
                });
            }
        }
    }
    leftovers
}

#[cfg(test)]
mod tests;
