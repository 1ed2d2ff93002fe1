//! Restart limits.

use crate::duration::{self, InvalidDuration};
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// A maximum number of restarts in a period, typed as `3/5s`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// The maximum number of restarts.
    pub max: usize,
    /// The period.
    pub period: Duration,
}

/// OTP's default: three restarts in five seconds.
impl Default for Limit {
    fn default() -> Self {
        let period = Duration::from_secs(5);
        Self { max: 3, period }
    }
}

/// The text is no limit. The error describes the correct form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidLimit(String);

impl InvalidLimit {
    fn expected() -> Self {
        Self::or(&InvalidDuration::Malformed)
    }

    fn or(error: &InvalidDuration) -> Self {
        Self(error.or("expected a number of restarts and a duration, such as 3/5s or 0/1m"))
    }
}

impl FromStr for Limit {
    type Err = InvalidLimit;

    fn from_str(text: &str) -> Result<Self, InvalidLimit> {
        let (max, period) = text.split_once('/').ok_or_else(InvalidLimit::expected)?;
        let max = max.parse().map_err(|_| InvalidLimit::expected())?;
        let period = duration::parse(period).map_err(|error| InvalidLimit::or(&error))?;
        // In a period of zero no restarts could be counted.
        match period {
            Duration::ZERO => Err(InvalidLimit::expected()),
            period => Ok(Self { max, period }),
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let period = humantime::format_duration(self.period);
        write!(f, "{}/{}", self.max, period.to_string().replace(' ', ""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_a_number_and_a_duration() {
        fn check(text: &str, expected: Option<(usize, u64)>) {
            let limit = text.parse::<Limit>().ok();
            assert_eq!(
                limit.map(|limit| (limit.max, limit.period.as_millis() as u64)),
                expected,
                "{text}"
            );
        }

        check("3/5s", Some((3, 5000)));
        check("0/1m30s", Some((0, 90_000)));
        for invalid in [
            "", "3", "/5s", "3/", "3/5", "3/5M", "-1/5s", "three/5s", "3/0s", "3/5s/1s",
        ] {
            check(invalid, None);
        }
    }

    #[test]
    fn a_limit_parses_its_own_text() {
        for text in ["3/5s", "1/1m 30s", "0/500ms"] {
            let shown = text.replace(' ', "");
            assert_eq!(
                text.parse::<Limit>().map(|limit| limit.to_string()),
                Ok(shown)
            );
        }
    }
}
