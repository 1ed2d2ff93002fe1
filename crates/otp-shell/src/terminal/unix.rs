//! The terminal of Unix: modes, and job control.

use super::Turn;
use nix::sys::pthread::{Pthread, pthread_kill, pthread_self};
use nix::sys::signal::Signal;
use rustix::io::{Errno, dup};
use rustix::process::{getpgrp, getsid};
use rustix::stdio::{dup2_stdout, stdin, stdout};
use rustix::termios::{
    LocalModes, OptionalActions, SpecialCodeIndex, Termios, isatty, tcgetattr, tcgetpgrp,
    tcgetwinsize, tcsetattr,
};
use signal_hook::consts::{SIGCONT, SIGTSTP, SIGTTIN};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;
use std::fmt;
use std::fs::File;
use std::io;
use std::os::fd::BorrowedFd;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// How often a listener that waits for the foreground is called.
const LOOK: Duration = Duration::from_millis(20);

/// The code of a key that the terminal does not have.
const NO_KEY: u8 = if cfg!(target_os = "linux") { 0 } else { 0xff };

/// The settings of the terminal before the program has changed them. There is one terminal, and every end of the
/// program restores it, also one by a signal.
static BEFORE: Mutex<Option<Termios>> = Mutex::new(None);

/// Those who use the terminal. A single thread calls them, because the program may be stopped only once for each
/// Ctrl-Z. It stays: a signal that had a listener does not get its former effect back.
static LISTENERS: Mutex<Listeners> = Mutex::new(Listeners {
    are_called: false,
    all: Vec::new(),
});

type Hear = dyn Fn(Turn) -> bool + Send + Sync;

struct Listeners {
    are_called: bool,
    all: Vec<Arc<Hear>>,
}

/// Receives the notifications of job control, until it is dropped.
pub(crate) struct Listener(Arc<Hear>);

impl Listener {
    /// Calls `hear` for each change, on a separate thread. It returns whether it waits for the foreground.
    pub(crate) fn start(hear: impl Fn(Turn) -> bool + Send + Sync + 'static) -> io::Result<Self> {
        let hear: Arc<Hear> = Arc::new(hear);
        let mut listeners = listeners();
        if !listeners.are_called {
            let signals = Signals::new([SIGTSTP, SIGCONT, SIGTTIN])?;
            let thread = thread::Builder::new().name("job control".to_owned());
            thread.spawn(|| listen(signals))?;
            listeners.are_called = true;
        }
        listeners.all.push(hear.clone());
        Ok(Self(hear))
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        listeners().all.retain(|hear| !Arc::ptr_eq(hear, &self.0));
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Listener")
    }
}

fn listeners() -> MutexGuard<'static, Listeners> {
    LISTENERS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Calls all listeners; returns whether one waits for the foreground.
fn tell(turn: Turn) -> bool {
    let all = listeners().all.clone();
    all.iter().fold(false, |waits, hear| hear(turn) | waits)
}

fn listen(mut signals: Signals) {
    let mut waits = false;
    loop {
        let heard: Vec<_> = if waits {
            thread::park_timeout(LOOK);
            signals.pending().collect()
        } else {
            signals.wait().collect()
        };
        if heard.is_empty() {
            waits = waits && tell(Turn::Look);
        }
        for signal in heard {
            if signal == SIGTSTP {
                // The system does not stop a program that has no shell to wake it.
                if getsid(None).is_ok_and(|session| session == getpgrp()) {
                    continue;
                }
                tell(Turn::Suspend);
                // As the system does: a second Ctrl-Z is part of the first.
                signals.pending().for_each(drop);
                if emulate_default_handler(SIGTSTP).is_ok() {
                    // Whoever continues it sends a SIGCONT, which is heard next.
                    continue;
                }
            }
            if signal == SIGTTIN {
                waits = tell(Turn::Read);
                if !waits && is_away() {
                    // It tries again until it is stopped, so a failure has no consequence.
                    let _ = emulate_default_handler(SIGTTIN);
                }
                continue;
            }
            waits = tell(Turn::Resume);
        }
    }
}

/// How the line editor sets the terminal while it reads.
#[derive(Debug)]
pub(crate) struct Modes {
    modes: Termios,
    /// The editor's thread.
    thread: Pthread,
}

impl Modes {
    /// Takes the settings that the editor has just made, on its thread, with one change: Ctrl-Z is a signal, for all programs of a
    /// pipeline and in each state of the editor, and what was typed before it stays. The editor's own answer to
    /// Ctrl-Z changes the settings while the program is being stopped, and so sometimes after it.
    pub(crate) fn of_editor() -> Option<Self> {
        let mut modes = tcgetattr(terminal()).ok()?;
        modes.local_modes |= LocalModes::ISIG | LocalModes::NOFLSH;
        for key in [SpecialCodeIndex::VINTR, SpecialCodeIndex::VQUIT] {
            modes.special_codes[key] = NO_KEY;
        }
        let modes = Self {
            modes,
            thread: pthread_self(),
        };
        modes.set();
        Some(modes)
    }

