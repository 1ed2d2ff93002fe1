//! Whether to colour: decided here, for everything that a program prints.

use std::env;
use std::ffi::OsString;
use std::io::{self, IsTerminal};

/// Whether text is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colours {
    /// With escape codes.
    On,
    /// Plain text.
    Off,
}

impl Colours {
    /// The colours that suit standard error.
    ///
    /// They are on for a terminal, unless its `TERM` is `dumb`. `CLICOLOR_FORCE` turns them on elsewhere as well, if it is
    /// set to anything but `0`. `NO_COLOR` turns them off in any case, if it is set to anything.
    #[must_use]
    pub fn for_stderr() -> Self {
        Self::decide(io::stderr().is_terminal(), |name| env::var_os(name))
    }

    /// The same for standard output.
    #[must_use]
    pub fn for_stdout() -> Self {
        Self::decide(io::stdout().is_terminal(), |name| env::var_os(name))
    }

    fn decide(terminal: bool, variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let set = |name| variable(name).filter(|value| !value.is_empty());
        let refused = set("NO_COLOR").is_some();
        let forced = set("CLICOLOR_FORCE").is_some_and(|value| value != "0");
        let dumb = set("TERM").is_some_and(|value| value == "dumb");
        match !refused && (forced || terminal && !dumb) {
            true => Self::On,
            false => Self::Off,
        }
    }

    /// `text` between an escape code and the one that ends it.
    pub(crate) fn paint(self, code: &str, text: &str) -> String {
        match self {
            Self::On => format!("{code}{text}\x1b[0m"),
            Self::Off => text.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_user_decides_before_the_terminal() {
        fn check(terminal: bool, set: &[(&str, &str)], expected: Colours) {
            let variable = |name: &str| {
                let found = set.iter().find(|(it, _)| *it == name);
                found.map(|(_, value)| OsString::from(value))
            };
            assert_eq!(
                Colours::decide(terminal, variable),
                expected,
                "{terminal} {set:?}"
            );
        }

        check(true, &[("TERM", "xterm")], Colours::On);
        check(true, &[], Colours::On);
        check(false, &[("TERM", "xterm")], Colours::Off);
        check(true, &[("TERM", "dumb")], Colours::Off);
        check(true, &[("NO_COLOR", "1")], Colours::Off);
        check(true, &[("NO_COLOR", "")], Colours::On);
        check(false, &[("CLICOLOR_FORCE", "1")], Colours::On);
        check(
            true,
            &[("CLICOLOR_FORCE", "1"), ("TERM", "dumb")],
            Colours::On,
        );
        check(false, &[("CLICOLOR_FORCE", "0")], Colours::Off);
        check(false, &[("CLICOLOR_FORCE", "")], Colours::Off);
        check(
            true,
            &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")],
            Colours::Off,
        );
    }
}
