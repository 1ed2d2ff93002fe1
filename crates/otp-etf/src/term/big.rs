//! Integers that no `i64` holds.

use std::cmp::Ordering;
use std::fmt;

use super::Term;

/// An integer outside of the range of `i64`: those inside are [`Term::Integer`].
///
/// It is kept as it is sent, a sign and bytes, and can be compared, printed and converted; there is no arithmetic. Libraries
/// for large numbers take [`magnitude`](Self::magnitude) (`num_bigint::BigInt::from_bytes_le`).
///
/// # Examples
///
/// ```
/// use otp_etf::Term;
///
/// let term = Term::from(u128::MAX);
/// assert_eq!(term.to_string(), "340282366920938463463374607431768211455");
/// assert_eq!(Term::from_sign_magnitude(true, &[7]), Term::Integer(-7));
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct BigInt {
    /// 1 if it is below 0, otherwise 0; then the magnitude, the least significant byte first. The last one is not 0.
    bytes: Box<[u8]>,
}

impl Term {
    /// Makes an integer of its sign and the bytes of its magnitude, the least significant first.
    #[must_use]
    pub fn from_sign_magnitude(negative: bool, magnitude: &[u8]) -> Self {
        let magnitude = significant(magnitude);
        match small(negative, magnitude) {
            Some(small) => Self::Integer(small),
            None => {
                let mut bytes = Vec::with_capacity(magnitude.len() + 1);
                bytes.push(negative.into());
                bytes.extend_from_slice(magnitude);
                let bytes = bytes.into();
                Self::BigInt(BigInt { bytes })
            }
        }
    }
}

/// Without the zeros above the most significant byte.
pub(crate) fn significant(magnitude: &[u8]) -> &[u8] {
    if magnitude.last().is_some_and(|byte| *byte != 0) {
        return magnitude;
    }
    let length = magnitude.iter().rposition(|byte| *byte != 0);
    &magnitude[..length.map_or(0, |last| last + 1)]
}

/// The number, if it fits.
pub(crate) fn small(negative: bool, magnitude: &[u8]) -> Option<i64> {
    if magnitude.len() > 8 {
        return None;
    }
    let magnitude = wide(magnitude)?;
    let signed = if negative {
        -(magnitude as i128)
    } else {
        magnitude as i128
    };
    i64::try_from(signed).ok()
}

/// The magnitude, if it fits.
pub(crate) fn wide(magnitude: &[u8]) -> Option<u128> {
    let magnitude = significant(magnitude);
    let mut bytes = [0; 16];
    bytes.get_mut(..magnitude.len())?.copy_from_slice(magnitude);
    Some(u128::from_le_bytes(bytes))
}

/// The number, if it fits.
pub(crate) fn signed(negative: bool, magnitude: &[u8]) -> Option<i128> {
    let magnitude = wide(magnitude)?;
    if negative {
        0i128.checked_sub_unsigned(magnitude)
    } else {
        i128::try_from(magnitude).ok()
    }
}

/// The nearest number with a fraction, if there is one.
pub(crate) fn float(negative: bool, magnitude: &[u8]) -> Option<f64> {
    // The 16 upper bytes decide, and whether anything is below them: as a bit that is set, it breaks a tie.
    let magnitude = significant(magnitude);
    let (below, upper) = magnitude.split_at(magnitude.len().saturating_sub(16));
    let sticky = u128::from(below.iter().any(|byte| *byte != 0));
    let exponent = i32::try_from(below.len()).ok()?.checked_mul(8)?;
    let number = (wide(upper)? | sticky) as f64 * 2f64.powi(exponent);
    number
        .is_finite()
        .then_some(if negative { -number } else { number })
}

impl BigInt {
    /// Whether it is below 0.
    #[must_use]
    pub fn is_negative(&self) -> bool {
        self.bytes.first() == Some(&1)
    }

    /// The bytes of its magnitude, the least significant first.
    #[must_use]
    pub fn magnitude(&self) -> &[u8] {
        self.bytes.get(1..).unwrap_or_default()
    }

    /// The number, if it fits.
    #[must_use]
    pub fn to_i128(&self) -> Option<i128> {
        signed(self.is_negative(), self.magnitude())
    }

    /// The number, if it fits.
    #[must_use]
    pub fn to_u128(&self) -> Option<u128> {
        wide(self.magnitude()).filter(|_| !self.is_negative())
    }

    /// The nearest float, if it is not too large for one.
    #[must_use]
    pub fn to_f64(&self) -> Option<f64> {
        float(self.is_negative(), self.magnitude())
    }
}

impl Ord for BigInt {
    fn cmp(&self, other: &Self) -> Ordering {
        let (left, right) = (self.magnitude(), other.magnitude());
        let lengths = left.len().cmp(&right.len());
        let bytes = || left.iter().rev().cmp(right.iter().rev());
        match (self.is_negative(), other.is_negative()) {
            (false, false) => lengths.then_with(bytes),
            (true, true) => lengths.then_with(bytes).reverse(),
            (negative, _) => {
                if negative {
                    Ordering::Less
                } else {
                    Ordering::Greater
                }
            }
        }
    }
}

impl PartialOrd for BigInt {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// In decimal. The time grows with the square of the length: 30,000 digits a millisecond, about.
impl fmt::Display for BigInt {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad_integral(!self.is_negative(), "", &decimal(self.magnitude()))
    }
}

impl fmt::Debug for BigInt {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

fn decimal(magnitude: &[u8]) -> String {
    /// The divisor: the largest power of ten whose remainders leave room for 32 more bits.
    const STEP: u64 = 1_000_000_000;
    let mut words: Vec<u32> = magnitude
        .chunks(4)
        .map(|chunk| {
            chunk
                .iter()
                .rev()
                .fold(0, |word, byte| word << 8 | u32::from(*byte))
        })
        .collect();
    let mut remainders = Vec::new();
    while !words.is_empty() {
        let mut remainder = 0;
        for word in words.iter_mut().rev() {
            let dividend = remainder << 32 | u64::from(*word);
            *word = (dividend / STEP) as u32;
            remainder = dividend % STEP;
        }
        remainders.push(remainder);
        while words.last() == Some(&0) {
            words.pop();
        }
    }
    let mut text = remainders.pop().unwrap_or(0).to_string();
    for remainder in remainders.iter().rev() {
        text.push_str(&format!("{remainder:09}"));
    }
    text
}
