//! The terminal of Unix: modes, and job control.

use super::Turn;
use rustix::io::dup;
use rustix::process::{getpgrp, getsid};
use rustix::stdio::{dup2_stdout, stdin, stdout};
use rustix::termios::{
    LocalModes, OptionalActions, Termios, isatty, tcgetattr, tcgetpgrp, tcsetattr,
};
use signal_hook::consts::{SIGCONT, SIGTSTP};
use signal_hook::iterator::{Handle, Signals};
use signal_hook::low_level::emulate_default_handler;
use std::fs::File;
use std::io;
use std::os::fd::BorrowedFd;
use std::sync::{Mutex, PoisonError};
use std::thread;

/// The settings of the terminal before the program has changed them. There is one terminal, and every end of the
/// program restores it, also one by a signal.
static BEFORE: Mutex<Option<Termios>> = Mutex::new(None);

/// Receives the notifications of job control, until it is dropped.
#[derive(Debug)]
pub(crate) struct Listener(Handle);

impl Listener {
    /// Calls `hear` for each change, on a separate thread.
    pub(crate) fn start(hear: impl Fn(Turn) + Send + 'static) -> io::Result<Self> {
        let mut signals = Signals::new([SIGTSTP, SIGCONT])?;
        let handle = signals.handle();
        thread::spawn(move || {
            for signal in signals.forever() {
                hear(match signal {
                    SIGTSTP => Turn::Suspend,
                    _ => Turn::Resume,
                });
            }
        });
        Ok(Self(handle))
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// Whether the program is in the foreground of the terminal on standard output. False for a terminal that does not
/// control the program.
pub(crate) fn is_ours() -> bool {
    tcgetpgrp(stdout()).is_ok_and(|foreground| foreground == getpgrp())
}

/// Hides typed text from now on, because an Enter would move the drawn lines. The typed text is not read and stays for
/// the next program. Returns whether that worked.
///
/// For the foreground only: a program in the background is stopped for this.
pub(crate) fn hush() -> bool {
    remember();
    let Ok(mut modes) = tcgetattr(terminal()) else {
        return false;
    };
    modes.local_modes.remove(LocalModes::ECHO);
    tcsetattr(terminal(), OptionalActions::Now, &modes).is_ok()
}

/// Stops the program until it is continued, as Ctrl-Z does to a program without a handler. Returns whether it was
/// stopped.
pub(crate) fn suspend() -> bool {
    // The system does not stop a program that has no shell to wake it.
    let is_alone = getsid(None).is_ok_and(|session| session == getpgrp());
    !is_alone && emulate_default_handler(SIGTSTP).is_ok()
}

/// Remembers how the terminal is set, if that is not remembered yet.
pub(crate) fn remember() {
    let mut before = BEFORE.lock().unwrap_or_else(PoisonError::into_inner);
    if before.is_none() {
        *before = tcgetattr(terminal()).ok();
    }
}

/// Sets the terminal as it was remembered, if it is not another program's now.
pub(crate) fn restore() {
    if tcgetpgrp(terminal()).is_ok_and(|foreground| foreground != getpgrp()) {
        return;
    }
    let before = BEFORE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(before) = &*before {
        // A terminal that is gone needs no care.
        let _ = tcsetattr(terminal(), OptionalActions::Now, before);
    }
}

/// Takes standard output away from the rest of the program, and returns it: other writes to it go nowhere.
pub(crate) fn mute() -> Option<File> {
    let ours = dup(stdout()).ok()?;
    let nowhere = File::options().write(true).open("/dev/null").ok()?;
    dup2_stdout(nowhere).ok()?;
    Some(File::from(ours))
}

/// Where the terminal is set: where it is typed, if that is one.
fn terminal() -> BorrowedFd<'static> {
    match isatty(stdin()) {
        true => stdin(),
        false => stdout(),
    }
}
