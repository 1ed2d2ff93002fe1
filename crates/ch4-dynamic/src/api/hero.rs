//! One character.

use crate::boundary::{Call, Cast, Character};
use crate::core::Lines;
use otp_core::prelude::*;

/// Whichever character has a name, looked up each time.
#[derive(Debug, Clone)]
pub struct Hero {
    server: ServerName<Character>,
}

impl Hero {
    /// The character of this name, whatever kind of name it is.
    pub fn named(name: Name) -> Self {
        Self {
            server: ServerName::new(name),
        }
    }

    /// As [`named`](Self::named), looked up on that node.
    pub fn named_on(name: Name, node: &Node) -> Self {
        Self {
            server: ServerName::new(name).on(node),
        }
    }

    /// What it says.
    ///
    /// # Errors
    ///
    /// [`CallError`] if nobody has the name, or whoever has it does not answer.
    ///
    /// # Panics
    ///
    /// Outside a process, as everything here.
    pub async fn say(&self) -> Result<Lines, CallError> {
        self.server.call(Call::Say).await
    }

    /// Teaches it a line.
    ///
    /// # Errors
    ///
    /// As for [`say`](Self::say).
    pub async fn learn(&self, line: String) -> Result<(), CallError> {
        self.server.call(|from| Call::Learn(line, from)).await
    }

    /// Teaches it a line of which it dies.
    pub fn learn_and_die(&self, line: String) {
        self.server.cast(Cast::LearnAndDie(line));
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

    /// The process that has the name now.
    pub fn whereis(&self) -> Option<Pid> {
        Some(self.server.whereis()?.pid())
    }
}
