//! The characters and their supervisor as their users see them.
//!
//! This is the only file that calls and casts: who uses a character need not know that there are messages
//! at all. A [`Hero`] is a name and not a process: after a restart it finds the new one.

mod aftermath;
mod crowd;
mod visor;

pub use self::aftermath::Aftermath;
pub use self::crowd::{Crowd, RemoveError};
pub use self::visor::{SuperVisor, run};

use crate::boundary::{Call, Cast, Character, Entrance};
use otp_core::StopError;
use otp_core::prelude::*;
use std::time::Duration;

pub use crate::boundary::{Event, Stage};
pub use crate::core::{Limit, Role, UnknownCharacter};
pub use crate::supervision::{CROWD, DUO, Plan, SUPER_VISOR};

/// How long a character may take to stop when it is asked to.
const STOP_LIMIT: Duration = Duration::from_secs(5);

/// Whichever character has a name, looked up each time.
#[derive(Debug, Clone)]
pub struct Hero {
    server: ServerName<Character>,
}

impl Hero {
    /// The character of this name.
    pub fn named(name: impl Into<Name>) -> Self {
        Self {
            server: ServerName::new(name),
        }
    }

    /// Starts it without a supervisor, linked with the calling process: a crash of the one ends the other.
    ///
    /// # Errors
    ///
    /// [`StartError`] if the name is taken, or if nobody knows what the character says and no line is given.
    ///
    /// # Panics
    ///
    /// Outside a process, as everything here.
    pub async fn start_link(
        &self,
        line: Option<String>,
        trap: bool,
        stage: Stage,
    ) -> Result<Pid, StartError> {
        let name = self.server.name().clone();
        let entrance = Entrance {
            name: name.to_string(),
            line,
            trap,
            lives: 0,
            stage,
        };
        let started = Character::options().name(name).start_link(entrance).await;
        // If it has failed, and the caller does not trap exits, this is where the caller ends.
        tokio::task::yield_now().await;
        Ok(started?.pid())
    }

    /// What it says.
    ///
    /// # Errors
    ///
    /// [`CallError`] if nobody has the name, or whoever has it does not answer.
    pub async fn say(&self) -> Result<String, CallError> {
        self.server.call(Call::Say).await
    }

    /// Tells it to die, and does not wait for it. If nobody has the name, nobody hears it.
    pub fn die(&self) {
        self.server.cast(Cast::Die);
    }

    /// Tells it to die, and waits for an answer that cannot come.
    ///
    /// # Errors
    ///
    /// [`CallError`], always: with the reason of its death if it was alive.
    pub async fn die_by_call(&self) -> Result<(), CallError> {
        self.server.call(Call::Die).await
    }

    /// Stops it from outside, and waits until it is dead. Its supervisor may bring it back nevertheless.
    ///
    /// # Errors
    ///
    /// [`StopError`] if nobody has the name, or it does not end.
    pub async fn stop(&self, reason: ExitReason) -> Result<(), StopError> {
        self.server.stop_with(reason).timeout(STOP_LIMIT).await
    }

    /// The process that has the name now.
    pub fn whereis(&self) -> Option<Pid> {
        Some(self.server.whereis()?.pid())
    }
}
