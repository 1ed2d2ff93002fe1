//! Characters that do not show, and what they are called.
//!
//! Text of users (names, messages, exit reasons) ends up on a terminal. A control character in it would move the cursor,
//! change colours or hide what follows. Programs print such text through [`line()`] or [`text`].

use std::borrow::Cow;
use std::fmt::Write;

/// Whether a character does something to the line around it: ends it, moves the cursor, begins an escape code, or
/// changes the direction of the text that follows.
#[must_use]
pub fn is_control(character: char) -> bool {
    character.is_control() || matches!(character, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether there is something to see where this character is. Characters of no width join others into one sign, an
/// emoji for example, and are nothing by themselves.
#[must_use]
pub fn is_visible(character: char) -> bool {
    !character.is_whitespace()
        && !matches!(
            character,
            '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}'
        )
}

/// One line of text with each control character written as in Rust: `\u{1b}`, `\n`. A tab stays: it hides nothing.
///
/// # Examples
///
/// ```
/// assert_eq!(otp_text::visible::line("eggs\u{1b}[2J\n"), r"eggs\u{1b}[2J\n");
/// ```
#[must_use]
pub fn line(text: &str) -> Cow<'_, str> {
    escaped(text, |character| character != '\t' && is_control(character))
}

/// The same for text of several lines: the ends of lines stay.
#[must_use]
pub fn text(text: &str) -> Cow<'_, str> {
    escaped(text, |character| {
        !matches!(character, '\n' | '\t') && is_control(character)
    })
}

/// The name of a character that looks like a space or like nothing, and separates no words.
///
/// ```
/// use otp_text::visible::odd_space;
///
/// assert_eq!(odd_space('\u{a0}'), Some("no-break space"));
/// assert_eq!(odd_space(' '), None);
/// ```
#[must_use]
pub fn odd_space(character: char) -> Option<&'static str> {
    Some(match character {
        '\u{a0}' => "no-break space",
        '\u{ad}' => "soft hyphen",
        '\u{1680}' => "Ogham space mark",
        '\u{2000}' | '\u{2002}' => "en space",
        '\u{2001}' | '\u{2003}' => "em space",
        '\u{2004}'..='\u{2006}' => "fraction of an em space",
        '\u{2007}' => "figure space",
        '\u{2008}' => "punctuation space",
        '\u{2009}' => "thin space",
        '\u{200a}' => "hair space",
        '\u{200b}' => "zero-width space",
        '\u{202f}' => "narrow no-break space",
        '\u{205f}' => "medium mathematical space",
        '\u{2060}' => "word joiner",
        '\u{3000}' => "ideographic space",
        '\u{feff}' => "zero-width no-break space",
        _ => return None,
    })
}

fn escaped(text: &str, wanted: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&wanted) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        match character {
            '\n' | '\r' if wanted(character) => escaped.extend(character.escape_default()),
            // Writing into a `String` cannot fail.
            character if wanted(character) => {
                let _ = write!(escaped, "\\u{{{:x}}}", u32::from(character));
            }
            character => escaped.push(character),
        }
    }
    Cow::Owned(escaped)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn control_characters_are_written_out() {
        assert_eq!(
            line("soft eggs, œufs, 👩\u{200d}🍳"),
            "soft eggs, œufs, 👩\u{200d}🍳"
        );
        assert_eq!(line("a\u{1b}[2J\u{7}\r\n"), r"a\u{1b}[2J\u{7}\r\n");
        assert_eq!(line("a\tb"), "a\tb");
        assert_eq!(line("\u{202e}sgge\u{9b}1m"), r"\u{202e}sgge\u{9b}1m");
        assert_eq!(text("one\ntwo\r\n"), "one\ntwo\\r\n");
        assert_eq!(line("add\u{a0}5"), "add\u{a0}5");
    }

    #[test]
    fn every_space_that_separates_no_words_has_a_name() {
        for character in ('\u{80}'..=char::MAX).filter(|it| it.is_whitespace() && !is_control(*it))
        {
            assert!(odd_space(character).is_some(), "{character:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_that_controls_a_terminal_is_left(anything in "\\PC*|(.|\\n|\\pC)*") {
            prop_assert!(!line(&anything).contains(|it| it != '\t' && is_control(it)));
            let lines = text(&anything);
            prop_assert!(!lines.contains(|it| !matches!(it, '\n' | '\t') && is_control(it)));
            prop_assert_eq!(lines.matches('\n').count(), anything.matches('\n').count());
        }
    }
}
