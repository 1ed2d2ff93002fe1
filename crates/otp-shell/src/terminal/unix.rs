//! The terminal as Unix has it: modes, and job control.

use super::Turn;
use rustix::io::dup;
use rustix::process::{getpgrp, getsid};
use rustix::stdio::{dup2_stdout, stdin, stdout};
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, isatty, tcgetpgrp, tcsetattr};
use signal_hook::consts::{SIGCONT, SIGTSTP};
use signal_hook::iterator::{Handle, Signals};
use signal_hook::low_level::emulate_default_handler;
use std::fs::File;
use std::io::{self, IsTerminal};
use std::os::fd::BorrowedFd;
use std::sync::{Mutex, PoisonError};
use std::thread;

/// How the terminal was set before the program has changed it. There is one terminal, and whoever ends the program
/// restores it: a signal handler, for one.
static BEFORE: Mutex<Option<Termios>> = Mutex::new(None);

/// A terminal to draw on, for as long as the program has it.
///
/// A program that draws asks [`is_ours`](Self::is_ours) before each drawing, and begins a new drawing after each
/// [`Turn::Resume`].
#[derive(Debug)]
pub struct Stage {
    signals: Option<Handle>,
}

impl Stage {
    /// Standard output, if it is a terminal. From now on `turn` hears when the program is to stop and when it goes on;
    /// it should pass that on and return.
    #[must_use]
    pub fn open(turn: impl Fn(Turn) + Send + 'static) -> Option<Self> {
        if !io::stdout().is_terminal() {
            return None;
        }
        // Without the signals it is a terminal as any other: Ctrl-Z stops the program without asking it.
        let signals = Signals::new([SIGTSTP, SIGCONT]).ok().map(|mut signals| {
            let handle = signals.handle();
            thread::spawn(move || {
                for signal in signals.forever() {
                    turn(match signal {
                        SIGTSTP => Turn::Suspend,
                        _ => Turn::Resume,
                    });
                }
            });
            handle
        });
        Some(Self { signals })
    }

    /// Whether the program is in the foreground. A terminal that is not the program's own one is somebody else's.
    #[must_use]
    pub fn is_ours(&self) -> bool {
        tcgetpgrp(stdout()).is_ok_and(|foreground| foreground == getpgrp())
    }

    /// Shows nothing of what is typed from now on, as an Enter would move what is drawn. What is typed is not read: it
    /// is there for the next program. Returns whether that worked.
    ///
    /// For the foreground only: a program in the background is stopped for this.
    pub fn hush(&self) -> bool {
        remember();
        let Ok(mut modes) = tcgetattr(terminal()) else {
            return false;
        };
        modes.local_modes.remove(LocalModes::ECHO);
        tcsetattr(terminal(), OptionalActions::Now, &modes).is_ok()
    }

    /// Sets the terminal as it was before [`hush`](Self::hush).
    pub fn restore(&self) {
        restore();
    }

    /// Stops the program until it is told to go on, as Ctrl-Z does to a program that does not care.
    pub fn suspend(&self) {
        // The system does not stop a program that has no shell to wake it.
        if getsid(None).is_ok_and(|session| session == getpgrp()) {
            return;
        }
        // If it cannot be stopped, it goes on.
        let _ = emulate_default_handler(SIGTSTP);
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.restore();
        if let Some(signals) = &self.signals {
            signals.close();
        }
    }
}

/// Where the terminal is set: where it is typed, if that is one.
fn terminal() -> BorrowedFd<'static> {
    match isatty(stdin()) {
        true => stdin(),
        false => stdout(),
    }
}

/// Remembers how the terminal is set, if that is not remembered yet.
pub(crate) fn remember() {
    let mut before = BEFORE.lock().unwrap_or_else(PoisonError::into_inner);
    if before.is_none() {
        *before = tcgetattr(terminal()).ok();
    }
}

/// Sets the terminal as it was remembered, once.
pub(crate) fn restore() {
    let before = BEFORE.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(before) = before {
        // A terminal that is gone needs no care.
        let _ = tcsetattr(terminal(), OptionalActions::Now, &before);
    }
}

/// Takes standard output away from everybody else in the program, and returns it: who writes to it still, writes nowhere.
pub(crate) fn mute() -> Option<File> {
    let ours = dup(stdout()).ok()?;
    let nowhere = File::options().write(true).open("/dev/null").ok()?;
    dup2_stdout(nowhere).ok()?;
    Some(File::from(ours))
}
