//! The two tokio runtimes everything is measured on.

use std::fmt;

use clap::ValueEnum;
use tokio::runtime::{Builder, Runtime};

/// How many workers the multi_thread runtime has, whatever the machine.
const WORKERS: usize = 2;

/// One of the two runtimes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RuntimeKind {
    /// One thread: steady, so the lines must hold on it.
    #[value(name = "ct")]
    CurrentThread,
    /// Two workers: depends on where tokio places the tasks.
    #[value(name = "mt")]
    MultiThread,
}

impl RuntimeKind {
    /// Builds a runtime, with the timer that a call's time limit needs: for all contenders alike.
    ///
    /// # Panics
    ///
    /// Panics when the system has no threads to give.
    pub fn build(self) -> Runtime {
        let mut builder = match self {
            Self::CurrentThread => Builder::new_current_thread(),
            Self::MultiThread => Builder::new_multi_thread(),
        };
        builder
            .worker_threads(WORKERS)
            .enable_time()
            .build()
            .expect("the system has threads to give")
    }
}

impl fmt::Display for RuntimeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::CurrentThread => "ct",
            Self::MultiThread => "mt",
        })
    }
}
