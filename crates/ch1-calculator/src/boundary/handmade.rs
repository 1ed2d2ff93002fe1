//! A server made by hand: a process, a mailbox, a loop.

use crate::core::{self, Number, Op};
use otp_core::{
    Recipient,
    prelude::{Mailbox, ProcessRef},
    process,
};
use std::time::Duration;
use tokio::time::sleep;

// ANCHOR: messages
/// The messages that the calculator understands.
#[derive(Debug)]
pub enum Request {
    /// Change the total.
    Apply(Op),
    /// Send the total to this mailbox.
    State(Recipient<Number>),
    /// Do nothing else for this long: a slow calculator.
    Busy(Duration),
}
// ANCHOR_END: messages

// ANCHOR: process
/// Starts a calculator. It is linked to no other process.
///
/// # Panics
///
/// Outside of a process.
pub fn start(initial: Number) -> ProcessRef<Request> {
    process::spawn(move |mailbox| run(mailbox, initial))
}

/// The loop. The total that it carries from one round to the next is its whole state.
async fn run(mut mailbox: Mailbox<Request>, mut total: Number) {
    loop {
        match mailbox.receive().await {
            Request::Apply(op) => total = core::apply(total, op),
            Request::State(asker) => asker.send(total.clone()),
            Request::Busy(time) => sleep(time).await,
        }
    }
}
// ANCHOR_END: process
