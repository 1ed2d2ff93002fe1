//! Pairs of a name and a length.

use crate::length::{InvalidLength, Length};
use crate::name::{InvalidName, Name};

/// The words are no pairs of a name and a length.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidPairs {
    /// A name is invalid.
    #[error(transparent)]
    Name(#[from] InvalidName),
    /// A length is invalid.
    #[error(transparent)]
    Length(#[from] InvalidLength),
    /// The length of the last name is missing.
    #[error("missing duration after {0:?}: expected a number and a unit, such as 90s, 5m or 1h30m")]
    NoLength(String),
    /// A length is in the place of a name, as `30m` is in `eggs 1h 30m`.
    #[error(
        "invalid name {0:?}: expected a name in place of a duration \
         (a duration of several parts is one word, such as 1h30m)"
    )]
    LengthForName(String),
    /// Two pairs have the same name.
    #[error("name {0:?} is given twice: expected a different name for each alarm")]
    Twice(String),
}

/// Parses `NAME DURATION NAME DURATION ...`. If one word is invalid, the result is an error.
///
/// # Errors
///
/// [`InvalidPairs`], with the correct form.
pub fn pairs(words: &[String]) -> Result<Vec<(Name, Length)>, InvalidPairs> {
    let mut pairs: Vec<(Name, Length)> = Vec::new();
    for pair in words.chunks(2) {
        let word = &pair[0];
        if word.parse::<Length>().is_ok() {
            return Err(InvalidPairs::LengthForName(word.clone()));
        }
        let name: Name = word.parse()?;
        let length = pair.get(1);
        let length = length.ok_or_else(|| InvalidPairs::NoLength(word.clone()))?;
        if pairs.iter().any(|(other, _)| *other == name) {
            return Err(InvalidPairs::Twice(word.clone()));
        }
        pairs.push((name, length.parse()?));
    }
    Ok(pairs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn names_and_durations_alternate() {
        let all = pairs(&words("eggs 5m tea 1h30m")).expect("two pairs");
        let all: Vec<_> = all
            .iter()
            .map(|(name, length)| format!("{name} {length}"))
            .collect();
        assert_eq!(all, ["eggs 5m", "tea 1h 30m"]);
    }

    #[test]
    fn one_invalid_word_is_an_error() {
        fn check(line: &str, error: &str) {
            assert_eq!(pairs(&words(line)).expect_err(line).to_string(), error);
        }

        let example = "such as 90s, 5m or 1h30m";
        check(
            "eggs",
            &format!(r#"missing duration after "eggs": expected a number and a unit, {example}"#),
        );
        check(
            "eggs 5m tea",
            &format!(r#"missing duration after "tea": expected a number and a unit, {example}"#),
        );
        check(
            "eggs 5m tea 5x",
            &format!(r#"invalid duration "5x": expected a number and a unit, {example}"#),
        );
        check(
            "eggs 1h 30m",
            r#"invalid name "30m": expected a name in place of a duration (a duration of several parts is one word, such as 1h30m)"#,
        );
        check(
            "eggs 5m tea 3m eggs 1s",
            r#"name "eggs" is given twice: expected a different name for each alarm"#,
        );
    }
}
