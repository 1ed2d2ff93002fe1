//! Why bytes are no term.

use thiserror::Error;

/// Why bytes are no term, or none that is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// They end too early, or a count or a length is more than there is.
    #[error("the term is cut short, or claims to be longer than it is")]
    Truncated,
    /// They do not begin with the version, 131.
    #[error("version {0}: expected 131")]
    Version(u8),
    /// No term begins with this byte, or none that may come from another node.
    #[error("unknown tag {0}")]
    Tag(u8),
    /// Something follows the term.
    #[error("{0} bytes after the term")]
    Trailing(usize),
    /// More containers within one another than [`Limits::depth`](crate::Limits::depth).
    #[error("more than {0} levels")]
    TooDeep(usize),
    /// More than [`Limits::terms`](crate::Limits::terms).
    #[error("more than {0} terms")]
    TooManyTerms(usize),
    /// More than [`Limits::atoms`](crate::Limits::atoms).
    #[error("more than {0} atoms")]
    TooManyAtoms(usize),
    /// An integer of more bytes than [`Limits::integer`](crate::Limits::integer).
    #[error("an integer of more than {0} bytes")]
    TooLargeInteger(usize),
    /// A binary of more bytes than [`Limits::binary`](crate::Limits::binary).
    #[error("a binary of more than {0} bytes")]
    TooLargeBinary(usize),
    /// A compressed term of more bytes than [`Limits::expanded`](crate::Limits::expanded).
    #[error("a compressed term of more than {0} bytes")]
    TooLargeExpanded(usize),
    /// A compressed term that is broken, or has another size than it claims.
    #[error("a broken compressed term")]
    Compressed,
    /// An atom is not in UTF-8, or has more than 255 characters; or there should be one and is not.
    #[error("a broken atom")]
    Atom,
    /// A float is infinite or not a number.
    #[error("a float that is no number")]
    Float,
    /// A map has a key twice.
    #[error("a map with a key twice")]
    DuplicateKey,
    /// A reference has no word, or more than five.
    #[error("a reference of {0} words: expected 1 to 5")]
    Reference(usize),
    /// The bits of a bitstring do not fit its bytes.
    #[error("a broken bitstring")]
    BitString,
    /// A function has another size than it claims, or has broken parts.
    #[error("a broken function")]
    Fun,
    /// A term of one kind was asked for, and there is another.
    #[error("another term: expected {0}")]
    Expected(&'static str),
}
