//! What is typed, as values. The parser names the text itself, so only the rest of an error is given here.

use crate::api::Number;
use std::time::Duration;

pub(super) fn number(text: &str) -> Result<Number, String> {
    text.parse::<Number>()
        .map_err(|error| error.problem().to_string())
}

pub(super) fn duration(text: &str) -> Result<Duration, String> {
    otp_text::duration::parse(text)
        .map_err(|error| error.or("expected numbers with units, such as 500ms, 5s or 1m30s"))
}

/// A time that passes again and again, and so takes some.
pub(super) fn period(text: &str) -> Result<Duration, String> {
    match duration(text)? {
        period if period < Duration::from_millis(1) => Err("expected at least 1ms".to_owned()),
        period => Ok(period),
    }
}

pub(super) fn name(text: &str) -> Result<String, &'static str> {
    match text {
        "" => Err("expected a name of at least one character"),
        name => Ok(name.to_owned()),
    }
}
