//! Number to text, as people write it.

use super::{Number, power_of_ten};
use num_bigint::{BigUint, Sign};
use std::fmt;

/// How many decimals are shown of a number whose decimals have no end.
const ENDLESS_DECIMALS: usize = 30;

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (above, below) = (self.0.numer().magnitude(), self.0.denom().magnitude());
        let places = exact_places(below).unwrap_or_else(|| rounded_places(above, below));
        let digits = rounded(above, below, places).to_string();

        // At least one digit stands before the point: 5 hundredths are 0.05.
        let digits = format!("{digits:0>width$}", width = places + 1);
        let (whole, decimals) = digits.split_at(digits.len() - places);
        let decimals = decimals.trim_end_matches('0');
        let text = if decimals.is_empty() {
            whole.to_owned()
        } else {
            format!("{whole}.{decimals}")
        };
        f.pad_integral(self.0.numer().sign() != Sign::Minus, "", &text)
    }
}

/// The same as `Display`: a total in a crash report should read like one.
impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// How many decimals a fraction with this denominator has, `None` if they have no end.
///
/// Decimals end when the denominator divides a power of ten, that is when it has no prime factors
/// but 2 and 5.
fn exact_places(below: &BigUint) -> Option<usize> {
    let five = BigUint::from(5_u8);
    let twos = below.trailing_zeros().unwrap_or(0);
    let mut rest = below >> twos;
    let mut fives = 0;
    while (&rest % &five) == BigUint::ZERO {
        rest /= &five;
        fives += 1;
    }
    if rest != BigUint::from(1_u8) {
        return None;
    }
    usize::try_from(twos.max(fives)).ok()
}

/// How many decimals to show of a fraction whose decimals have no end: the zeros that a small one
/// begins with, and then [`ENDLESS_DECIMALS`].
fn rounded_places(above: &BigUint, below: &BigUint) -> usize {
    let mut zeros = 0;
    let mut scaled = above * 10_u8;
    while scaled < *below {
        scaled *= 10_u8;
        zeros += 1;
    }
    zeros + ENDLESS_DECIMALS
}

/// The fraction times ten to the power of `places`, rounded half up.
///
/// A half can occur only in decimals that end, and those are never rounded: the choice of a rule
/// for it has no effect.
fn rounded(above: &BigUint, below: &BigUint, places: usize) -> BigUint {
    let scaled = above * power_of_ten(places);
    (scaled * 2_u8 + below) / (below * 2_u8)
}
