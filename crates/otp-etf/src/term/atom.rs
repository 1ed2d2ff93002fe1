//! Atoms.
//!
//! An atom is a value, not an index into a table. A decoder that interns takes a lock for each atom, and either leaks
//! the atoms of a peer or has to refuse atoms one day. Nearly every atom that is sent has at most [`INLINE`] bytes, and
//! such an atom is made, copied, compared and dropped without an allocation. A longer one is shared by its copies and
//! freed with the last of them.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::sync::Arc;

use thiserror::Error;

/// The longest text that needs no allocation. With it an [`Atom`], and so a `Term`, has 24 bytes.
pub(crate) const INLINE: usize = 16;

/// The most characters that an atom can have.
const LONGEST: usize = 255;

/// An atom.
///
/// Up to 16 bytes of text are kept in the value itself; longer text is shared by the copies.
///
/// # Differences from OTP
///
/// There is no table of atoms: an atom is freed with the last value that holds it, so atoms from outside cannot fill
/// anything. Two atoms are compared by their texts.
///
/// # Examples
///
/// ```
/// use otp_etf::Atom;
///
/// const OK: Atom = Atom::constant("ok");
///
/// let atom: Atom = "ok".parse()?;
/// assert_eq!(atom, OK);
/// assert_eq!(atom.as_str(), "ok");
/// assert_eq!(Atom::new("with space")?.to_string(), "'with space'");
/// # Ok::<(), otp_etf::AtomTooLong>(())
/// ```
#[derive(Clone)]
pub struct Atom(Text);

#[derive(Clone)]
enum Text {
    Shared(Arc<str>),
    Inline { length: u8, bytes: Bytes },
    Static(&'static str),
}

/// Bytes that are moved as two words.
#[derive(Clone, Copy)]
#[repr(align(8))]
struct Bytes([u8; INLINE]);

/// The bits of so many bytes.
static MASKS: [u128; INLINE + 1] = {
    let mut masks = [u128::MAX; INLINE + 1];
    let mut length = 0;
    while length < INLINE {
        masks[length] = (1 << (8 * length)) - 1;
        length += 1;
    }
    masks
};

impl Bytes {
    /// The text, if it is short, and zeros. It is put together in registers of two parts that may overlap: a text is a few bytes, and a
    /// call to copy them would take longer than all the rest.
    #[inline]
    fn new(text: &[u8]) -> Option<Self> {
        fn part<const N: usize>(text: &[u8], number: fn([u8; N]) -> u64) -> Option<u128> {
            let low = number(*text.first_chunk()?);
            let high = number(*text.last_chunk()?);
            Some(u128::from(low) | u128::from(high) << ((text.len() - N) * 8))
        }

        let word = match text.len() {
            0 => 0,
            1 => text[0].into(),
            2..4 => part::<2>(text, |bytes| u16::from_le_bytes(bytes).into())?,
            4..8 => part::<4>(text, |bytes| u32::from_le_bytes(bytes).into())?,
            8..=INLINE => part::<8>(text, u64::from_le_bytes)?,
            _ => return None,
        };
        Some(Self(word.to_le_bytes()))
    }
}

/// A text has more than 255 characters, and so is no atom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("an atom of {0} characters: 255 at most")]
pub struct AtomTooLong(usize);

impl Atom {
    /// Makes an atom of a text.
    ///
    /// # Errors
    ///
    /// When the text has more than 255 characters.
    #[inline]
    pub fn new(text: &str) -> Result<Self, AtomTooLong> {
        match Self::short(text) {
            Some(atom) => Ok(atom),
            None => Self::long(text),
        }
    }

    /// The atom of a text that is kept in the value.
    #[inline]
    pub(crate) fn short(text: &str) -> Option<Self> {
        let bytes = Bytes::new(text.as_bytes())?;
        let length = text.len() as u8;
        Some(Self(Text::Inline { length, bytes }))
    }

    /// The atom of a text with its length before it, and the bytes behind it, if the text is of ASCII and is kept in the value.
    #[inline(always)]
    pub(crate) fn ascii(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let (length, bytes) = bytes.split_first()?;
        let length = *length;
        let (text, after) = bytes.split_at_checked(length.into())?;
        // In one piece, if there is one.
        let word = match bytes.first_chunk() {
            Some(bytes) => u128::from_le_bytes(*bytes) & MASKS.get(text.len())?,
            None => u128::from_le_bytes(Bytes::new(text)?.0),
        };
        let bytes = Bytes(word.to_le_bytes());
        let ascii = word & u128::from_le_bytes([0x80; INLINE]) == 0;
        ascii.then_some((Self(Text::Inline { length, bytes }), after))
    }

