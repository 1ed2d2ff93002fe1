//! Where the lines of a script come from.

use crate::line::{LineError, Lines};
use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::thread;
use tokio::sync::mpsc;

/// How many lines may be read ahead.
const AHEAD: usize = 64;

/// How a script is run.
#[derive(Debug, Clone, Copy, Default, clap::Args)]
pub(crate) struct How {
    /// Print each command of a script after "> " before it runs
    #[arg(long)]
    pub(crate) echo: bool,
    /// Go on with a script when a command has failed
    #[arg(long)]
    pub(crate) keep_going: bool,
}

impl How {
    /// As a script that is run by this one.
    pub(crate) fn inside(self, outer: Self) -> Self {
        Self {
            echo: self.echo || outer.echo,
            keep_going: self.keep_going || outer.keep_going,
        }
    }
}

/// A script that is being read, by a thread of its own if it is not there already: a read may take for ever.
pub(crate) struct Script {
    file: Option<PathBuf>,
    lines: mpsc::Receiver<Line>,
}

/// One line of a script.
pub(crate) struct Line {
    pub(crate) number: u64,
    pub(crate) text: Result<String, Unreadable>,
}

/// Why there is no line.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unreadable {
    #[error(transparent)]
    Line(#[from] LineError),
    /// There will be no further lines either.
    #[error("cannot read the script: {0}")]
    Input(#[from] io::Error),
}

impl Script {
    /// What comes on standard input.
    pub(crate) fn stdin() -> Self {
        Self::new(None, Box::new(BufReader::new(io::stdin())))
    }

    /// Lines that are there already.
    pub(crate) fn given(lines: &[String]) -> Self {
        Self::of_bytes(lines.join("\n").as_bytes())
    }

    /// The lines of a text that is there already.
    pub(crate) fn of_bytes(text: &[u8]) -> Self {
        let all: Vec<Line> = numbered(text).collect();
        let (sender, lines) = mpsc::channel(all.len().max(1));
        for line in all {
            // There is room for each of them, and we hold the receiver.
            let _ = sender.try_send(line);
        }
        Self { file: None, lines }
    }

    /// The lines of a file.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        Ok(Self::new(
            Some(path.to_owned()),
            Box::new(BufReader::new(file)),
        ))
    }

    fn new(file: Option<PathBuf>, input: Box<dyn BufRead + Send>) -> Self {
        let (sender, lines) = mpsc::channel(AHEAD);
        thread::spawn(move || {
            for line in numbered(input) {
                // Whoever has stopped the script does not want the rest.
                if sender.blocking_send(line).is_err() {
                    return;
                }
            }
        });
        Self { file, lines }
    }

    /// The next line; `None` at the end.
    ///
    /// Cancel safe: a call that is dropped has taken nothing.
    pub(crate) async fn next(&mut self) -> Option<Line> {
        self.lines.recv().await
    }

    /// Where a line stands, for messages.
    pub(crate) fn place(&self, number: u64) -> Place<'_> {
        Place {
            file: self.file.as_deref(),
            number,
        }
    }
}

/// Where a line stands.
pub(crate) struct Place<'a> {
    file: Option<&'a Path>,
    number: u64,
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.number)?;
        match self.file {
            Some(file) => write!(f, " of {}", file.display()),
            None => Ok(()),
        }
    }
}

/// The lines with their numbers, up to one that cannot be read.
fn numbered(input: impl BufRead) -> impl Iterator<Item = Line> {
    let mut input = Lines::new(input);
    let mut failed = false;
    (1..).map_while(move |number| {
        if failed {
            return None;
        }
        let text = match input.next() {
            Ok(None) => return None,
            Ok(Some(text)) => text.map_err(Unreadable::Line),
            Err(error) => Err(Unreadable::Input(error)),
        };
        failed = matches!(text, Err(Unreadable::Input(_)));
        Some(Line { number, text })
    })
}
