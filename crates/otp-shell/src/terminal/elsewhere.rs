//! Other systems give every program a terminal as it should be, and know no background.

use super::Turn;
use std::fs::File;
use std::io::{self, IsTerminal};

/// A terminal to draw on.
#[derive(Debug)]
pub struct Stage(());

impl Stage {
    /// Standard output, if it is a terminal.
    #[must_use]
    pub fn open(_: impl Fn(Turn) + Send + 'static) -> Option<Self> {
        io::stdout().is_terminal().then_some(Self(()))
    }

    /// Whether the program is in the foreground.
    #[must_use]
    pub fn is_ours(&self) -> bool {
        true
    }

    /// Shows nothing of what is typed from now on. Returns whether that worked.
    pub fn hush(&self) -> bool {
        false
    }

    /// Sets the terminal as it was before.
    pub fn restore(&self) {}

    /// Stops the program until it is told to go on.
    pub fn suspend(&self) {}
}

pub(crate) fn remember() {}

pub(crate) fn restore() {}

pub(crate) fn mute() -> Option<File> {
    None
}
