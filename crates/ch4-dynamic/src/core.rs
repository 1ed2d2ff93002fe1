//! What a character has to say. It can be said without a process.

use serde::{Deserialize, Serialize};
use std::fmt;

// ANCHOR: lines
/// The lines of a character: the first one it starts with, the others it has learned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lines(Vec<String>);

impl Lines {
    /// The lines of a character that has learned nothing.
    pub fn new(first: impl Into<String>) -> Self {
        Self(vec![first.into()])
    }

    /// Adds a line.
    pub fn learn(&mut self, line: String) {
        self.0.push(line);
    }
}
// ANCHOR_END: lines

/// One after the other.
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
    fn what_is_learned_is_said_after_the_rest() {
        let mut lines = Lines::new("hello");
        lines.learn("egg".to_owned());
        lines.learn("apple".to_owned());
        assert_eq!(lines.to_string(), "hello / egg / apple");
    }
    // ANCHOR_END: test
}
