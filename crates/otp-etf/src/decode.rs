//! From bytes to terms.

mod build;
mod compressed;
mod error;
mod fun;
mod parts;
mod skip;
mod stack;
mod token;
mod typed;

use std::borrow::Cow;

pub use error::DecodeError;
pub(crate) use parts::Text;
pub(crate) use token::Token;

use crate::limits::Limits;
use crate::tag;
use crate::term::{Atom, Term};

/// A decoder of terms that follow each other in bytes, within limits that hold for all of them together.
///
/// [`Term::decode`] is enough for one term. A decoder is for data of several parts, such as the frames of Erlang's
/// distribution, in which the parts share a version byte or have one each.
///
/// # Examples
///
/// ```
/// use otp_etf::{Decoder, Limits, term};
///
/// let mut decoder = Decoder::new(&[131, 97, 1, 131, 106, 9], Limits::default());
/// decoder.version()?;
/// assert_eq!(decoder.term()?, term!(1));
/// decoder.version()?;
/// assert_eq!(decoder.term()?, term!([]));
/// assert_eq!(decoder.rest(), [9]);
/// # Ok::<(), otp_etf::DecodeError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Decoder<'a> {
    rest: &'a [u8],
    /// How many terms there may be, apart from those that are already promised by a count.
    terms: usize,
    atoms: usize,
    limits: Limits,
    /// The names that pids and references share, instead of having copies.
    nodes: &'a [Atom],
}

impl<'a> Decoder<'a> {
    /// Starts at the beginning of these bytes.
    #[must_use]
    pub fn new(bytes: &'a [u8], limits: Limits) -> Self {
        Self {
            rest: bytes,
            // Each term has at least one byte.
            terms: limits.terms.min(bytes.len()),
            atoms: limits.atoms,
            limits,
            nodes: &[],
        }
    }

    /// Pids and references of these nodes share the atom that is given here, if its text is too long to be kept in the value. Otherwise
    /// each of them has its own copy on the heap. It suits the messages of a connection, which name its two nodes again and again.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_etf::{Atom, Decoder, Limits, Pid, Term};
    ///
    /// let nodes = [Atom::constant("kitchen@home.example.org")];
    /// let pid = Pid { id: 7, serial: 0, node: nodes[0].clone(), creation: 1 };
    /// let bytes = Term::from(pid.clone()).encode()?;
    /// let mut decoder = Decoder::new(&bytes, Limits::default()).nodes(&nodes);
    /// decoder.version()?;
    /// let read = decoder.next_pid()?;
    /// assert_eq!(read, pid);
    /// assert!(std::ptr::eq(read.node.as_str(), nodes[0].as_str()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn nodes(self, nodes: &'a [Atom]) -> Self {
        Self { nodes, ..self }
    }

    /// For bytes that were checked before.
    pub(crate) fn checked(bytes: &'a [u8]) -> Self {
        Self::new(bytes, Limits::none())
    }

    /// The bytes that are not read yet.
    #[must_use]
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Reads the byte that stands before a term, or before several.
    ///
    /// # Errors
    ///
    /// When it is another one.
    pub fn version(&mut self) -> Result<(), DecodeError> {
        match self.byte()? {
            tag::VERSION => Ok(()),
            other => Err(DecodeError::Version(other)),
        }
    }

    /// Makes sure that everything was read.
    ///
    /// # Errors
    ///
    /// When something is left.
    pub fn finish(self) -> Result<(), DecodeError> {
        match self.rest.len() {
            0 => Ok(()),
            left => Err(DecodeError::Trailing(left)),
        }
    }

    /// The bytes of a term, from its tag on; nothing is made of them.
    pub(crate) fn raw(&mut self) -> Result<&'a [u8], DecodeError> {
        self.raw_within(0)
    }

    /// The bytes of a term that is within so many containers.
    pub(crate) fn raw_within(&mut self, depth: usize) -> Result<&'a [u8], DecodeError> {
        let before = self.rest;
        self.skip_terms(1, None, depth)?;
        Ok(&before[..before.len() - self.rest.len()])
    }

    /// The last term, of bytes that end with it and were checked before.
    pub(crate) fn last(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.rest)
    }

    /// Whether there may be one more container within so many.
    pub(crate) fn check_depth(&self, depth: usize) -> Result<(), DecodeError> {
        if depth >= self.limits.depth {
            return Err(DecodeError::TooDeep(self.limits.depth));
        }
        Ok(())
    }

    pub(crate) fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], DecodeError> {
        let (taken, rest) = self
            .rest
            .split_at_checked(length)
            .ok_or(DecodeError::Truncated)?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let (taken, rest) = self
            .rest
            .split_first_chunk()
            .ok_or(DecodeError::Truncated)?;
        self.rest = rest;
        Ok(*taken)
    }

    fn byte(&mut self) -> Result<u8, DecodeError> {
        let (byte, rest) = self.rest.split_first().ok_or(DecodeError::Truncated)?;
        self.rest = rest;
        Ok(*byte)
    }

    fn u16(&mut self) -> Result<u16, DecodeError> {
        self.array().map(u16::from_be_bytes)
    }

    fn u32(&mut self) -> Result<u32, DecodeError> {
        self.array().map(u32::from_be_bytes)
    }

    fn length(&mut self) -> Result<usize, DecodeError> {
        self.u32().map(|length| length as usize)
    }

    /// Takes note that so many terms are to follow within a container. Only then there may be room made for them.
    fn claim(&mut self, terms: usize) -> Result<usize, DecodeError> {
        if terms > self.rest.len() {
            return Err(DecodeError::Truncated);
        }
        match self.terms.checked_sub(terms) {
            Some(left) => self.terms = left,
            // If all these were there, all that were promised before would not be.
            None if self.limits.terms == usize::MAX => return Err(DecodeError::Truncated),
            None => return Err(DecodeError::TooManyTerms(self.limits.terms)),
        }
        Ok(terms)
    }
}

