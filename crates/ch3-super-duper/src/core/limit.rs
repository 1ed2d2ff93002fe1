//! How often something may fail before it is given up.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// So many restarts within so much time, typed as `3/5s`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// How many.
    pub max: usize,
    /// Within how much time.
    pub period: Duration,
}

/// A text that is no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a number of restarts and a duration, such as 3/5s or 0/1m")]
pub struct InvalidLimit;

impl FromStr for Limit {
    type Err = InvalidLimit;

    fn from_str(text: &str) -> Result<Self, InvalidLimit> {
        let (max, period) = text.split_once('/').ok_or(InvalidLimit)?;
        let max = max.parse().map_err(|_| InvalidLimit)?;
        let period = humantime::parse_duration(period).map_err(|_| InvalidLimit)?;
        // Restarts within no time at all could not be counted.
        match period {
            Duration::ZERO => Err(InvalidLimit),
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
        fn check(text: &str, expected: Result<(usize, u64), InvalidLimit>) {
            let limit = text.parse::<Limit>();
            assert_eq!(
                limit.map(|limit| (limit.max, limit.period.as_millis() as u64)),
                expected,
                "{text}"
            );
        }

        check("3/5s", Ok((3, 5000)));
        check("0/1m30s", Ok((0, 90_000)));
        for nonsense in [
            "", "3", "/5s", "3/", "3/5", "-1/5s", "three/5s", "3/0s", "3/5s/1s",
        ] {
            check(nonsense, Err(InvalidLimit));
        }
    }

    #[test]
    fn a_limit_is_shown_as_it_is_typed() {
        for text in ["3/5s", "1/1m 30s", "0/500ms"] {
            let shown = text.replace(' ', "");
            assert_eq!(
                text.parse::<Limit>().map(|limit| limit.to_string()),
                Ok(shown)
            );
        }
    }
}
