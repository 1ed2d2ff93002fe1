//! Names that users give, such as those of alarms.

use crate::visible::{is_control, is_visible};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// A name: a short line of text.
///
/// Programs print a name in a line on a terminal, so it has no line breaks and no escape codes. It has at least one visible
/// character and at most [`Name::MAX_CHARS`] characters.
///
/// ```
/// use otp_text::name::Name;
///
/// let name: Name = "soft eggs".parse()?;
/// assert_eq!(name.as_str(), "soft eggs");
/// assert!("".parse::<Name>().is_err());
/// # Ok::<(), otp_text::name::InvalidName>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(Arc<str>);

impl Name {
    /// The maximum number of characters.
    pub const MAX_CHARS: usize = 64;

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The text is no name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidName {
    /// The text has no visible character.
    #[error("invalid name {0:?}: expected at least one visible character, such as eggs")]
    Blank(String),
    /// The text contains a line break, a tab, an escape code or a change of direction.
    #[error("invalid name {0:?}: expected one line without control characters")]
    Control(String),
    /// The text is longer than [`Name::MAX_CHARS`].
    #[error("invalid name {0:?}: expected at most {max} characters", max = Name::MAX_CHARS)]
    TooLong(String),
}

impl FromStr for Name {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        if text.contains(is_control) {
            Err(InvalidName::Control(text.to_owned()))
        } else if !text.contains(is_visible) {
            Err(InvalidName::Blank(text.to_owned()))
        } else if text.chars().count() > Self::MAX_CHARS {
            Err(InvalidName::TooLong(text.to_owned()))
        } else {
            Ok(Self(text.into()))
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_line_of_visible_text() {
        for valid in [
            "eggs",
            "soft eggs",
            "3",
            "-",
            "œufs à la coque",
            "🥚",
            "👩\u{200d}🍳",
        ] {
            assert_eq!(
                valid.parse::<Name>().map(|name| name.to_string()),
                Ok(valid.to_owned())
            );
        }
    }

    #[test]
    fn an_error_shows_the_text_and_the_correct_form() {
        fn check(name: &str, error: &str) {
            assert_eq!(name.parse::<Name>().expect_err(name).to_string(), error);
        }

        check(
            "",
            r#"invalid name "": expected at least one visible character, such as eggs"#,
        );
        check(
            " \u{3000}",
            r#"invalid name " \u{3000}": expected at least one visible character, such as eggs"#,
        );
        check(
            "a\nb",
            r#"invalid name "a\nb": expected one line without control characters"#,
        );
        check(
            "\u{1b}[2J",
            r#"invalid name "\u{1b}[2J": expected one line without control characters"#,
        );
        check(
            "\u{200b}",
            r#"invalid name "\u{200b}": expected at least one visible character, such as eggs"#,
        );
        check(
            "\u{202e}eggs",
            r#"invalid name "\u{202e}eggs": expected one line without control characters"#,
        );
        let long = "x".repeat(65);
        check(
            &long,
            &format!("invalid name {long:?}: expected at most 64 characters"),
        );
        assert!("é".repeat(64).parse::<Name>().is_ok());
    }
}
