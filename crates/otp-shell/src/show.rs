//! The display of supervisors and of exit reasons.

use crate::failure::Failure;
use crate::shell::Shell;
use otp_core::supervisor::{ChildCounts, ChildInfo, ChildStatus};
use otp_core::{ExitReason, Pid};
use std::error::Error;
use std::fmt::Display;
use std::iter;

/// An exit reason for users: the text, without the place in the source that a report names.
#[must_use]
pub fn plain(reason: &ExitReason) -> String {
    match reason {
        ExitReason::Panic(panic) => panic.message.clone(),
        other => other.to_string(),
    }
}

/// The text of an error and those of its sources, each once.
pub(crate) fn with_causes(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    for cause in iter::successors(error.source(), |&cause| cause.source()) {
        let cause = cause.to_string();
        // Many errors have the text of their source in their own.
        if !text.ends_with(&cause) {
            text += &format!(": {cause}");
        }
    }
    text
}

/// The id of a child and its pid, in OTP's words: `undefined` if it has none.
fn child(child: &ChildInfo) -> [String; 2] {
    let id = child.id.as_ref().map(ToString::to_string);
    let process = match child.status {
        ChildStatus::Running(pid) => Some(pid.to_string()),
        ChildStatus::Restarting => Some("restarting".to_owned()),
        ChildStatus::Stopped => None,
    };
    [id, process].map(|cell| cell.unwrap_or_else(|| "undefined".to_owned()))
}

impl Shell {
    /// Prints rows with their columns below each other, or `empty` if there are none.
    ///
    /// # Errors
    ///
    /// As for [`print`](Self::print).
    pub fn print_table<const N: usize>(
        &self,
        rows: &[[String; N]],
        empty: impl Display,
    ) -> Result<(), Failure> {
        if rows.is_empty() {
            return self.print(empty);
        }
        let widths: [usize; N] = std::array::from_fn(|column| {
            let cells = rows.iter().map(|row| row[column].chars().count());
            cells.max().unwrap_or(0)
        });
        for row in rows {
            let cells = row.iter().zip(widths);
            let cells: Vec<String> = cells
                .map(|(cell, width)| format!("{cell:width$}"))
                .collect();
            self.print(cells.join("  ").trim_end())?;
        }
        Ok(())
    }

    /// Prints names with their values; or `empty` if there are none.
    ///
    /// # Errors
    ///
    /// As for [`print`](Self::print).
    pub fn print_pairs(
        &self,
        pairs: impl IntoIterator<Item = (String, impl ToString)>,
        empty: impl Display,
    ) -> Result<(), Failure> {
        let rows = pairs.into_iter().map(|(name, it)| [name, it.to_string()]);
        self.print_table(&rows.collect::<Vec<_>>(), empty)
    }

    /// Prints the pid that was found under a name, or `undefined`.
    ///
    /// # Errors
    ///
    /// As for [`print`](Self::print).
    pub fn print_pid(&self, found: Option<Pid>) -> Result<(), Failure> {
        match found {
            Some(pid) => self.print(pid),
            None => self.print("undefined"),
        }
    }

    /// Prints the children of a supervisor, one a line.
    ///
    /// # Errors
    ///
    /// As for [`print`](Self::print).
    pub fn print_children(&self, children: &[ChildInfo]) -> Result<(), Failure> {
        let rows = children.iter().map(|it| {
            let [id, process] = child(it);
            let (kind, restart) = (it.child_type.to_string(), it.restart.to_string());
            [id, process, kind, restart]
        });
        self.print_table(&rows.collect::<Vec<_>>(), "no children")
    }

    /// Prints the children of a supervisor on one line, after a word.
    ///
    /// # Errors
    ///
    /// As for [`print`](Self::print).
    pub fn print_row(&self, word: &str, children: &[ChildInfo]) -> Result<(), Failure> {
        let children: Vec<String> = children.iter().map(|it| child(it).join(" ")).collect();
        match children.is_empty() {
            true => self.print(format_args!("{word}no children")),
            false => self.print(format_args!("{word}{}", children.join(", "))),
        }
    }

    /// Prints how many children a supervisor has.
    ///
    /// # Errors
    ///
    /// As for [`print`](Self::print).
    pub fn print_counts(&self, count: ChildCounts) -> Result<(), Failure> {
        self.print(format_args!(
            "specs {}, active {}, supervisors {}, workers {}",
            count.specs, count.active, count.supervisors, count.workers
        ))
    }
}
