//! Invisible characters and their names.
//!
//! Programs print text of users (names, messages, exit reasons) on a terminal. A control character in it would move the cursor,
//! change colours or hide the text after it. Programs print such text through [`line()`] or [`text`].

use std::borrow::Cow;
use std::fmt::Write;

/// Whether a character ends the line, moves the cursor, begins an escape code, or changes the direction of the text after it.
#[must_use]
pub fn is_control(character: char) -> bool {
    character.is_control() || matches!(character, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether a terminal shows this character.
#[must_use]
pub fn is_visible(character: char) -> bool {
    !character.is_whitespace() && unseen(character).or(joining(character)).is_none()
}

/// Escapes the control characters in a line as Rust does: `\u{1b}`, `\n`. A tab is not escaped, because it hides nothing.
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

/// Escapes the control characters in a text of several lines. Line ends are not escaped.
#[must_use]
pub fn text(text: &str) -> Cow<'_, str> {
    escaped(text, |character| {
        !matches!(character, '\n' | '\t') && is_control(character)
    })
}

/// A character that looks like a space but separates no words, or that is invisible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unseen {
    /// The character.
    pub character: char,
    /// The name in Unicode.
    pub name: &'static str,
}

/// Finds the first character that looks like a space but separates no words, or that is invisible.
///
/// Some characters without a width change a symbol or join two symbols, for example the emoji of a woman and a pan. Such a
/// character is not found.
///
/// # Examples
///
/// ```
/// use otp_text::visible::find_unseen;
///
/// assert_eq!(find_unseen("soft eggs, 👩\u{200d}🍳"), None);
/// assert_eq!(find_unseen("egg\u{200b}").map(|it| it.name), Some("zero-width space"));
/// ```
#[must_use]
pub fn find_unseen(text: &str) -> Option<Unseen> {
    let mut before = None;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let after = characters.peek().copied();
        let alone = || !is_part_of_a_symbol(before, character, after);
        let joining = || joining(character).filter(|_| alone());
        if let Some(name) = unseen(character).or_else(joining) {
            return Some(Unseen { character, name });
        }
        before = Some(character);
    }
    None
}

/// A text in quotes. Its control characters and its [unseen](Unseen) characters are escaped as in Rust.
///
/// ```
/// assert_eq!(otp_text::visible::quoted("egg\u{200b}"), r#""egg\u{200b}""#);
/// ```
#[must_use]
pub fn quoted(text: &str) -> String {
    let shown = escaped(text, |it| {
        is_control(it) || unseen(it).or(joining(it)).is_some()
    });
    format!("\"{shown}\"")
}

/// Whether a character without a width changes or joins the symbols around it. It does not change a letter of ASCII, but a
/// digit may become a keycap.
fn is_part_of_a_symbol(before: Option<char>, character: char, after: Option<char>) -> bool {
    let joins = |it: Option<char>| {
        it.is_some_and(|it| !it.is_ascii() && !it.is_whitespace() && unseen(it).is_none())
    };
    match character {
        '\u{200c}' | '\u{200d}' => joins(before) && joins(after),
        _ => joins(before) || before.is_some_and(|it| "0123456789#*".contains(it)),
    }
}

/// The name of a character that looks like a space but separates no words, or that is invisible.
fn unseen(character: char) -> Option<&'static str> {
    Some(match character {
        '\u{a0}' => "no-break space",
        '\u{ad}' => "soft hyphen",
        '\u{34f}' => "combining grapheme joiner",
        '\u{61c}' => "Arabic letter mark",
        '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' => "Hangul filler",
        '\u{1680}' => "Ogham space mark",
        '\u{17b4}' | '\u{17b5}' => "Khmer inherent vowel",
        '\u{180e}' => "Mongolian vowel separator",
        '\u{2000}' | '\u{2002}' => "en space",
        '\u{2001}' | '\u{2003}' => "em space",
        '\u{2004}'..='\u{2006}' => "fraction of an em space",
        '\u{2007}' => "figure space",
        '\u{2008}' => "punctuation space",
        '\u{2009}' => "thin space",
        '\u{200a}' => "hair space",
        '\u{200b}' => "zero-width space",
        '\u{200e}' => "left-to-right mark",
        '\u{200f}' => "right-to-left mark",
        '\u{202f}' => "narrow no-break space",
        '\u{205f}' => "medium mathematical space",
        '\u{2060}' => "word joiner",
        '\u{2061}'..='\u{2064}' => "invisible operator",
        '\u{206a}'..='\u{206f}' => "deprecated format character",
        '\u{2800}' => "blank Braille pattern",
        '\u{3000}' => "ideographic space",
        '\u{feff}' => "zero-width no-break space",
        '\u{fff9}'..='\u{fffb}' => "interlinear annotation mark",
        _ => return None,
    })
}

/// The name of a character that changes a symbol or joins two symbols.
fn joining(character: char) -> Option<&'static str> {
    Some(match character {
        '\u{200c}' => "zero-width non-joiner",
        '\u{200d}' => "zero-width joiner",
        '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' => "variation selector",
        '\u{e0020}'..='\u{e007f}' => "tag character",
        _ => return None,
    })
}

fn escaped(text: &str, is_escaped: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&is_escaped) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        match character {
            '\n' | '\r' if is_escaped(character) => escaped.extend(character.escape_default()),
            // A write to a `String` cannot fail.
            character if is_escaped(character) => {
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
    fn control_characters_are_escaped() {
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
            assert!(unseen(character).is_some(), "{character:?}");
        }
    }

    #[test]
    fn unseen_characters_are_found_unless_they_are_part_of_a_symbol() {
        fn check(text: &str, expected: Option<&str>) {
            assert_eq!(find_unseen(text).map(|it| it.name), expected, "{text:?}");
        }

        check("", None);
        check("soft eggs\t", None);
        check("œufs à la coque", None);
        check("soft\u{a0}eggs", Some("no-break space"));
        check("\u{200b}", Some("zero-width space"));
        check("卵\u{3000}", Some("ideographic space"));
        check("eggs\u{3164}", Some("Hangul filler"));
        // Emoji, a keycap, a flag, Persian.
        for symbol in [
            "👩\u{200d}🍳",
            "👩🏽\u{200d}❤\u{fe0f}\u{200d}👨",
            "1\u{fe0f}\u{20e3}",
            "🏴\u{e0067}\u{e0062}\u{e007f}",
            "می\u{200c}خواهم",
        ] {
            check(symbol, None);
        }
        check("egg\u{200d}", Some("zero-width joiner"));
        check("🥚\u{200d}", Some("zero-width joiner"));
        check("🥚\u{200d}\u{a0}🥚", Some("zero-width joiner"));
        check("\u{200c}egg", Some("zero-width non-joiner"));
        check("egg\u{fe0f}", Some("variation selector"));
        check("egg\u{e0067}", Some("tag character"));
    }

    #[test]
    fn a_quoted_text_shows_all_characters() {
        assert_eq!(quoted("œufs\u{a0}\u{1b}"), r#""œufs\u{a0}\u{1b}""#);
    }

    proptest! {
        #[test]
        fn no_control_character_is_left(anything in "\\PC*|(.|\\n|\\pC)*") {
            prop_assert!(!line(&anything).contains(|it| it != '\t' && is_control(it)));
            let lines = text(&anything);
            prop_assert!(!lines.contains(|it| !matches!(it, '\n' | '\t') && is_control(it)));
            prop_assert_eq!(lines.matches('\n').count(), anything.matches('\n').count());
        }
    }
}
