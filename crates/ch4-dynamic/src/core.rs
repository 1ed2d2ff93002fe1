//! What a character has to say. It can be said without a process.

use std::fmt;

// anchor: lines
/// The lines of a character: the first one it starts with, the others it has learned. This is also what is saved of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lines(Vec<String>);

/// One of the lines is empty, and a character cannot say nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("one of its lines is empty")]
pub struct EmptyLine;

impl Lines {
    /// The lines of a character that has learned nothing.
    pub fn new(first: impl Into<String>) -> Self {
        Self(vec![first.into()])
    }

    /// Adds a line. Whether it makes sense is seen at the next [`check`](Self::check).
    pub fn learn(&mut self, line: String) {
        self.0.push(line);
    }

    /// Looks for lines that cannot be said.
    ///
    /// # Errors
    ///
    /// [`EmptyLine`].
    pub fn check(&self) -> Result<(), EmptyLine> {
        match self.0.iter().any(String::is_empty) {
            true => Err(EmptyLine),
            false => Ok(()),
        }
    }
}
// end: lines

/// One after the other.
impl fmt::Display for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(" / "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // anchor: test
    #[test]
    fn what_is_learned_is_said_after_the_rest() {
        let mut lines = Lines::new("hello");
        lines.learn("egg".to_owned());
        lines.learn("apple".to_owned());
        assert_eq!(lines.to_string(), "hello / egg / apple");
        assert_eq!(lines.check(), Ok(()));
    }
    // end: test

    // S86
    #[test]
    fn an_empty_line_is_learned_and_found_later() {
        let mut lines = Lines::new("hello");
        lines.learn(String::new());
        assert_eq!(lines.check(), Err(EmptyLine));
    }
}
