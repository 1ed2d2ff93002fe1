//! What happens to the characters, for whoever watches.

use otp_core::{ExitReason, Pid};
use std::fmt;
use std::sync::Arc;

/// Something has happened, and its process tells it before it goes on.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A process of the project starts.
    Start {
        /// Its name.
        name: String,
        /// Its pid.
        pid: Pid,
        /// Whether there was one before it in its place.
        again: bool,
    },
    /// A character goes, in one way or another, and has time for last words.
    Goes {
        /// Its name.
        name: String,
        /// Why.
        reason: ExitReason,
    },
    /// It has said its last words.
    Gone {
        /// Its name.
        name: String,
    },
}

/// Where everybody tells what happens. Clones are the same stage.
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
