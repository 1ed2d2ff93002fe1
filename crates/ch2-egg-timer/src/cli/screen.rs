//! What is printed: plain lines, and on a terminal also the countdown bars and the bell.

use super::bars::Bars;
use super::lines::{self, Bell};
use crate::core::{AlarmName, Length, Status};
use otp_shell::out::{self, OutError};
use std::env;
use std::io::{self, IsTerminal, Write};
use std::time::SystemTime;

/// Where the lines go.
pub(super) struct Screen<W> {
    out: W,
    bell: Bell,
    bars: Option<Bars>,
}

impl Screen<io::Stdout> {
    /// Standard output: with bars and bell when it is a terminal, lines alone otherwise.
    pub(super) fn stdout() -> Self {
        let out = io::stdout();
        let terminal = out.is_terminal();
        let dumb = env::var_os("TERM").is_some_and(|term| term == "dumb");
        Self {
            out,
            bell: Bell::on(terminal),
            bars: (terminal && !dumb).then(Bars::new),
        }
    }
}

impl<W: Write> Screen<W> {
    /// Says that an alarm is set, and when it will ring.
    pub(super) fn set(
        &mut self,
        name: &AlarmName,
        length: Length,
        now: SystemTime,
    ) -> Result<(), OutError> {
        self.line(&lines::set(name, length, now))?;
        if let Some(bars) = &mut self.bars {
            bars.add(&Status {
                name: name.clone(),
                duration: length.duration(),
                remaining: length.duration(),
            });
        }
        Ok(())
    }

    /// Says that an alarm rings at another moment than was said.
    pub(super) fn moved(&mut self, name: &AlarmName, due: SystemTime) -> Result<(), OutError> {
        self.line(&lines::moved(name, due))
    }

    /// Rings.
    pub(super) fn ring(&mut self, name: &AlarmName, message: Option<&str>) -> Result<(), OutError> {
        if let Some(bars) = &mut self.bars {
            bars.remove(name);
        }
        self.line(&lines::ring(name, message, self.bell))
    }

    /// Says that an alarm will not ring any more, and how long it would have waited.
    pub(super) fn pending(&mut self, status: &Status) -> Result<(), OutError> {
        self.line(&lines::pending(status))
    }

    /// Leaves the bars alone from now on.
    ///
    /// The terminal has answered Ctrl-C with a `^C` of its own, and nobody knows any more how far
    /// above the cursor the bars begin.
    pub(super) fn interrupted(&mut self) -> Result<(), OutError> {
        match self.bars.take() {
            Some(bars) => {
                bars.freeze();
                self.line("")
            }
            None => Ok(()),
        }
    }

    /// Moves the bars on.
    pub(super) fn show(&mut self, pending: &[Status]) {
        if let Some(bars) = &mut self.bars {
            bars.show(pending);
        }
    }

    /// Whether there is anything on it that moves by itself.
    pub(super) fn is_live(&self) -> bool {
        self.bars.is_some()
    }

    fn line(&mut self, text: &str) -> Result<(), OutError> {
        match &self.bars {
            Some(bars) => bars.suspend(|| out::line(&mut self.out, text)),
            None => out::line(&mut self.out, text),
        }
    }
}
