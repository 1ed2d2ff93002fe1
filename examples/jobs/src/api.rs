//! The API of the job runner. Its functions work inside and outside of processes.

use otp_core::prelude::*;

use crate::boundary::queue::{Call, Queue};
use crate::core::Counts;
use crate::supervision::QUEUE;

/// A handle to the runner of a node.
#[derive(Debug)]
pub struct Jobs(ServerName<Queue>);

impl Jobs {
    /// The runner of this node.
    pub fn on(node: &Node) -> Self {
        Self(ServerName::new(QUEUE).on(node))
    }

    /// Adds a job and returns its number. The job is on the disk when this returns.
    ///
    /// # Errors
    ///
    /// [`CallError`] if the runner does not run, or the database has an error.
    pub async fn enqueue(&self, command: impl Into<String>) -> Result<i64, CallError> {
        let command = command.into();
        self.0.call(|from| Call::Enqueue(command, from)).await
    }

    /// Stops the program when all jobs are done or parked.
    ///
    /// # Errors
    ///
    /// [`CallError`] if the runner does not run.
    pub async fn end_when_done(&self) -> Result<(), CallError> {
        self.0.call(Call::EndWhenDone).await
    }

    /// The number of jobs in each state.
    ///
    /// # Errors
    ///
    /// [`CallError`] if the runner does not run.
    pub async fn counts(&self) -> Result<Counts, CallError> {
        self.0.call(Call::Counts).await
    }
}
