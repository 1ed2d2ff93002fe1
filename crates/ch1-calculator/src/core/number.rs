//! The decimal numbers of the calculator.

use bigdecimal::{BigDecimal, Zero};
use clap::{Arg, ArgMatches, Args, Command, Error, FromArgMatches, value_parser};
use std::{fmt, str::FromStr};

/// The maximum number of digits before the point, and of digits after it.
pub const MAX_DIGITS: usize = 1000;

/// A decimal number. Sums, products, and quotients with a finite number of decimals are exact.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number(pub(super) BigDecimal);

impl Number {
    /// The number, unless it has more than [`MAX_DIGITS`].
    pub(super) fn new(n: &BigDecimal) -> Option<Self> {
        let n = n.normalized();
        let (decimals, max) = (i128::from(n.fractional_digit_count()), MAX_DIGITS as i128);
        let whole = i128::from(n.digits()) - decimals;
        (n.is_zero() || decimals.max(whole) <= max).then_some(Self(n))
    }
}

impl From<i64> for Number {
    fn from(n: i64) -> Self {
        Self(BigDecimal::from(n).normalized())
    }
}

/// A text is no valid number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidNumber {
    /// The text is no decimal number.
    #[error("expected a decimal number, such as 12, -0.5 or 2e3")]
    Malformed,
    /// The number has more than [`MAX_DIGITS`] digits.
    #[error("expected at most {MAX_DIGITS} digits")]
    TooLong,
}

impl FromStr for Number {
    type Err = InvalidNumber;

    fn from_str(text: &str) -> Result<Self, InvalidNumber> {
        // Parsing a longer text would take time.
        if text.len() > 3 * MAX_DIGITS {
            return Err(InvalidNumber::TooLong);
        }
        let number = text.parse().ok().filter(|_| !text.contains('_'));
        Self::new(&number.ok_or(InvalidNumber::Malformed)?).ok_or(InvalidNumber::TooLong)
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0.to_plain_string())
    }
}

/// As `Display`, for reports.
impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A number as the one argument of a command.
impl Args for Number {
    fn augment_args(command: Command) -> Command {
        let n = Arg::new("N")
            .value_parser(value_parser!(Self))
            .required(true);
        let n = n.help("A decimal number, such as 12, -0.5 or 2e3");
        command.arg(n.allow_hyphen_values(true))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Number {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let n = matches.get_one::<Self>("N");
        Ok(n.expect("the argument is required").clone())
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}
