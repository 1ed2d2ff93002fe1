//! What can be said without a process: the lines of a character.

mod lines;

pub use self::lines::{EmptyLine, Lines};
