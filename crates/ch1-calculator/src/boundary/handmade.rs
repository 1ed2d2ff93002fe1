//! A server made by hand: a process with a mailbox and a loop.

use crate::core::{self, Number, Op};
use otp_core::{
    Recipient,
    prelude::{Mailbox, ProcessRef},
    process,
};
use std::time::Duration;
use tokio::time::sleep;

// ANCHOR: messages
/// The messages of the calculator.
#[derive(Debug)]
pub enum Request {
    /// Change the total.
    Apply(Op),
    /// Send the total to this recipient.
    State(Recipient<Number>),
    /// Handle no message for this time, as a slow calculator would.
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

/// The loop of the process. Its state is the total.
async fn run(mut mailbox: Mailbox<Request>, mut total: Number) {
    loop {
        match mailbox.receive().await {
            Request::Apply(op) => total = core::apply(total, op),
            Request::State(recipient) => recipient.send(total.clone()),
            Request::Busy(time) => sleep(time).await,
        }
    }
}
// ANCHOR_END: process
