//! Histories: what is to happen, step by step.

use std::fmt;

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
    /// Reads histories of commands.
    ///
    /// # Errors
    ///
    /// As for [`parse_steps`](Self::parse_steps), or the line that is no command.
    pub fn parse_all(text: &str) -> Result<Vec<Self>, String> {
        let histories = Self::parse_steps(text)?;
        for step in histories.iter().flat_map(|history| &history.steps) {
            step.parse::<Command>().map_err(|error| error.to_string())?;
        }
        Ok(histories)
    }

    /// Reads histories. Each begins with a line `history TITLE`; then there is one step a line. Empty lines, and
    /// those that begin with `#`, are left out.
    ///
    /// # Errors
    ///
    /// The line that stands before the first history.
    pub fn parse_steps(text: &str) -> Result<Vec<Self>, String> {
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
