//! What happens on the stage, for whoever watches.

use otp_core::{Exit, ExitReason, Pid};
use std::fmt;
use std::sync::Arc;

/// Something has happened, and its process tells it before it goes on.
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
    /// The last words of a character.
    Mayday {
        /// Its name.
        name: String,
        /// Why it goes.
        reason: ExitReason,
    },
    /// A character that traps exits has got the exit signal of a stranger, and stays.
    Shrug {
        /// Its name.
        name: String,
        /// The signal.
        exit: Exit,
    },
    /// The egg timer under the supervisor has something to tell.
    Kitchen(ch2_egg_timer::boundary::Event),
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
