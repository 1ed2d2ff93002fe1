//! The terminal: whose it is, how it is set, and how it was set before.
//!
//! A program has the terminal while it is in the foreground. Ctrl-Z, `bg` and `fg` take it away and give it back. A program
//! that draws without asking draws over somebody else's work.

#[cfg(not(unix))]
mod elsewhere;
#[cfg(unix)]
mod unix;

#[cfg(not(unix))]
pub(crate) use self::elsewhere::{Listener, hush, is_ours, mute, remember, restore, suspend};
#[cfg(unix)]
pub(crate) use self::unix::{Listener, hush, is_ours, mute, remember, restore, suspend};

/// What happens to a program that has a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Ctrl-Z: the program is to clear what it has drawn, and then to call [`suspend`].
    Suspend,
    /// The program goes on after it was stopped, in the foreground or in the background. What it had drawn is somewhere
    /// on the terminal, with other things below it.
    Resume,
}
