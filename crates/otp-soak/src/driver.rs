//! Drivers: each does one operation after the other, whatever comes to its mind.

mod calls;
mod deaths;
mod groups;
mod hostile;
mod links;
mod names;
mod servers;
mod stage;
mod supervisors;
mod tables;
mod tasks;
mod timers;

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use fastrand::Rng;
use otp_core::prelude::*;
use otp_core::process;
use tokio::time::timeout;

pub(crate) use self::stage::{Note, Stage};
pub(crate) use self::supervisors::EXTRAS;
use crate::world::World;

/// Something that is done to the world.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Operation {
    pub(crate) name: &'static str,
    /// How often it is done, next to the others.
    pub(crate) weight: usize,
    pub(crate) perform: Perform,
}

pub(crate) type Perform = fn(Stage, Mailbox<Note>) -> Performance;

pub(crate) type Performance = Pin<Box<dyn Future<Output = ()> + Send>>;

/// How long an operation may take. It has limits of its own for all it waits for, which are shorter.
const LIMIT: Duration = Duration::from_secs(300);

/// Everything that drivers do.
pub(crate) fn operations() -> Vec<Operation> {
    [
        calls::OPERATIONS,
        deaths::OPERATIONS,
        links::OPERATIONS,
        timers::OPERATIONS,
        names::OPERATIONS,
        groups::OPERATIONS,
        tables::OPERATIONS,
        supervisors::OPERATIONS,
        tasks::OPERATIONS,
        servers::OPERATIONS,
        hostile::OPERATIONS,
    ]
    .concat()
}

/// Does one operation after the other, each in a process of its own, until the round is over.
pub(crate) async fn drive(world: World, operations: Vec<Operation>, seed: u64) {
    let mut random = Rng::with_seed(seed);
    let weights: usize = operations.iter().map(|operation| operation.weight).sum();
    while !world.over.is_raised() {
        let number = pick(&operations, random.usize(..weights));
        let operation = operations[number];
        let stage = Stage::new(world.clone(), random.fork());
        let process = process::spawn(move |mailbox| (operation.perform)(stage, mailbox));
        if timeout(LIMIT, process.wait()).await.is_err() {
            let name = operation.name;
            world
                .ledger
                .complain(format!("the operation \"{name}\" hangs"));
            process::exit(&process, ExitReason::Kill);
        }
        world.ledger.did(number);
    }
}

/// The operation that `n` falls on, when each is as wide as its weight.
fn pick(operations: &[Operation], mut n: usize) -> usize {
    let falls_on = |operation: &Operation| {
        let here = n < operation.weight;
        n = n.saturating_sub(operation.weight);
        here
    };
    let at = operations.iter().position(falls_on);
    at.expect("the number is less than the sum of the weights")
}
