//! Other systems give every program a terminal as it should be, and know no background.

use super::Turn;
use std::fs::File;
use std::io;

/// No notifications: this system has no job control.
#[derive(Debug)]
pub(crate) struct Listener;

impl Listener {
    pub(crate) fn start(_: impl Fn(Turn) + Send + 'static) -> io::Result<Self> {
        Ok(Self)
    }
}

pub(crate) fn is_ours() -> bool {
    true
}

/// Hides typed text. Returns whether that worked.
pub(crate) fn hush() -> bool {
    false
}

pub(crate) fn suspend() -> bool {
    false
}

pub(crate) fn remember() {}

pub(crate) fn restore() {}

pub(crate) fn mute() -> Option<File> {
    None
}
