//! Other systems give every program a terminal as it should be, and know no background.

use super::Turn;
use std::fs::File;
use std::io;

/// No notifications: this system has no job control.
#[derive(Debug)]
pub(crate) struct Listener;

impl Listener {
    pub(crate) fn start(_: impl Fn(Turn) -> bool + Send + Sync + 'static) -> io::Result<Self> {
        Ok(Self)
    }
}

/// No settings: the line editor keeps its own.
#[derive(Debug)]
pub(crate) struct Modes;

impl Modes {
    pub(crate) fn of_editor() -> Option<Self> {
        None
    }

    pub(crate) fn set_again(&self) {}

    pub(crate) fn wake(&self) {}
}

pub(crate) fn is_away() -> bool {
    false
}

pub(crate) fn is_ours() -> bool {
    true
}

pub(crate) fn hush() {}

pub(crate) fn output_is_gone(_: &io::Error) -> bool {
    false
}

pub(crate) fn input_is_gone(_: Option<i32>) -> bool {
    false
}

pub(crate) fn remember() {}

/// Returns whether the terminal is the program's.
pub(crate) fn restore() -> bool {
    true
}

pub(crate) fn mute() -> Option<File> {
    None
}

pub(crate) fn unmute(_: &File) {}
