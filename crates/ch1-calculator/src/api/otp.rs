//! The API of the calculator that is a GenServer.

use crate::boundary::otp::{self, Busy, Call};
use crate::core::{Number, Op};
use otp_core::Recipient;
use otp_core::prelude::*;
use std::time::Duration;

// ANCHOR: api
/// A handle to a calculator that is a GenServer.
#[derive(Debug, Clone)]
pub struct Calculator(ServerRef<otp::Calculator>);

impl Calculator {
    /// Starts a calculator that is linked to no other process.
    ///
    /// # Errors
    ///
    /// [`StartError`], as for every start. This `init` itself does not fail.
    pub async fn start(initial: Number) -> Result<Self, StartError> {
        otp::Calculator::start(initial).await.map(Self)
    }

    /// Starts a calculator that is linked to the calling process: if one crashes, so does the other.
    ///
    /// # Errors
    ///
    /// As for [`start`](Self::start).
    pub async fn start_link(initial: Number) -> Result<Self, StartError> {
        otp::Calculator::start_link(initial).await.map(Self)
    }

    /// Sends an operation, without an answer.
    pub fn apply(&self, op: Op) {
        self.0.cast(op);
    }

    /// Asks for the total and waits for the answer.
    ///
    /// # Errors
    ///
    /// [`CallError`] if no answer arrived within `timeout`, or the server is dead or dies.
    pub async fn state(&self, timeout: Duration) -> Result<Number, CallError> {
        self.0.call(Call::State).timeout(timeout).await
    }

    /// The process. A duration that is sent to it keeps it busy for that time.
    pub fn process(&self) -> Recipient<Duration> {
        Recipient::from(&self.0).map(Busy)
    }
}
// ANCHOR_END: api