    /// Sets the terminal in this way.
    fn set(&self) {
        // A terminal that is gone needs no care.
        let _ = tcsetattr(terminal(), OptionalActions::Now, &self.modes);
    }

    /// Sets the terminal in this way after an absence, while the editor reads. The size may have changed, too: the
    /// editor looks at it when it is woken. It may also wait for a key that another program has got.
    pub(crate) fn set_again(&self) {
        self.set();
        self.wake();
    }

    /// Interrupts what the editor does: a read, also one that the system does not allow in the background.
    pub(crate) fn wake(&self) {
        let _ = pthread_kill(self.thread, Signal::SIGWINCH);
    }
}

/// Whether the program is in the foreground of the terminal on standard output. False for a terminal that does not
/// control the program.
pub(crate) fn is_ours() -> bool {
    tcgetpgrp(stdout()).is_ok_and(|foreground| foreground == getpgrp())
}

/// Hides typed text from now on, because an Enter would move the drawn lines. The typed text is not read and stays for
/// the next program.
///
/// For the foreground only: a program in the background is stopped for this.
pub(crate) fn hush() {
    remember();
    if let Ok(mut modes) = tcgetattr(terminal()) {
        modes.local_modes.remove(LocalModes::ECHO);
        // A terminal that is gone needs no care.
        let _ = tcsetattr(terminal(), OptionalActions::Now, &modes);
    }
}

/// Columns and rows of the terminal on standard output.
pub(crate) fn size() -> (u16, u16) {
    let size = tcgetwinsize(stdout()).map(|size| (size.ws_col, size.ws_row));
    // A terminal without a size has zero of both.
    let size = size
        .ok()
        .filter(|(columns, rows)| *columns > 0 && *rows > 0);
    size.unwrap_or((80, 24))
}

/// Whether another program is in the foreground of the terminal in which the user types. Not if the terminal is gone.
pub(crate) fn is_away() -> bool {
    tcgetpgrp(terminal()).is_ok_and(|foreground| foreground != getpgrp())
}

/// Whether standard output has failed because its terminal is gone. A terminal says so by this error before the system sends
/// its signal, and also if it sends none.
pub(crate) fn output_is_gone(error: &io::Error) -> bool {
    is_no_terminal_any_more(stdout(), error.raw_os_error())
}

/// Whether standard input has ended, or has failed with an error of this number, because its terminal is gone.
pub(crate) fn input_is_gone(error: Option<i32>) -> bool {
    match error {
        // As a file ends, too. But then the terminal has no settings any more.
        None => tcgetattr(stdin()).is_err_and(|error| error == Errno::IO),
        error => is_no_terminal_any_more(stdin(), error),
    }
}

/// Whether this error comes from a terminal. It may still have its settings.
fn is_no_terminal_any_more(file: BorrowedFd<'_>, error: Option<i32>) -> bool {
    let of_terminal = || matches!(tcgetattr(file), Ok(_) | Err(Errno::IO));
    error == Some(Errno::IO.raw_os_error()) && of_terminal()
}

/// Remembers how the terminal is set, if that is not remembered yet.
pub(crate) fn remember() {
    let mut before = BEFORE.lock().unwrap_or_else(PoisonError::into_inner);
    if before.is_none() {
        *before = tcgetattr(terminal()).ok();
    }
}

/// Sets the terminal as it was remembered, if it is not another program's now. Returns whether it is not.
pub(crate) fn restore() -> bool {
    if is_away() {
        return false;
    }
    let before = BEFORE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(before) = &*before {
        // A terminal that is gone needs no care.
        let _ = tcsetattr(terminal(), OptionalActions::Now, before);
    }
    true
}

/// Takes standard output away from the rest of the program, and returns it: other writes to it go nowhere.
pub(crate) fn mute() -> Option<File> {
    let ours = dup(stdout()).ok()?;
    let nowhere = File::options().write(true).open("/dev/null").ok()?;
    dup2_stdout(nowhere).ok()?;
    Some(File::from(ours))
}

/// Gives standard output back.
pub(crate) fn unmute(ours: &File) {
    // It was standard output a moment ago.
    let _ = dup2_stdout(ours);
}

/// Where the terminal is set: where it is typed, if that is one.
fn terminal() -> BorrowedFd<'static> {
    match isatty(stdin()) {
        true => stdin(),
        false => stdout(),
    }
}
