//! The API of the calculator made by hand.

use crate::boundary::handmade::{Request, start};
use crate::core::{Number, Op};
use otp_core::Recipient;
use otp_core::prelude::*;
use std::time::Duration;

// ANCHOR: api
/// A handle to a calculator made by hand.
#[derive(Debug, Clone)]
pub struct Handmade(ProcessRef<Request>);

/// No total arrived in time. The calculator is slow or dead; the caller cannot tell the two apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no answer within {}", humantime::format_duration(*.0))]
pub struct NoAnswer(pub Duration);

impl Handmade {
    /// Starts a calculator that is linked to no other process.
    pub fn start(initial: Number) -> Self {
        Self(start(initial))
    }

    /// Returns the calculator with this pid, if it runs.
    pub fn find(node: &Node, pid: Pid) -> Option<Self> {
        node.process_ref(pid).map(Self)
    }

    /// Sends an operation, without an answer.
    pub fn apply(&self, op: Op) {
        self.0.send(Request::Apply(op));
    }

    /// Asks for the total. The calculator sends it to `recipient`.
    pub fn ask(&self, recipient: Recipient<Number>) {
        self.0.send(Request::State(recipient));
    }

    /// Asks for the total and waits for the answer: the first total in the mailbox.
    ///
    /// # Errors
    ///
    /// [`NoAnswer`] after `timeout`.
    pub async fn state(
        &self,
        me: &mut Mailbox<Number>,
        timeout: Duration,
    ) -> Result<Number, NoAnswer> {
        self.ask(Recipient::from(&me.me()));
        let answer = me.receive().timeout(timeout).await;
        answer.ok_or(NoAnswer(timeout))
    }

    /// The process. A duration that is sent to it keeps it busy for that time.
    pub fn process(&self) -> Recipient<Duration> {
        Recipient::from(&self.0).map(Request::Busy)
    }
}
// ANCHOR_END: api