impl Term {
    /// Reads a term as `term_to_binary` has written it, within the default [`Limits`].
    ///
    /// # OTP
    ///
    /// `binary_to_term/1`. All terms that OTP 25 to 29 and their predecessors write are understood, also compressed
    /// ones.
    ///
    /// # Differences from OTP
    ///
    /// Bytes after the term are an error.
    ///
    /// # Errors
    ///
    /// When it is no term, or one beyond the limits.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_etf::{DecodeError, Term};
    ///
    /// assert_eq!(Term::decode(&[131, 107, 0, 2, b'h', b'i'])?, Term::charlist("hi"));
    /// // A list that claims to have four billion elements.
    /// assert_eq!(Term::decode(&[131, 108, 255, 255, 255, 255]), Err(DecodeError::Truncated));
    /// # Ok::<(), DecodeError>(())
    /// ```
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        Self::decode_within(bytes, &Limits::DEFAULT)
    }

    /// Reads a term as `term_to_binary` has written it.
    ///
    /// # Errors
    ///
    /// When it is no term, or one beyond the limits.
    pub fn decode_within(bytes: &[u8], limits: &Limits) -> Result<Self, DecodeError> {
        if let [tag::VERSION, tag::COMPRESSED, ..] = bytes {
            // Expanded data is not expected to be compressed again.
            return Self::decode_plain(&expand(bytes, limits)?, limits);
        }
        Self::decode_plain(bytes, limits)
    }

    fn decode_plain(bytes: &[u8], limits: &Limits) -> Result<Self, DecodeError> {
        let mut decoder = Decoder::new(bytes, *limits);
        decoder.version()?;
        decoder.term_of(true)
    }
}

/// The bytes of a term without compression: the same bytes if it is not compressed.
///
/// A view of a term and values that borrow need bytes to borrow from, so data that may be compressed must be expanded
/// here first.
///
/// # OTP
///
/// The option `compressed` of `term_to_binary/2`.
///
/// # Errors
///
/// When it is compressed and broken, or larger than the limits permit.
///
/// # Examples
///
/// ```
/// use otp_etf::{Limits, Term, expand, from_bytes};
///
/// let bytes = Term::from("a".repeat(1000)).encode_compressed()?;
/// let bytes = expand(&bytes, &Limits::default())?;
/// let text: &str = from_bytes(&bytes)?;
/// assert_eq!(text.len(), 1000);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn expand<'a>(bytes: &'a [u8], limits: &Limits) -> Result<Cow<'a, [u8]>, DecodeError> {
    match bytes {
        [tag::VERSION, tag::COMPRESSED, rest @ ..] => {
            compressed::inflate(rest, limits).map(Cow::Owned)
        }
        _ => Ok(Cow::Borrowed(bytes)),
    }
}
