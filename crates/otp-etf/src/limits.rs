//! How much a decoder takes from outside.

/// The limits of a decoder. They apply to one message as a whole.
///
/// A count is never believed, whatever the limits are: a container is made only if there are at least as many bytes
/// left as it claims to have terms. So the memory is also bounded by the size of the message: 24 bytes for each of its
/// bytes.
///
/// # Examples
///
/// ```
/// use otp_etf::{DecodeError, Limits, Term};
///
/// let limits = Limits::default().terms(2);
/// let bytes = [131, 104, 3, 97, 1, 97, 2, 97, 3];
/// assert_eq!(Term::decode_within(&bytes, &limits), Err(DecodeError::TooManyTerms(2)));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    pub(crate) depth: usize,
    pub(crate) terms: usize,
    pub(crate) atoms: usize,
    pub(crate) integer: usize,
    pub(crate) binary: usize,
    pub(crate) expanded: usize,
}

impl Default for Limits {
    /// 256 levels, 2,000,000 terms and as many atoms, integers of 64 KiB, binaries of 64 MiB, 16 MiB after decompression.
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Limits {
    pub(crate) const DEFAULT: Self = Self {
        depth: 256,
        terms: 2_000_000,
        atoms: 2_000_000,
        integer: 64 << 10,
        binary: 64 << 20,
        expanded: 16 << 20,
    };

    /// No limits but those that the bytes themselves set.
    #[must_use]
    pub fn none() -> Self {
        Self {
            depth: usize::MAX,
            terms: usize::MAX,
            atoms: usize::MAX,
            integer: usize::MAX,
            binary: usize::MAX,
            expanded: usize::MAX,
        }
    }

    /// How many containers may be within one another.
    ///
    /// A [`Term`](crate::Term) of any depth is safe. With serde each level takes a level of the stack.
    #[must_use]
    pub fn depth(self, depth: usize) -> Self {
        Self { depth, ..self }
    }

    /// How many terms there may be within all containers; a byte of a charlist is one.
    #[must_use]
    pub fn terms(self, terms: usize) -> Self {
        Self { terms, ..self }
    }

    /// How many of them may be atoms, names of nodes among them.
    #[must_use]
    pub fn atoms(self, atoms: usize) -> Self {
        Self { atoms, ..self }
    }

    /// How many bytes an integer may have.
    #[must_use]
    pub fn integer(self, bytes: usize) -> Self {
        Self {
            integer: bytes,
            ..self
        }
    }

    /// How many bytes a binary may have.
    #[must_use]
    pub fn binary(self, bytes: usize) -> Self {
        Self {
            binary: bytes,
            ..self
        }
    }

    /// How many bytes a compressed term may become; with 0 compressed terms are refused.
    #[must_use]
    pub fn expanded(self, bytes: usize) -> Self {
        Self {
            expanded: bytes,
            ..self
        }
    }
}
