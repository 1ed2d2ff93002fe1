//! What an alarm does when it rings.

use otp_core::prelude::*;
use otp_core::{MonitorRef, process};
use std::fmt;
use std::pin::Pin;

/// What to do when an alarm rings. Its owner is told in any case.
#[derive(Debug)]
pub enum OnRing {
    /// Tell the owner, with a message if there is one.
    Tell(Option<String>),
    /// Tell the owner and run an action.
    Run(Action),
}

impl OnRing {
    /// What to say, and what to run.
    pub(super) fn parts(self) -> (Option<String>, Option<Action>) {
        match self {
            Self::Tell(message) => (message, None),
            Self::Run(action) => (None, Some(action)),
        }
    }
}

/// Code that runs when an alarm rings, in a process of its own.
///
/// It may panic, and it may take for ever: the egg timer and its other alarms go on. When the
/// timer stops, actions that still run are ended.
pub struct Action(Box<dyn FnOnce() -> Running + Send>);

type Running = Pin<Box<dyn Future<Output = ()> + Send>>;

impl Action {
    /// Makes an action of an async closure or function.
    pub fn new<F, R>(action: F) -> Self
    where
        F: FnOnce() -> R + Send + 'static,
        R: Future<Output = ()> + Send + 'static,
    {
        Self(Box::new(|| Box::pin(action())))
    }

    /// Runs the action in the current process, and lives with what comes of it.
    pub(super) async fn run(self) {
        (self.0)().await;
    }

    /// Runs the action in a process which the current one watches, but is not linked to.
    pub(super) fn spawn(self) -> (Pid, MonitorRef) {
        // The closure is called inside the new process: even its first line may panic.
        let (process, monitor) = process::spawn_monitor(|_: Mailbox<Never>| (self.0)());
        (process.pid(), monitor)
    }
}

impl fmt::Debug for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Action")
    }
}
