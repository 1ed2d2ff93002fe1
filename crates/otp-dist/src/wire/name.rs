//! Names of nodes.

/// Whether it can be the part of a node's name before or behind the `@`: characters that can be seen, at least one.
pub(crate) fn is_part(text: &str) -> bool {
    let is_odd = |c: char| c == '@' || c.is_control() || c.is_whitespace();
    !text.is_empty() && !text.contains(is_odd)
}
