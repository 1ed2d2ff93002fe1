//! Parses and formats durations.

use humantime::{DurationError, FormattedDuration};
use std::fmt;
use std::time::Duration;

/// The text is no duration.
///
/// The error describes the correct form. The caller adds the invalid text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDuration {
    /// The text has no numbers with units.
    #[error("expected a number and a unit, such as 90s, 5m or 1h30m")]
    Malformed,
    /// A number has no unit.
    #[error("expected a unit after the number: {0}s, {0}m or {0}h")]
    NoUnit(String),
    /// A unit is in upper case.
    #[error("expected a unit in lower case: {0}")]
    Case(Hint),
    /// The duration is too long for its type.
    #[error("expected a shorter duration")]
    TooLong,
    /// The text has more digits after the point than nanoseconds need.
    #[error("expected fewer digits after the point")]
    TooFine,
}

impl InvalidDuration {
    /// The text of the error for a program with examples of its own. It is `expected`, unless a unit is in upper case.
    #[must_use]
    pub fn or(&self, expected: &str) -> String {
        match self {
            Self::Case(_) => self.to_string(),
            _ => expected.to_owned(),
        }
    }
}

/// The meaning of a number with a unit in lower case: `5m is five minutes`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    number: String,
    unit: String,
    /// Whether the typed unit is `M`, which `humantime` reads as a month.
    month: bool,
}

impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { number, unit, .. } = self;
        let word = name(unit).unwrap_or(unit);
        let plural = if number == "1" { "" } else { "s" };
        write!(f, "{number}{unit} is {} {word}{plural}", spelled(number))?;
        match self.month {
            true => write!(f, ", and a month is written {number}month{plural}"),
            false => Ok(()),
        }
    }
}

/// Formats a remaining time: in whole seconds, and below ten seconds in milliseconds.
///
/// ```
/// use otp_text::duration::left;
/// use std::time::Duration;
///
/// assert_eq!(left(Duration::from_millis(279_500)).to_string(), "4m 39s");
/// assert_eq!(left(Duration::from_millis(9_999)).to_string(), "9s 999ms");
/// ```
#[must_use]
pub fn left(time: Duration) -> FormattedDuration {
    let (seconds, millis) = (time.as_secs(), time.subsec_millis());
    humantime::format_duration(match seconds < 10 {
        true => Duration::new(seconds, millis * 1_000_000),
        false => Duration::from_secs(seconds),
    })
}

/// Formats hours, minutes and seconds as a kitchen clock shows them. Parts of a second are cut off, and hours continue after 24.
///
/// ```
/// use otp_text::duration::hms;
/// use std::time::Duration;
///
/// assert_eq!(hms(Duration::from_millis(280_999)), "0:04:40");
/// assert_eq!(hms(Duration::from_secs(90_000)), "25:00:00");
/// ```
#[must_use]
pub fn hms(time: Duration) -> String {
    let seconds = time.as_secs();
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    format!("{hours}:{minutes:02}:{:02}", seconds % 60)
}

/// Parses a sequence of numbers with units: `90s`, `5m`, `1h30m`, `1h 30m`, `1.5h`.
///
/// All units are in lower case. `humantime`, which parses the units, reads `M` as a month of 30.44 days. Here a month is
/// `month`, because a user who types `5M` for eggs means minutes. A sum that is too long for a [`Duration`] is
/// [`Duration::MAX`].
///
/// # Errors
///
/// [`InvalidDuration`], with the correct form.
///
/// # Examples
///
/// ```
/// use otp_text::duration::parse;
/// use std::time::Duration;
///
/// assert_eq!(parse("1h30m"), Ok(Duration::from_secs(5400)));
/// let refused = parse("5M").unwrap_err();
/// assert!(refused.to_string().contains("5m is five minutes"));
/// ```
pub fn parse(text: &str) -> Result<Duration, InvalidDuration> {
    // `humantime` overflows when the sum of the parts is too large, so it gets one part at a time.
    let mut total = Duration::ZERO;
    for part in parts(&with_micro_signs(text)) {
        total = total.saturating_add(self::part(part)?);
    }
    Ok(total)
}

/// Keyboards have either of two characters for the microsecond: the micro sign, which `humantime` knows, and the Greek letter mu.
fn with_micro_signs(text: &str) -> String {
    text.replace('\u{3bc}', "\u{b5}")
}

/// Splits `1h30m` into `1h` and `30m`. A part begins at a digit after a unit.
fn parts(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut last = None;
    let characters = text
        .char_indices()
        .filter(|(_, character)| !character.is_whitespace());
    for (at, character) in characters {
        if character.is_ascii_digit() && last.is_some_and(char::is_alphabetic) {
            parts.push(&text[start..at]);
            start = at;
        }
        last = Some(character);
    }
    parts.push(&text[start..]);
    parts
}

#[expect(
    clippy::disallowed_methods,
    reason = "one part cannot overflow, and its unit is checked for upper case first"
)]
fn part(part: &str) -> Result<Duration, InvalidDuration> {
    if let Some(hint) = wrong_case(part) {
        return Err(InvalidDuration::Case(hint));
    }
    humantime::parse_duration(part).map_err(|error| match error {
        DurationError::UnknownUnit { unit, .. } if unit.is_empty() => {
            InvalidDuration::NoUnit(part.split_whitespace().collect())
        }
        DurationError::NumberOverflow if part.contains('.') => InvalidDuration::TooFine,
        DurationError::NumberOverflow => InvalidDuration::TooLong,
        _ => InvalidDuration::Malformed,
    })
}

