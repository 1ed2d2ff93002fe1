//! The colours of the tree.

use std::env;
use std::io::{self, IsTerminal};

/// How to colour; plain text where nobody sees colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Paint {
    Coloured,
    Plain,
}

impl Paint {
    /// The colours that suit standard output: on for a terminal, unless `NO_COLOR` is set to anything.
    pub(crate) fn for_stdout() -> Self {
        let refused = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        match io::stdout().is_terminal() && !refused {
            true => Self::Coloured,
            false => Self::Plain,
        }
    }

    /// A child that runs: green.
    pub(super) fn running(self, text: &str) -> String {
        self.with("\x1b[32m", text)
    }

    /// A child that does not run: red.
    pub(super) fn down(self, text: &str) -> String {
        self.with("\x1b[31m", text)
    }

    /// What is not as it was: yellow.
    pub(super) fn changed(self, text: &str) -> String {
        self.with("\x1b[33m", text)
    }

    fn with(self, colour: &str, text: &str) -> String {
        match self {
            Self::Coloured => format!("{colour}{text}\x1b[0m"),
            Self::Plain => text.to_owned(),
        }
    }
}
