//! The terminal: whose it is, how it is set, and how it was set before.
//!
//! A program has the terminal while it is in the foreground. Ctrl-Z, `bg` and `fg` take it away and give it back. A program
//! that draws without asking draws over somebody else's work.

#[cfg(not(unix))]
mod elsewhere;
#[cfg(unix)]
mod unix;

#[cfg(not(unix))]
pub(crate) use self::elsewhere::{
    Listener, Modes, hush, input_is_gone, is_away, is_ours, mute, output_is_gone, remember,
    restore, unmute,
};
#[cfg(unix)]
pub(crate) use self::unix::{
    Listener, Modes, hush, input_is_gone, is_away, is_ours, mute, output_is_gone, remember,
    restore, size, unmute,
};

/// What happens to a program that has a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Ctrl-Z: the program is about to be stopped, and is to leave the terminal as it was.
    Suspend,
    /// The program goes on after it was stopped, in the foreground or in the background. What it had drawn is somewhere
    /// on the terminal, with other things below it, and the terminal may be set in another way.
    Resume,
    /// The program reads from the terminal in the background. The system would stop it, unless a listener waits for the foreground
    /// after this.
    Read,
    /// Time has passed while a listener waits for the foreground, of which a program gets no notification.
    Look,
}
