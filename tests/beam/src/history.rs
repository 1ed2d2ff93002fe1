//! Histories: what is to happen, step by step.

use std::fmt;

use otp_tests::workspace::{files, read};

use crate::command::Command;

/// A title, and commands that are carried out one after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    /// What it shows, or where it comes from.
    pub title: String,
    /// The commands, as they are written; see [`Command`].
    pub steps: Vec<String>,
}

impl History {
    /// The histories in the folder `scenarios/`.
    ///
    /// # Panics
    ///
    /// When one of them has an error.
    #[must_use]
    pub fn scenarios() -> Vec<Self> {
        let parse = |path| Self::parse_all(&read(path)).unwrap_or_else(|error| panic!("{error}"));
        files("tests/beam/scenarios", &["txt"])
            .iter()
            .flat_map(parse)
            .collect()
    }

    /// Reads histories. Each begins with a line `history TITLE`; then there is one command a line. Empty lines, and
    /// those that begin with `#`, are left out.
    ///
    /// # Errors
    ///
    /// The line that is no command.
    pub fn parse_all(text: &str) -> Result<Vec<Self>, String> {
        let mut histories: Vec<Self> = Vec::new();
        for line in text.lines().map(str::trim) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if let Some(title) = line.strip_prefix("history ") {
                histories.push(Self {
                    title: title.to_owned(),
                    steps: Vec::new(),
                });
                continue;
            }
            line.parse::<Command>().map_err(|error| error.to_string())?;
            match histories.last_mut() {
                Some(history) => history.steps.push(line.to_owned()),
                None => return Err(format!("{line:?} stands before the first history")),
            }
        }
        Ok(histories)
    }

    /// The same without so many steps from this one on.
    #[must_use]
    pub fn without(&self, from: usize, count: usize) -> Self {
        let steps = self.steps.iter().enumerate();
        let kept = steps.filter(|(at, _)| !(from..from + count).contains(at));
        Self {
            title: self.title.clone(),
            steps: kept.map(|(_, step)| step.clone()).collect(),
        }
    }
}

/// As [`parse_all`](History::parse_all) reads it.
impl fmt::Display for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "history {}", self.title)?;
        for step in &self.steps {
            writeln!(f, "  {step}")?;
        }
        Ok(())
    }
}
