//! Terms whose kind is known beforehand, without a [`Term`](crate::Term) between.

use super::{DecodeError, Decoder, Token};
use crate::tag;
use crate::term::{Atom, Pid, Reference};

impl Decoder<'_> {
    /// Reads how a tuple begins: so many terms follow.
    ///
    /// # Errors
    ///
    /// When it is another term, or one beyond the limits.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_etf::{DecodeError, Decoder, Limits};
    ///
    /// let mut decoder = Decoder::new(&[104, 2, 97, 6, 119, 2, b'o', b'k'], Limits::default());
    /// assert_eq!(decoder.next_tuple()?, 2);
    /// assert_eq!(decoder.next_integer()?, 6);
    /// assert_eq!(decoder.clone().next_pid(), Err(DecodeError::Expected("a pid")));
    /// assert_eq!(decoder.next_atom()?, "ok");
    /// # Ok::<(), DecodeError>(())
    /// ```
    pub fn next_tuple(&mut self) -> Result<usize, DecodeError> {
        match self.token()? {
            Token::Tuple(arity) => Ok(arity),
            _ => Err(DecodeError::Expected("a tuple")),
        }
    }

    /// Reads an integer of at most 64 bits.
    ///
    /// # Errors
    ///
    /// When it is another term.
    pub fn next_integer(&mut self) -> Result<i64, DecodeError> {
        match self.token()? {
            Token::Integer(number) => Ok(number),
            _ => Err(DecodeError::Expected("an integer of 64 bits")),
        }
    }

    /// Reads an atom.
    ///
    /// # Errors
    ///
    /// When it is another term.
    pub fn next_atom(&mut self) -> Result<Atom, DecodeError> {
        if let [tag::SMALL_ATOM_UTF8, after @ ..] = self.rest
            && let Some((atom, after)) = Atom::ascii(after)
        {
            self.count_atom()?;
            self.rest = after;
            return Ok(atom);
        }
        match self.token()? {
            Token::Atom(text) => text.to_atom(),
            _ => Err(DecodeError::Expected("an atom")),
        }
    }

    /// Reads a pid.
    ///
    /// # Errors
    ///
    /// When it is another term.
    pub fn next_pid(&mut self) -> Result<Pid, DecodeError> {
        match self.byte()? {
            tag @ (tag::NEW_PID | tag::PID) => self.read_pid(tag),
            _ => Err(DecodeError::Expected("a pid")),
        }
    }

    /// Reads a reference.
    ///
    /// # Errors
    ///
    /// When it is another term.
    pub fn next_reference(&mut self) -> Result<Reference, DecodeError> {
        match self.byte()? {
            tag @ (tag::REFERENCE | tag::NEW_REFERENCE | tag::NEWER_REFERENCE) => {
                self.read_reference(tag)
            }
            _ => Err(DecodeError::Expected("a reference")),
        }
    }
}