/// The meaning of a part with its unit in lower case, if the unit is in upper case and known.
#[expect(
    clippy::disallowed_methods,
    reason = "one part cannot overflow, and the unit is in lower case"
)]
fn wrong_case(part: &str) -> Option<Hint> {
    let part = part.trim();
    let at = part.find(char::is_alphabetic)?;
    let (number, typed) = part.split_at(at);
    let unit = with_micro_signs(&typed.to_lowercase());
    name(&unit).filter(|_| unit != typed)?;
    let number: String = number.split_whitespace().collect();
    // Of a number that is too large, too, the unit is what the user sees.
    match humantime::parse_duration(&format!("{number}{unit}")) {
        Ok(_) | Err(DurationError::NumberOverflow) => Some(Hint {
            number,
            unit,
            month: typed == "M",
        }),
        Err(_) => None,
    }
}

/// The full name of a unit of `humantime`.
fn name(unit: &str) -> Option<&'static str> {
    Some(match unit {
        "nanos" | "nsec" | "ns" => "nanosecond",
        "micros" | "usec" | "us" | "µs" => "microsecond",
        "millis" | "msec" | "ms" => "millisecond",
        "seconds" | "second" | "secs" | "sec" | "s" => "second",
        "minutes" | "minute" | "mins" | "min" | "m" => "minute",
        "hours" | "hour" | "hrs" | "hr" | "h" => "hour",
        "days" | "day" | "d" => "day",
        "weeks" | "week" | "wks" | "wk" | "w" => "week",
        "months" | "month" => "month",
        "years" | "year" | "yrs" | "yr" | "y" => "year",
        _ => return None,
    })
}

/// A small number as a word.
fn spelled(number: &str) -> &str {
    const WORDS: [&str; 13] = [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
        "eleven", "twelve",
    ];
    let index = number.parse::<usize>().ok();
    let word = index.and_then(|index| WORDS.get(index));
    word.copied().unwrap_or(number)
}

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "the tests compare with humantime"
)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_unit_in_upper_case_is_refused_with_its_meaning_in_lower_case() {
        fn check(text: &str, error: &str) {
            let refused = parse(text).expect_err(text);
            let error = format!("expected a unit in lower case: {error}");
            assert_eq!(refused.to_string(), error, "{text:?}");
            assert_eq!(refused.or("anything else"), error, "{text:?}");
        }

        let month = "and a month is written";
        check("5M", &format!("5m is five minutes, {month} 5months"));
        check("1M", &format!("1m is one minute, {month} 1month"));
        check(" 90 M", &format!("90m is 90 minutes, {month} 90months"));
        check("1h30M", &format!("30m is 30 minutes, {month} 30months"));
        check("1.5M", &format!("1.5m is 1.5 minutes, {month} 1.5months"));
        check("5S", "5s is five seconds");
        check("2H", "2h is two hours");
        check("10MS", "10ms is ten milliseconds");
        check("3Days", "3days is three days");
        check("1Y", "1y is one year");
        check("5\u{39c}S", "5\u{b5}s is five microseconds");
        let many = "99999999999999999999";
        check(&format!("{many}S"), &format!("{many}s is {many} seconds"));
        check("0.0000000001H", "0.0000000001h is 0.0000000001 hours");
    }

    #[test]
    fn a_microsecond_is_written_with_either_mu() {
        for text in ["5us", "5\u{b5}s", "5\u{3bc}s", "2\u{3bc}s 3\u{b5}s"] {
            assert_eq!(parse(text), Ok(Duration::from_micros(5)), "{text:?}");
        }
    }

    #[test]
    fn every_unit_of_humantime_has_a_name() {
        let units = "nanos nsec ns usec us millis msec ms seconds second sec secs s minutes minute min \
                     mins m hours hour hrs hr h days day d weeks week wks wk w months month years year \
                     yrs yr y";
        for unit in units.split_whitespace() {
            let text = format!("1{unit}");
            assert!(parse(&text).is_ok(), "{text}");
            assert!(name(unit).is_some(), "{unit}");
            let upper = text.to_uppercase();
            let refused = parse(&upper);
            assert!(
                matches!(refused, Err(InvalidDuration::Case(_))),
                "{upper}: {refused:?}"
            );
        }
        assert_eq!(
            parse("1month"),
            humantime::parse_duration("1M").map_err(|_| InvalidDuration::Malformed)
        );
    }

    #[test]
    fn an_error_describes_the_correct_form() {
        fn check(text: &str, error: &InvalidDuration) {
            assert_eq!(parse(text).as_ref(), Err(error), "{text:?}");
        }

        for text in ["", " ", "5x", "m", "M", "-5m", "-5M", "5X", "1.s", "٣m"] {
            check(text, &InvalidDuration::Malformed);
        }
        check("1h 30", &InvalidDuration::NoUnit("30".to_owned()));
        check("99999999999999999999y", &InvalidDuration::TooLong);
        check("0.0000000001s", &InvalidDuration::TooFine);
        assert_eq!(
            InvalidDuration::Malformed.or("expected an egg"),
            "expected an egg"
        );
        assert_eq!(parse("18446744073709551615s 1000ms"), Ok(Duration::MAX));
    }

    proptest! {
        #[test]
        fn the_parser_does_not_panic(
            text in "[0-9]{0,20}(\\.[0-9]{1,20})?[a-zA-Zµ ]{0,3}.{0,3}( ?[0-9]{1,20}[a-zM]{1,2})*",
        ) {
            let _ = parse(&text);
        }

        /// Each accepted text has the same meaning in `humantime`. Some texts of `humantime` are refused.
        #[test]
        fn an_accepted_duration_is_that_of_humantime(text in "[0-9]{1,3}[a-zA-Z]{1,4}") {
            if let Ok(duration) = parse(&text) {
                prop_assert_eq!(humantime::parse_duration(&text), Ok(duration));
            }
        }
    }
}
