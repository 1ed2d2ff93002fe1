//! The terminal as we found it: the program may end while the line editor has it.

#[cfg(unix)]
pub(crate) use self::unix::Saved;

#[cfg(not(unix))]
pub(crate) use self::elsewhere::Saved;

#[cfg(unix)]
mod unix {
    use rustix::stdio::stdin;
    use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};
    use std::io::{self, Write};

    /// How the terminal was set before the first prompt.
    pub(crate) struct Saved(Option<Termios>);

    impl Saved {
        pub(crate) fn take() -> Self {
            Self(tcgetattr(stdin()).ok())
        }

        /// Takes the terminal away from the line editor.
        pub(crate) fn restore(&self) {
            let Some(before) = &self.0 else { return };
            // A terminal that is gone needs no care.
            let _ = tcsetattr(stdin(), OptionalActions::Now, before);
            // Bracketed paste off, and a line of its own for what comes.
            let _ = io::stdout().write_all(b"\x1b[?2004l\r\n");
            let _ = io::stdout().flush();
        }
    }
}

#[cfg(not(unix))]
mod elsewhere {
    /// Other systems give every program a terminal as it should be.
    pub(crate) struct Saved;

    impl Saved {
        pub(crate) fn take() -> Self {
            Self
        }

        pub(crate) fn restore(&self) {}
    }
}
