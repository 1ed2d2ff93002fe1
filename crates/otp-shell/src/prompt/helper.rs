//! The parts of the line editor that a program supplies: completions, and the look of the prompt.

use crate::colours::Colours;
use crate::complete::{Candidates, Completions};
use crate::interrupt::Interrupts;
use crate::prompt::foreground::Foreground;
use rustyline::completion::{Completer, FilenameCompleter, Pair};
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::validate::Validator;
use rustyline::{Context, Result};
use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// The program's side of the line editor.
pub(super) struct Helper {
    name: &'static str,
    count: Arc<AtomicU64>,
    completions: Completions,
    files: FilenameCompleter,
    interrupts: Interrupts,
    foreground: Arc<Foreground>,
    colours: Colours,
    /// Whether the prompt has been drawn since the last line was read.
    drawn: AtomicBool,
}

impl Helper {
    pub(super) fn new(
        name: &'static str,
        count: Arc<AtomicU64>,
        completions: Completions,
        interrupts: Interrupts,
        foreground: Arc<Foreground>,
        colours: Colours,
    ) -> Self {
        Self {
            name,
            count,
            completions,
            files: FilenameCompleter::new(),
            interrupts,
            foreground,
            colours,
            drawn: AtomicBool::new(false),
        }
    }

    /// The editor has released the terminal.
    pub(super) fn line_read(&self) {
        self.drawn.store(false, Ordering::Relaxed);
        self.foreground.end();
        self.interrupts.end();
    }
}

/// The prompt as text.
pub(super) fn plain(name: &str, count: u64) -> String {
    format!("{name}({count})> ")
}

impl Completer for Helper {
    type Candidate = Pair;

    fn complete(&self, line: &str, at: usize, context: &Context<'_>) -> Result<(usize, Vec<Pair>)> {
        match self.completions.of(&line[..at]) {
            (start, Candidates::Words(words)) => {
                // The space says that the word is complete.
                let pair = |word: String| Pair {
                    replacement: format!("{word} "),
                    display: word,
                };
                Ok((start, words.into_iter().map(pair).collect()))
            }
            (_, Candidates::Files) => self.files.complete(line, at, context),
        }
    }
}

impl Highlighter for Helper {
    /// The number may have changed since the prompt was first drawn: it is the next shell process that
    /// will get the line. The width must not change.
    fn highlight_prompt<'b, 's: 'b, 'p: 'b>(&'s self, prompt: &'p str, own: bool) -> Cow<'b, str> {
        if !self.drawn.swap(true, Ordering::Relaxed) {
            self.foreground.set();
            // From here on Ctrl-C is a key: an interrupt is a signal from elsewhere.
            self.interrupts.begin();
        }
        self.foreground.wait();
        if !own {
            return Cow::Borrowed(prompt);
        }
        let now = plain(self.name, self.count.load(Ordering::Relaxed));
        let width = prompt.chars().count();
        Cow::Owned(match self.colours {
            Colours::On => format!("\x1b[1;36m{now:width$}\x1b[0m"),
            Colours::Off => format!("{now:width$}"),
        })
    }
}

impl Hinter for Helper {
    type Hint = String;
}

impl Validator for Helper {}

impl rustyline::Helper for Helper {}
