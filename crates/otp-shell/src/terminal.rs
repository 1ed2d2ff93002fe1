//! The terminal, for programs that draw on it: whose it is, how it is set, and how it was set before.
//!
//! A program has the terminal while it is in the foreground. Ctrl-Z, `bg` and `fg` take it away and give it back. Who
//! draws on it without asking draws over somebody else's work. [`Stage`] asks.

#[cfg(not(unix))]
mod elsewhere;
#[cfg(unix)]
mod unix;

#[cfg(not(unix))]
use self::elsewhere as system;
#[cfg(unix)]
use self::unix as system;

pub use self::system::Stage;
pub(crate) use self::system::{mute, remember, restore};

/// What happens to a program on a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Ctrl-Z: the program is to leave the terminal as it has found it, and then call [`Stage::suspend`].
    Suspend,
    /// The program goes on after it was stopped, in the foreground or in the background. What it had drawn is somewhere
    /// on the terminal, with other things below it.
    Resume,
}
