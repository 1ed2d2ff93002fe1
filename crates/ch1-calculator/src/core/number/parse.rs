//! Text to number, with the limit checked before anything is computed.

use super::{MAX_DIGITS, Number, power_of_ten};
use num_bigint::{BigInt, BigUint, Sign};
use num_rational::BigRational;
use std::{fmt, str::FromStr};

/// Reads a decimal number: digits with an optional sign, point and exponent.
///
/// # Examples
///
/// ```
/// use ch1_calculator::core::Number;
///
/// assert_eq!("2.5e3".parse(), Ok(Number::from(2500)));
///
/// let refused = "1e999999999".parse::<Number>().unwrap_err();
/// assert_eq!(refused.to_string(), "invalid number \"1e999999999\": expected at most 1000 digits");
/// ```
impl FromStr for Number {
    type Err = ParseNumberError;

    fn from_str(text: &str) -> Result<Self, ParseNumberError> {
        parse(text).map_err(|problem| ParseNumberError {
            text: shortened(text),
            problem,
        })
    }
}

/// A text that is no number, or none that a calculator can hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid number {text:?}: {problem}")]
pub struct ParseNumberError {
    text: String,
    problem: Problem,
}

impl ParseNumberError {
    /// What would be right, without the text: for those who have named it already.
    pub fn problem(&self) -> Problem {
        self.problem
    }
}

/// What is wrong with a text that should be a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// It is not written as a decimal number.
    NotANumber,
    /// It is one, with more than [`MAX_DIGITS`] digits above or below the fraction line.
    TooLong,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotANumber => f.write_str("expected a decimal number, such as 12, -0.5 or 2e3"),
            Self::TooLong => write!(f, "expected at most {MAX_DIGITS} digits"),
        }
    }
}

fn parse(text: &str) -> Result<Number, Problem> {
    let (sign, unsigned) = match text.as_bytes().first() {
        Some(b'-') => (Sign::Minus, &text[1..]),
        Some(b'+') => (Sign::Plus, &text[1..]),
        _ => (Sign::Plus, text),
    };
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, read_exponent(exponent)?),
        None => (unsigned, 0),
    };
    let (whole, decimals) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{decimals}");
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Problem::NotANumber);
    }

    // The value is `digits` times ten to the power of `scale`.
    let digits = digits.trim_start_matches('0');
    let scale = exponent.saturating_sub(i64::try_from(decimals.len()).unwrap_or(i64::MAX));
    let zeros = usize::try_from(scale.unsigned_abs()).unwrap_or(usize::MAX);
    let (above, below) = if scale < 0 {
        (digits.len(), zeros.saturating_add(1))
    } else {
        (digits.len().saturating_add(zeros), 1)
    };
    if above.max(below) > MAX_DIGITS {
        return Err(Problem::TooLong);
    }

    let digits = BigUint::parse_bytes(digits.as_bytes(), 10).unwrap_or_default();
    let (above, below) = if scale < 0 {
        (digits, power_of_ten(zeros))
    } else {
        (digits * power_of_ten(zeros), BigUint::from(1_u8))
    };
    Ok(Number(BigRational::new(
        BigInt::from_biguint(sign, above),
        BigInt::from(below),
    )))
}

/// Reads an exponent of any length: one that no integer holds is too long, not unreadable.
fn read_exponent(text: &str) -> Result<i64, Problem> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Problem::NotANumber);
    }
    text.parse().map_err(|_| Problem::TooLong)
}

/// The beginning of a text that may be very long: enough to recognise it in an error.
fn shortened(text: &str) -> String {
    const SHOWN: usize = 40;
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
