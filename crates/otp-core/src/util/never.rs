//! The type that has no values.

/// A message that cannot exist: the type of the kinds of message that a process does not use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Never {}
