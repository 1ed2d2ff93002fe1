//! A server made by hand: a process, a mailbox, a loop.
//!
//! It works, and it shows what a GenServer is for. Nobody is told when an operation has failed. An
//! answer carries nothing that says which question it belongs to, so whoever gave up waiting takes
//! the late answer for the next one. And the answer goes into the asker's own mailbox, among
//! everything else that arrives there.

use crate::core::{self, Number, Op};
use otp_core::{
    prelude::{Down, Mailbox, ProcessRef},
    process,
};
use std::time::Duration;
use tokio::time::sleep;

/// What the calculator understands.
#[derive(Debug)]
pub enum Request {
    /// Change the total.
    Apply(Op),
    /// Tell the total, to the mailbox of whoever asks.
    State(ProcessRef<Letter>),
    /// Do nothing else for this long: a slow calculator, to see what that does to others.
    Busy(Duration),
    /// End in good order.
    Stop,
}

/// What a client of a calculator finds in its mailbox.
#[derive(Debug)]
pub enum Letter {
    /// The total, at the time when somebody asked for it.
    State(Number),
    /// A process that is being watched has ended.
    Down(Down),
}

/// Starts a calculator. It is linked to nobody: when it crashes, only the report says so.
///
/// # Panics
///
/// Outside a process.
pub fn start(initial: Number) -> ProcessRef<Request> {
    process::spawn(move |mailbox| run(mailbox, initial))
}

/// The loop. What it carries from one round to the next is all the state there is.
async fn run(mut mailbox: Mailbox<Request>, mut total: Number) {
    while let Some(next) = listen(&mut mailbox, total).await {
        total = next;
    }
}

/// Handles one message; returns the total after it, or `None` if it was the last.
async fn listen(mailbox: &mut Mailbox<Request>, total: Number) -> Option<Number> {
    match mailbox.receive().await {
        Request::Apply(op) => Some(core::apply(total, op)),
        Request::State(asker) => {
            asker.send(Letter::State(total.clone()));
            Some(total)
        }
        Request::Busy(time) => {
            sleep(time).await;
            Some(total)
        }
        Request::Stop => None,
    }
}
