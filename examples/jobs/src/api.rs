//! What the rest of the program asks the runner for. All of it works inside and outside of processes.

use otp_core::prelude::*;

use crate::boundary::queue::{Call, Queue};
use crate::core::Counts;
use crate::supervision::QUEUE;

/// A handle on the runner of a node.
#[derive(Debug)]
pub struct Jobs(ServerName<Queue>);

impl Jobs {
    /// The runner of this node.
    pub fn on(node: &Node) -> Self {
        Self(ServerName::new(QUEUE).on(node))
    }

    /// Adds a job; returns its number. When this returns the job is on the disk.
    ///
    /// # Errors
    ///
    /// [`CallError`] if the runner does not run, or the database refuses.
    pub async fn enqueue(&self, command: impl Into<String>) -> Result<i64, CallError> {
        let command = command.into();
        self.0.call(|from| Call::Enqueue(command, from)).await
    }

    /// Has the program end in order as soon as no job is left to be done.
    ///
    /// # Errors
    ///
    /// [`CallError`] if the runner does not run.
    pub async fn end_when_done(&self) -> Result<(), CallError> {
        self.0.call(Call::EndWhenDone).await
    }

    /// How many jobs are in which state.
    ///
    /// # Errors
    ///
    /// [`CallError`] if the runner does not run.
    pub async fn counts(&self) -> Result<Counts, CallError> {
        self.0.call(Call::Counts).await
    }
}
