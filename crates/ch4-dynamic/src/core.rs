//! The lines of a character, without a process.

use serde::{Deserialize, Serialize};
use std::fmt;

// ANCHOR: lines
/// The lines of a character: its first line, and the lines that it has learned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lines(Vec<String>);

impl Lines {
    /// Creates lines from the first line.
    pub fn new(first: impl Into<String>) -> Self {
        Self(vec![first.into()])
    }

    /// Adds a line.
    pub fn learn(&mut self, line: String) {
        self.0.push(line);
    }
}
// ANCHOR_END: lines

/// The lines, separated by ` / `.
impl fmt::Display for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(" / "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // ANCHOR: test
    #[test]
    fn a_learned_line_comes_last() {
        let mut lines = Lines::new("hello");
        lines.learn("egg".to_owned());
        lines.learn("apple".to_owned());
        assert_eq!(lines.to_string(), "hello / egg / apple");
    }
    // ANCHOR_END: test
}
