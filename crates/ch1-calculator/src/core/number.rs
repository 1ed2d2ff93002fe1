//! Numbers as a calculator should have them: exact, of any ordinary size, printed as people write
//! them.

mod parse;
mod show;

pub use self::parse::{ParseNumberError, Problem};

use num_bigint::{BigInt, BigUint, Sign};
use num_rational::BigRational;

/// The most digits a number may have above or below the fraction line.
///
/// A handheld calculator shows an `E` when the display is full. This one has a wide display, but an
/// end it must have: without one, a few multiplications of a number by itself fill the memory of
/// the machine.
pub const MAX_DIGITS: usize = 1000;

/// An exact number: `0.1 + 0.2` is `0.3`, and a third times three is one.
///
/// Kept as a fraction, so no operation rounds; only printing does, and only where the decimals have
/// no end: these are rounded to 30, counted from the first that is not zero. Everything else is
/// printed whole and never with an exponent.
///
/// # Examples
///
/// ```
/// use ch1_calculator::core::{Number, divide, multiply};
///
/// let third = divide(Number::from(1), Number::from(3));
/// assert_eq!(third.to_string(), "0.333333333333333333333333333333");
/// assert_eq!(multiply(third, Number::from(3)), Number::from(1));
///
/// let price: Number = "19.90".parse()?;
/// assert_eq!(price.to_string(), "19.9");
/// # Ok::<(), ch1_calculator::core::ParseNumberError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number(BigRational);

impl Number {
    pub(super) fn plus(self, n: Self) -> Self {
        Self(self.0 + n.0).or_overflow()
    }

    pub(super) fn times(self, n: Self) -> Self {
        Self(self.0 * n.0).or_overflow()
    }

    pub(super) fn over(self, n: Self) -> Self {
        assert!(n.0.numer().sign() != Sign::NoSign, "division by zero");
        Self(self.0 / n.0).or_overflow()
    }

    pub(super) fn negated(self) -> Self {
        Self(-self.0)
    }

    /// Two numbers within the limit give at most a few times its digits, so it is early enough to
    /// look afterwards.
    fn or_overflow(self) -> Self {
        let fits = [self.0.numer(), self.0.denom()]
            .into_iter()
            .all(|part| has_at_most_max_digits(part.magnitude()));
        assert!(
            fits,
            "overflow: the result needs more than {MAX_DIGITS} digits"
        );
        self
    }
}

impl From<i64> for Number {
    fn from(n: i64) -> Self {
        Self(BigRational::from_integer(BigInt::from(n)))
    }
}

fn has_at_most_max_digits(n: &BigUint) -> bool {
    // A digit takes more than three bits: most numbers are short enough to tell without computing
    // the limit.
    n.bits() <= 3 * MAX_DIGITS as u64 || *n < power_of_ten(MAX_DIGITS)
}

fn power_of_ten(exponent: usize) -> BigUint {
    let exponent = u32::try_from(exponent).expect("exponents are bounded by a few thousand digits");
    BigUint::from(10_u8).pow(exponent)
}
