//! Binaries and bitstrings.

use std::fmt;
use std::ops::Deref;
use std::str::Utf8Error;

use super::Term;

/// A binary: bytes.
///
/// Texts are binaries in UTF-8 in Elixir, and so they are here.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Binary(Box<[u8]>);

impl Binary {
    /// The bytes as text.
    ///
    /// # Errors
    ///
    /// When they are not UTF-8.
    pub fn to_str(&self) -> Result<&str, Utf8Error> {
        std::str::from_utf8(&self.0)
    }

    /// The bytes as a vector, without a copy.
    #[must_use]
    pub fn into_vec(self) -> Vec<u8> {
        self.0.into_vec()
    }
}

impl Deref for Binary {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl<T: Into<Box<[u8]>>> From<T> for Binary {
    fn from(bytes: T) -> Self {
        Self(bytes.into())
    }
}

/// As Erlang reads it: `<<"text">>`, `<<0,255>>`.
impl fmt::Display for Binary {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        crate::print::erlang::binary(out, self)
    }
}

impl fmt::Debug for Binary {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

/// A bitstring whose last byte is not whole: with whole bytes it is a [`Binary`].
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct BitString {
    /// At least one byte, in the last of which the bits that do not belong to it are 0; then how many bits of that byte belong
    /// to it, the upper ones: 1 to 7.
    all: Box<[u8]>,
}

impl Term {
    /// Makes a bitstring of the first `length` bits of `bytes`: a [`Binary`] if these are whole bytes.
    ///
    /// # Panics
    ///
    /// When there are not as many bits.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_etf::Term;
    ///
    /// assert_eq!(Term::bits(&[0b1010_1111], 3).to_string(), "<<5:3>>");
    /// assert_eq!(Term::bits(b"ab", 16), Term::from("ab"));
    /// ```
    #[must_use]
    pub fn bits(bytes: &[u8], length: usize) -> Self {
        let bytes = &bytes[..length.div_ceil(8)];
        let bits = (length % 8) as u8;
        if bits == 0 {
            return Self::Binary(bytes.into());
        }
        let mut all = bytes.to_vec();
        if let Some(last) = all.last_mut() {
            *last &= 0xFF << (8 - bits);
        }
        all.push(bits);
        Self::BitString(BitString { all: all.into() })
    }
}

impl BitString {
    /// The bytes. The bits of the last one that do not belong to it are 0.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.all.split_last().map_or(&[], |(_, bytes)| bytes)
    }

    /// How many bits of the last byte belong to it, the upper ones: 1 to 7.
    #[must_use]
    pub fn bits_in_last(&self) -> u8 {
        self.all.last().copied().unwrap_or_default()
    }

    /// How many bits it has.
    #[must_use]
    pub fn bit_len(&self) -> usize {
        (self.bytes().len() - 1) * 8 + usize::from(self.bits_in_last())
    }
}

/// As Erlang reads it: `<<97,5:3>>`.
impl fmt::Display for BitString {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        crate::print::bits(out, self, [",", ":"])?;
        out.write_str(">>")
    }
}

impl fmt::Debug for BitString {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}
