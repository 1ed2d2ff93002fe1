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

// ANCHOR: action
/// Code that runs when an alarm rings, in a process of its own: it may panic, and it may take for ever.
pub struct Action(Pin<Box<dyn Future<Output = ()> + Send>>);

impl Action {
    /// Makes an action of an `async` block.
    pub fn new(action: impl Future<Output = ()> + Send + 'static) -> Self {
        Self(Box::pin(action))
    }

    /// Runs the action in a process that the current one monitors and is not linked to.
    pub(super) fn spawn(self) -> (Pid, MonitorRef) {
        let (process, monitor) = process::spawn_monitor(|_: Mailbox<Never>| self.0);
        (process.pid(), monitor)
    }
}
// ANCHOR_END: action

impl fmt::Debug for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Action")
    }
}
