//! The calculator made by hand, as functions.

use crate::boundary::handmade::{Request, start};
use crate::core::{Number, Op};
use otp_core::Recipient;
use otp_core::prelude::*;
use std::time::Duration;

// ANCHOR: api
/// A calculator made by hand.
#[derive(Debug, Clone)]
pub struct Handmade(ProcessRef<Request>);

/// No total came. The calculator may be slow or dead: the asker cannot know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no answer within {}", humantime::format_duration(*.0))]
pub struct NoAnswer(pub Duration);

impl Handmade {
    /// Starts a calculator that is linked to no other process.
    pub fn start(initial: Number) -> Self {
        Self(start(initial))
    }

    /// The calculator made by hand that has this pid, if it runs.
    pub fn find(node: &Node, pid: Pid) -> Option<Self> {
        node.process_ref(pid).map(Self)
    }

    /// Sends an operation. No answer comes.
    pub fn apply(&self, op: Op) {
        self.0.send(Request::Apply(op));
    }

    /// Asks for the total, which is sent to `asker`.
    pub fn ask(&self, asker: Recipient<Number>) {
        self.0.send(Request::State(asker));
    }

    /// Asks for the total and waits for the answer. It takes the first total in the mailbox.
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

    /// The process. A duration that is sent to it keeps it busy for that long.
    pub fn process(&self) -> Recipient<Duration> {
        Recipient::from(&self.0).map(Request::Busy)
    }
}
// ANCHOR_END: api
