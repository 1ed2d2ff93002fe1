//! What may stand in a line of output.

/// Whether this character does something to the line around it: ends it, moves the cursor, begins an
/// escape code, or changes the direction of all that follows.
pub(crate) fn is_control(character: char) -> bool {
    character.is_control() || matches!(character, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether there is something to see where this character stands. Those of no width join others into
/// one sign, an emoji for example, and are nothing by themselves.
pub(crate) fn is_visible(character: char) -> bool {
    !character.is_whitespace()
        && !matches!(
            character,
            '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}'
        )
}
