//! Where the lines of a script come from.

use crate::line::{LineError, Lines};
use crate::terminal;
use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::iter;
use std::path::{Path, PathBuf};
use std::thread;
use tokio::sync::{mpsc, oneshot};

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
    #[error("cannot read the script")]
    Input(#[source] io::Error),
    /// It was typed at a terminal, which is gone.
    #[error("the terminal is gone")]
    Gone,
}

impl Line {
    /// As it comes from standard input, which may be a terminal.
    fn typed(self) -> Self {
        match &self.text {
            Err(Unreadable::Input(error)) if terminal::input_is_gone(error.raw_os_error()) => {
                Self::gone()
            }
            _ => self,
        }
    }

    fn gone() -> Self {
        Self {
            number: 0,
            text: Err(Unreadable::Gone),
        }
    }
}

impl Script {
    /// The content of standard input.
    pub(crate) fn stdin() -> Self {
        let (sender, lines) = mpsc::channel(AHEAD);
        thread::spawn(move || {
            let lines = numbered(BufReader::new(io::stdin())).map(Line::typed);
            let gone = || terminal::input_is_gone(None).then(Line::gone);
            read(lines.chain(iter::once_with(gone).flatten()), &sender);
        });
        Self { file: None, lines }
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

    /// The lines of a file. To open a file may take for ever, too: a named pipe waits for its writer.
    pub(crate) async fn open(path: &Path) -> io::Result<Self> {
        let (sender, lines) = mpsc::channel(AHEAD);
        let (tell, opened) = oneshot::channel();
        let file = path.to_owned();
        thread::spawn(move || match File::open(file) {
            Ok(file) => {
                if tell.send(Ok(())).is_ok() {
                    read(numbered(BufReader::new(file)), &sender);
                }
            }
            // The receiver may have been dropped.
            Err(error) => drop(tell.send(Err(error))),
        });
        opened.await.map_err(io::Error::other)??;
        let file = Some(path.to_owned());
        Ok(Self { file, lines })
    }

    /// The next line; `None` at the end.
    ///
    /// Cancel safe: a call that is dropped has taken nothing.
    pub(crate) async fn next(&mut self) -> Option<Line> {
        self.lines.recv().await
    }

    /// The place of a line, for messages.
    pub(crate) fn place(&self, number: u64) -> Place<'_> {
        Place {
            file: self.file.as_deref(),
            number,
        }
    }
}

/// The place of a line.
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

/// Sends the lines, until the receiver is dropped.
fn read(lines: impl Iterator<Item = Line>, sender: &mpsc::Sender<Line>) {
    for line in lines {
        if sender.blocking_send(line).is_err() {
            return;
        }
    }
}

/// The mark at the beginning of a text with which some editors say that it is UTF-8.
const BYTE_ORDER_MARK: char = '\u{feff}';

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
            Ok(Some(Ok(text))) if number == 1 => {
                let unmarked = text.strip_prefix(BYTE_ORDER_MARK).map(str::to_owned);
                Ok(unmarked.unwrap_or(text))
            }
            Ok(Some(text)) => text.map_err(Unreadable::Line),
            Err(error) => Err(Unreadable::Input(error)),
        };
        failed = matches!(text, Err(Unreadable::Input(_)));
        Some(Line { number, text })
    })
}
