//! What is printed: plain lines, and on a terminal also the countdown bars and the bell.

use super::bars::Bars;
use super::lines;
use crate::core::{AlarmName, Length, Status, Wall};
use otp_shell::out::{self, OutError};
use otp_shell::{Canvas, Colours};
use std::io::{self, IsTerminal, Write};

/// Where the lines go.
pub(super) struct Screen<W> {
    out: W,
    /// A bell is for people: it rings on a terminal.
    bell: bool,
    drawing: Option<(Canvas, Bars)>,
}

impl Screen<io::Stdout> {
    /// Standard output: with bars and bell when it is a terminal, lines alone otherwise.
    pub(super) fn stdout() -> Self {
        let out = io::stdout();
        let bell = out.is_terminal();
        let drawing = Canvas::open().map(|canvas| {
            let bars = Bars::new(canvas.bars().clone(), Colours::for_stdout());
            (canvas, bars)
        });
        Self { out, bell, drawing }
    }
}

impl<W: Write> Screen<W> {
    /// Says that an alarm is set at this moment, and when it will ring.
    pub(super) fn set(
        &mut self,
        name: &AlarmName,
        length: Length,
        now: Wall,
    ) -> Result<(), OutError> {
        self.line(&lines::set(name, length, now))
    }

    /// Says that an alarm rings at another moment than was said.
    pub(super) fn moved(&mut self, name: &AlarmName, due: Wall) -> Result<(), OutError> {
        self.line(&lines::moved(name, due))
    }

    /// Rings.
    pub(super) fn ring(&mut self, name: &AlarmName, message: Option<&str>) -> Result<(), OutError> {
        if let Some((_, bars)) = &mut self.drawing {
            bars.remove(name);
        }
        self.line(&lines::ring(name, message))?;
        match self.bell {
            true => out::bell(&mut self.out),
            false => Ok(()),
        }
    }

    /// Says that an alarm will not ring any more, and how long it would have waited.
    pub(super) fn pending(&mut self, status: &Status) -> Result<(), OutError> {
        self.line(&lines::pending(status))
    }

    /// Takes the bars away.
    pub(super) fn interrupted(&mut self) -> Result<(), OutError> {
        match self.drawing.take() {
            // The cursor is behind a `^C` and in the last bar.
            Some((canvas, _)) if !canvas.close() => self.line(""),
            _ => Ok(()),
        }
    }

    /// Whether bars can be seen now. To be asked now and then, as the terminal comes and goes.
    pub(super) fn look(&mut self) -> bool {
        self.drawing
            .as_ref()
            .is_some_and(|(canvas, _)| canvas.look())
    }

    /// Moves the bars on.
    pub(super) fn show(&mut self, pending: &[Status]) {
        if let Some((_, bars)) = &mut self.drawing {
            bars.show(pending);
        }
    }

    /// Whether there may be anything on it that moves by itself.
    pub(super) fn is_live(&self) -> bool {
        self.drawing.is_some()
    }

    fn line(&mut self, text: &str) -> Result<(), OutError> {
        match &self.drawing {
            Some((canvas, _)) => canvas.suspend(|| out::line(&mut self.out, text)),
            None => out::line(&mut self.out, text),
        }
    }
}
