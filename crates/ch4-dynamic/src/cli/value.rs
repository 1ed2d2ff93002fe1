//! What is typed, as values. The parser names the text itself, so only the rest of an error is given here.

use crate::api::Limit;
use otp_core::{ExitReason, Shutdown};
use otp_text::duration;
use std::convert::Infallible;
use std::time::Duration;

pub(super) fn shutdown(text: &str) -> Result<Shutdown, String> {
    match text {
        "brutal-kill" => Ok(Shutdown::BrutalKill),
        "infinity" => Ok(Shutdown::Infinity),
        time => duration::parse(time)
            .map(Shutdown::Within)
            .map_err(|error| error.or("expected a duration such as 5s, brutal-kill or infinity")),
    }
}

pub(super) fn duration(text: &str) -> Result<Duration, String> {
    duration::parse(text).map_err(|error| error.or("expected a duration such as 60ms or 5s"))
}

pub(super) fn limit(text: &str) -> Result<Limit, String> {
    text.parse::<Limit>().map_err(|error| error.to_string())
}

pub(super) fn name(text: &str) -> Result<String, &'static str> {
    match text {
        "" => Err("expected a name of at least one character"),
        name => Ok(name.to_owned()),
    }
}

pub(super) fn line(text: &str) -> Result<String, &'static str> {
    match text {
        "" => Err("expected a line of at least one character"),
        line => Ok(line.to_owned()),
    }
}

pub(super) fn reason(text: &str) -> Result<ExitReason, Infallible> {
    Ok(match text {
        "normal" => ExitReason::Normal,
        "shutdown" => ExitReason::Shutdown,
        "kill" => ExitReason::Kill,
        other => ExitReason::other(other.to_owned()),
    })
}
