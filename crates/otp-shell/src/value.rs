//! Parsers for values that several programs use.
//!
//! The parser of the command line names the refused text, so the errors of these parsers contain only the correct form.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use otp_core::child_spec::ChildType;
use otp_core::{ExitReason, Restart, Shutdown, Strategy};
use otp_text::duration;
use otp_text::limit::Limit;
use otp_text::visible::is_control;
use std::borrow::Borrow;
use std::convert::Infallible;
use std::ops::Deref;
use std::time::Duration;

/// Parses a name, which is not empty.
///
/// # Errors
///
/// The correct form.
pub fn name(text: &str) -> Result<String, &'static str> {
    match text {
        "" => Err("expected a name of at least one character"),
        name => Ok(name.to_owned()),
    }
}

/// A text of the user, in which any character is allowed: a line for a character, a message.
///
/// In all other words that are typed, except for paths, a character that cannot be seen or only looks like a space is
/// refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text(String);

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<Text> for String {
    fn from(text: Text) -> Self {
        text.0
    }
}

/// So that texts can be joined.
impl Borrow<str> for Text {
    fn borrow(&self) -> &str {
        self
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

/// Parses a line of text, which is not empty.
///
/// # Errors
///
/// The correct form.
pub fn line(text: &str) -> Result<Text, &'static str> {
    match text {
        "" => Err("expected a line of at least one character"),
        line => Ok(line.into()),
    }
}

/// Parses a line of text that is printed as it is; it may be empty.
///
/// # Errors
///
/// The correct form.
pub fn text(text: &str) -> Result<Text, &'static str> {
    match text.contains(is_control) {
        true => Err("expected one line of text without control characters"),
        false => Ok(text.into()),
    }
}

/// Parses an exit reason: `normal`, `shutdown`, `kill` or any other text.
///
/// # Errors
///
/// None: any text is a reason.
pub fn reason(text: &str) -> Result<ExitReason, Infallible> {
    Ok(match text {
        "normal" => ExitReason::Normal,
        "shutdown" => ExitReason::Shutdown,
        "kill" => ExitReason::Kill,
        other => ExitReason::other(other.to_owned()),
    })
}

/// Parses a duration such as `500ms` or `1m30s`.
///
/// # Errors
///
/// The correct form.
pub fn duration(text: &str) -> Result<Duration, String> {
    duration::parse(text)
        .map_err(|error| error.or("expected numbers with units, such as 500ms, 5s or 1m30s"))
}

/// Parses a limit of restarts, such as `3/5s`.
///
/// # Errors
///
/// The correct form.
pub fn limit(text: &str) -> Result<Limit, String> {
    text.parse::<Limit>().map_err(|error| error.to_string())
}

/// Parses how a child is stopped: `brutal-kill`, `infinity` or a duration.
///
/// # Errors
///
/// The correct form.
pub fn shutdown(text: &str) -> Result<Shutdown, String> {
    match text {
        "brutal-kill" => Ok(Shutdown::BrutalKill),
        "infinity" => Ok(Shutdown::Infinity),
        time => duration::parse(time)
            .map(Shutdown::Within)
            .map_err(|error| error.or("expected a duration such as 5s, brutal-kill or infinity")),
    }
}

/// Parses the strategy of a supervisor.
pub fn strategy() -> impl TypedValueParser<Value = Strategy> {
    one_of([
        ("one-for-one", Strategy::OneForOne),
        ("one-for-all", Strategy::OneForAll),
        ("rest-for-one", Strategy::RestForOne),
    ])
}

/// Parses the restart type of a child.
pub fn restart() -> impl TypedValueParser<Value = Restart> {
    one_of([
        ("permanent", Restart::Permanent),
        ("transient", Restart::Transient),
        ("temporary", Restart::Temporary),
    ])
}

/// Parses the type of a child.
pub fn child_type() -> impl TypedValueParser<Value = ChildType> {
    one_of([
        ("worker", ChildType::Worker),
        ("supervisor", ChildType::Supervisor),
    ])
}

/// Parses one of a few words; an error lists them.
fn one_of<T, const N: usize>(words: [(&'static str, T); N]) -> impl TypedValueParser<Value = T>
where
    T: Copy + Send + Sync + 'static,
{
    PossibleValuesParser::new(words.map(|(word, _)| word)).map(move |text| {
        let found = words.iter().find(|(word, _)| *word == text);
        found.expect("the parser has only let these words pass").1
    })
}
