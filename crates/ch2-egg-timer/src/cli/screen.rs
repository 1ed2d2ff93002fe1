//! What is printed: plain lines, and on a terminal also the countdown bars and the bell.

use super::bars::Bars;
use super::wall_clock;
use crate::core::{AlarmName, Length, Status};
use chrono::Local;
use otp_shell::out::{self, OutError};
use std::env;
use std::io::{self, IsTerminal, Write};

/// Where the lines go.
pub(super) struct Screen<W> {
    out: W,
    bell: bool,
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
            bell: terminal,
            bars: (terminal && !dumb).then(Bars::new),
        }
    }
}

impl<W: Write> Screen<W> {
    /// Says that an alarm is set, and when it will ring.
    pub(super) fn set(&mut self, name: &AlarmName, length: Length) -> Result<(), OutError> {
        match wall_clock::rings_at(&Local::now(), length) {
            Some(time) => self.line(&format!("set {name} {length}, rings at {time}"))?,
            None => self.line(&format!("set {name} {length}"))?,
        }
        if let Some(bars) = &mut self.bars {
            bars.add(&Status {
                name: name.clone(),
                duration: length.duration(),
                remaining: length.duration(),
            });
        }
        Ok(())
    }

    /// Rings.
    pub(super) fn ring(&mut self, name: &AlarmName, message: Option<&str>) -> Result<(), OutError> {
        if let Some(bars) = &mut self.bars {
            bars.remove(name);
        }
        let message = message
            .filter(|text| !text.is_empty())
            .map(|text| format!(" {text}"));
        let bell = if self.bell { "\u{7}" } else { "" };
        self.line(&format!("ring {name}{}{bell}", message.unwrap_or_default()))
    }

    /// Says that an alarm will not ring any more, and how long it would have waited.
    pub(super) fn pending(&mut self, status: &Status) -> Result<(), OutError> {
        self.line(&format!("pending {status}"))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(bell: bool, print: impl FnOnce(&mut Screen<Vec<u8>>)) -> String {
        let mut screen = Screen {
            out: Vec::new(),
            bell,
            bars: None,
        };
        print(&mut screen);
        String::from_utf8(screen.out).unwrap()
    }

    #[test]
    fn a_ring_begins_with_its_name_and_says_its_message() {
        let eggs: AlarmName = "eggs".parse().unwrap();
        let check = |bell, message, line| {
            assert_eq!(
                printed(bell, |screen| screen.ring(&eggs, message).unwrap()),
                line
            );
        };

        check(false, None, "ring eggs\n");
        check(false, Some(""), "ring eggs\n");
        check(false, Some("take them out"), "ring eggs take them out\n");
        check(
            true,
            Some("take them out"),
            "ring eggs take them out\u{7}\n",
        );
    }

    #[test]
    fn a_pending_alarm_is_one_line() {
        let status = Status {
            name: "eggs".parse().unwrap(),
            duration: "5m".parse::<Length>().unwrap().duration(),
            remaining: "4m40s".parse::<Length>().unwrap().duration(),
        };
        let line = printed(false, |screen| screen.pending(&status).unwrap());
        assert_eq!(line, "pending eggs 4m 40s left\n");
    }
}
