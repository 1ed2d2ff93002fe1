//! What happens to the characters, for the one who watches.

use otp_core::{Exit, ExitReason, Pid};
use std::fmt;
use std::sync::Arc;

/// Something has happened. The process that it has happened to tells it before it goes on.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A character or a supervisor starts.
    Start {
        /// Its name.
        name: String,
        /// Its process.
        pid: Pid,
        /// Whether there was one before it in its place.
        again: bool,
    },
    /// The last words of a character: its name, and why it ends.
    Mayday(String, ExitReason),
    /// A character has ended after last words that took a while: its name.
    Gone(String),
    /// A character that traps exits has got an exit signal from another process than its parent, and stays.
    Shrug(String, Exit),
}

/// Where all processes tell what happens. Clones are the same stage.
#[derive(Clone)]
pub struct Stage(Arc<dyn Fn(Event) + Send + Sync>);

impl Stage {
    /// A stage that hands each event to `tell`, which must not block: a process waits for it.
    pub fn new(tell: impl Fn(Event) + Send + Sync + 'static) -> Self {
        Self(Arc::new(tell))
    }

    /// Tells what has happened.
    pub fn tell(&self, event: Event) {
        (self.0)(event);
    }
}

impl fmt::Debug for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Stage")
    }
}
