//! Durations with a maximum.

use crate::duration::{self, InvalidDuration};
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// A duration from zero to ten years, typed as `90s`, `5m`, `1h30m` or `1.5h`.
///
/// ```
/// use otp_text::length::Length;
/// use std::time::Duration;
///
/// let length: Length = "1h 30m".parse()?;
/// assert_eq!(length.duration(), Duration::from_secs(90 * 60));
/// assert_eq!(length.to_string(), "1h 30m");
/// # Ok::<(), otp_text::length::InvalidLength>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Length(Duration);

impl Length {
    /// The maximum. A longer duration is probably a typing error.
    pub const MAX: Duration = Duration::from_secs(10 * 31_557_600);

    /// The length as a [`Duration`].
    #[must_use]
    pub fn duration(self) -> Duration {
        self.0
    }
}

/// The text is no [`Length`]. The error describes the correct form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("invalid duration {text:?}: {problem}")]
pub struct InvalidLength {
    text: String,
    problem: String,
}

impl FromStr for Length {
    type Err = InvalidLength;

    fn from_str(text: &str) -> Result<Self, InvalidLength> {
        let problem = match duration::parse(text) {
            Ok(duration) if duration <= Self::MAX => return Ok(Self(duration)),
            Ok(_) | Err(InvalidDuration::TooLong) => "expected at most ten years (10y)".to_owned(),
            Err(error) => error.to_string(),
        };
        Err(InvalidLength {
            text: text.to_owned(),
            problem,
        })
    }
}

impl fmt::Display for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        humantime::format_duration(self.0).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_with_units_are_added_up() {
        fn check(text: &str, millis: u64) {
            assert_eq!(
                text.parse(),
                Ok(Length(Duration::from_millis(millis))),
                "{text:?}"
            );
        }

        check("0s", 0);
        check("0", 0);
        check("250ms", 250);
        check("90s", 90_000);
        check("5m", 300_000);
        check("1h30m", 5_400_000);
        check("1h 30m", 5_400_000);
        check(" 1 hour 30 min ", 5_400_000);
        check("1.5h", 5_400_000);
        check("10y", 315_576_000_000);
    }

    #[test]
    fn an_error_shows_the_text_and_the_correct_form() {
        fn check(text: &str, error: &str) {
            assert_eq!(
                text.parse::<Length>().expect_err(text).to_string(),
                format!("invalid duration {text:?}: {error}")
            );
        }

        let malformed = "expected a number and a unit, such as 90s, 5m or 1h30m";
        for text in [
            "", " ", "5x", "m", "eggs", "-5m", "5 5m x", "1h-2m", "5m!", "1.s", "٣m", "5µ",
        ] {
            check(text, malformed);
        }
        check(
            "5M",
            "expected a unit in lower case: 5m is five minutes, and a month is written 5months",
        );
        check(
            "1h30M",
            "expected a unit in lower case: 30m is 30 minutes, and a month is written 30months",
        );
        check("90S", "expected a unit in lower case: 90s is 90 seconds");
        check("5", "expected a unit after the number: 5s, 5m or 5h");
        check(
            "1.5",
            "expected a unit after the number: 1.5s, 1.5m or 1.5h",
        );
        check("1h 30", "expected a unit after the number: 30s, 30m or 30h");

        let too_long = "expected at most ten years (10y)";
        for text in [
            "10y 1ns",
            "11y",
            "4000d",
            "99999999999999999999y",
            "18446744073709551615s 1000ms",
        ] {
            check(text, too_long);
        }
        check("0.0000000001s", "expected fewer digits after the point");
    }

    proptest! {
        #[test]
        fn the_parser_does_not_panic(
            text in "[0-9]{0,20}(\\.[0-9]{1,20})?[a-zµ ]{0,3}.{0,3}( ?[0-9]{1,20}[a-z]{1,2})*",
        ) {
            let _ = text.parse::<Length>();
        }

        #[test]
        fn a_length_parses_its_own_text(millis in 0..315_576_000_000_u64) {
            let length = Length(Duration::from_millis(millis));
            prop_assert_eq!(length.to_string().parse(), Ok(length));
        }
    }
}
