//! The line editor under job control: it draws and reads in the foreground only.
//!
//! Ctrl-Z stops the program and a shell continues it, in the foreground or in the background. From the background the
//! editor may neither draw nor read. It can be made to wait only where it calls the program, which is when it draws its
//! prompt. So before a stop it is made to draw its prompt, and waits there until the program has the terminal again.
//! SIGSTOP stops the program without a notice. Then the editor draws its prompt again afterwards. If the program
//! continues in the background, the editor is called to its prompt there, and what it writes until it waits goes nowhere.
//!
//! A key may be typed for the shell before that. The editor then tries to read it, and the system sends SIGTTIN instead of the key.
//! `erl` and `iex` stop at this point, as soon as they continue. This program calls its editor to the prompt and goes on. It
//! is stopped, until `fg`, only where the editor does not come: in a search of its history, while a key is not read by anybody for
//! two seconds, and in a terminal without cursor movements.

use crate::printer::Printer;
use crate::terminal::{self, Modes, Turn};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long a stop waits for the editor, which does not answer in a search of its history.
const PATIENCE: Duration = Duration::from_millis(500);

/// How long the editor is called in the background. While it waits for a key that the shell has not read yet, it tries to read it.
const CALL: Duration = Duration::from_secs(2);

/// How often a program looks for the terminal that it waits for.
const LOOK: Duration = Duration::from_millis(20);

/// The end of an update that is drawn at once, and bracketed paste off.
const LEAVE: &str = "\x1b[?2026l\x1b[?2004l";

/// Bracketed paste on.
const RETURN: &str = "\x1b[?2004h";

/// Whether the line editor may draw and read.
#[derive(Debug)]
pub(super) struct Foreground {
    state: Mutex<State>,
    changed: Condvar,
    printer: Printer,
}

#[derive(Debug)]
struct State {
    /// Whether a line is being read.
    reading: bool,
    /// How the editor has set the terminal.
    modes: Option<Modes>,
    /// The prompt, if nobody else draws it.
    plain: Option<String>,
    door: Door,
    /// Whether the editor waits at the door.
    waits: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Door {
    Open,
    /// The editor is to wait before it draws.
    Closing,
    /// The editor waits, or is not to print, until the program is in the foreground.
    Closed,
}

impl Foreground {
    pub(super) fn new(printer: Printer) -> Self {
        Self {
            state: Mutex::new(State {
                reading: false,
                modes: None,
                plain: None,
                door: Door::Open,
                waits: false,
            }),
            changed: Condvar::new(),
            printer,
        }
    }

    /// A line is going to be read: waits for the foreground. `plain` is the prompt, where there is no editor to draw it
    /// again.
    pub(super) fn begin(&self, plain: Option<String>) {
        let mut state = self.state();
        state.reading = true;
        state.plain = plain;
        while terminal::is_away() {
            self.printer.hold(true);
            let looked = self.changed.wait_timeout(state, LOOK);
            state = looked.unwrap_or_else(PoisonError::into_inner).0;
        }
        terminal::remember();
        if state.door == Door::Closed {
            state.door = Door::Open;
        }
        self.printer.hold(false);
    }

    /// The editor has set the terminal.
    pub(super) fn set(&self) {
        self.state().modes = Modes::of_editor();
    }

    /// The editor is going to draw its prompt: waits while the program has no terminal.
    pub(super) fn wait(&self) {
        let mut state = self.state();
        state.waits = true;
        self.changed.notify_all();
        let opened = self.changed.wait_while(state, |it| it.door != Door::Open);
        opened.unwrap_or_else(PoisonError::into_inner).waits = false;
    }

    /// The line has been read, and the editor has restored the terminal.
    pub(super) fn end(&self) {
        let mut state = self.state();
        state.reading = false;
        state.modes = None;
        state.door = Door::Open;
        self.changed.notify_all();
    }

    /// Returns whether the editor waits for the foreground.
    pub(super) fn hear(&self, turn: Turn) -> bool {
        let mut state = self.state();
        if !state.reading {
            return false;
        }
        match turn {
            Turn::Suspend => {
                self.leave(state);
                return false;
            }
            Turn::Resume | Turn::Read => {
                let is_away = terminal::is_away();
                if turn == Turn::Resume || is_away {
                    state.door = Door::Closed;
                    self.printer.hold(true);
                }
                if is_away && !state.waits && state.plain.is_none() {
                    state = self.fetch(state);
                }
                if turn == Turn::Read && !state.waits {
                    return false;
                }
            }
            Turn::Look => {}
        }
        self.look(state)
    }

    /// Leaves the terminal as it was, with the editor at the door.
    fn leave(&self, mut state: MutexGuard<'_, State>) {
        if state.plain.is_none() {
            state.door = Door::Closing;
            self.printer.call_editor("^Z\n");
            let in_time = self
                .changed
                .wait_timeout_while(state, PATIENCE, |it| it.reading && !it.waits);
            state = in_time.unwrap_or_else(PoisonError::into_inner).0;
        }
        if state.reading {
            state.door = Door::Closed;
            self.printer.hold(true);
            if terminal::restore() {
                self.printer.escape_codes(LEAVE);
            }
        }
    }

    /// Calls the editor to the door in the background, where it must write nothing.
    fn fetch<'a>(&self, mut state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        let Some(ours) = terminal::mute() else {
            return state;
        };
        self.printer.call_editor("\n");
        let end = Instant::now() + CALL;
        while state.reading && !state.waits && Instant::now() < end {
            // It may be reading, and does not see the call then.
            if let Some(modes) = &state.modes {
                modes.wake();
            }
            let waited = self.changed.wait_timeout(state, LOOK);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        terminal::unmute(&ours);
        state
    }

    /// Takes the terminal again, if the program is in the foreground; returns whether the editor still waits.
    fn look(&self, mut state: MutexGuard<'_, State>) -> bool {
        if state.door != Door::Closed {
            return false;
        }
        if terminal::is_away() {
            return true;
        }
        if let Some(modes) = &state.modes {
            modes.set_again();
            self.printer.escape_codes(RETURN);
        }
        state.door = Door::Open;
        self.changed.notify_all();
        self.printer.hold(false);
        match &state.plain {
            Some(prompt) => self.printer.escape_codes(prompt),
            // Nothing above the prompt: one line up and one down.
            None if !state.waits => self.printer.call_editor("\x1b[A\n"),
            None => {}
        }
        false
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