    #[cold]
    fn long(text: &str) -> Result<Self, AtomTooLong> {
        // Only a text of more bytes can have more characters.
        if text.len() > LONGEST {
            let length = text.chars().count();
            if length > LONGEST {
                return Err(AtomTooLong(length));
            }
        }
        Ok(Self(Text::Shared(text.into())))
    }

    /// Makes an atom of a text that is part of the program, also in a constant.
    ///
    /// # Panics
    ///
    /// When the text has more than 255 bytes.
    #[must_use]
    pub const fn constant(text: &'static str) -> Self {
        assert!(text.len() <= LONGEST, "an atom has at most 255 characters");
        if text.len() > INLINE {
            return Self(Text::Static(text));
        }
        let mut bytes = [0; INLINE];
        let mut at = 0;
        while at < text.len() {
            bytes[at] = text.as_bytes()[at];
            at += 1;
        }
        Self(Text::Inline {
            length: text.len() as u8,
            bytes: Bytes(bytes),
        })
    }

    /// The text.
    ///
    /// # Panics
    ///
    /// Never: an atom is made of text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Text::Inline { length, bytes } => std::str::from_utf8(&bytes.0[..usize::from(*length)])
                .expect("an atom is made of a str"),
            Text::Static(text) => text,
            Text::Shared(text) => text,
        }
    }

    /// The text in UTF-8.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Text::Inline { length, bytes } => &bytes.0[..usize::from(*length)],
            Text::Static(text) => text.as_bytes(),
            Text::Shared(text) => text.as_bytes(),
        }
    }

    /// The text that is kept in the value, and the bytes it may have there.
    #[inline]
    pub(crate) fn inline(&self) -> Option<(u8, &[u8; INLINE])> {
        match &self.0 {
            Text::Inline { length, bytes } => Some((*length, &bytes.0)),
            _ => None,
        }
    }

    /// Whether there is nothing to free when it is dropped.
    #[inline]
    pub(super) fn owns_nothing(&self) -> bool {
        !matches!(self.0, Text::Shared(_))
    }

    pub(crate) const NIL: Self = Self::constant("nil");
}

impl PartialEq for Atom {
    fn eq(&self, other: &Self) -> bool {
        match (self.inline(), other.inline()) {
            (Some(this), Some(other)) => this == other,
            _ => self.as_bytes() == other.as_bytes(),
        }
    }
}

impl Eq for Atom {}

impl Hash for Atom {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // As a str hashes, so that a map by atoms can be asked for a text.
        self.as_str().hash(state);
    }
}

impl Ord for Atom {
    /// Compares the texts, character by character. In UTF-8 that is the order of the bytes.
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.inline(), other.inline()) {
            // Zeros follow a text, so that a shorter one comes first.
            (Some((length, bytes)), Some((other_length, other))) => {
                let words = u128::from_be_bytes(*bytes).cmp(&u128::from_be_bytes(*other));
                words.then(length.cmp(&other_length))
            }
            _ => self.as_bytes().cmp(other.as_bytes()),
        }
    }
}

impl PartialOrd for Atom {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq<str> for Atom {
    fn eq(&self, other: &str) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl PartialEq<&str> for Atom {
    fn eq(&self, other: &&str) -> bool {
        self == *other
    }
}

impl Borrow<str> for Atom {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl AsRef<str> for Atom {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl FromStr for Atom {
    type Err = AtomTooLong;

    fn from_str(text: &str) -> Result<Self, AtomTooLong> {
        Self::new(text)
    }
}

impl TryFrom<&str> for Atom {
    type Error = AtomTooLong;

    fn try_from(text: &str) -> Result<Self, AtomTooLong> {
        Self::new(text)
    }
}

impl From<bool> for Atom {
    fn from(truth: bool) -> Self {
        const TRUE: Atom = Atom::constant("true");
        const FALSE: Atom = Atom::constant("false");
        if truth { TRUE } else { FALSE }
    }
}

/// As Erlang reads it: `ok`, `'with space'`.
impl fmt::Display for Atom {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        crate::print::erlang::atom(out, self.as_str())
    }
}

impl fmt::Debug for Atom {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}
