//! Views of terms that stay in their bytes.

use std::borrow::Cow;
use std::fmt;

use serde_core::de::{self, Deserialize, Deserializer, Visitor};
use serde_core::ser::{Serialize, Serializer};

use crate::decode::{DecodeError, Decoder, Token};
use crate::impls::serialize_raw;
use crate::limits::Limits;
use crate::reserved::TERM;
use crate::term::{Pid, Reference, Term};

/// A term that stays in its bytes: nothing is allocated, and texts and binaries are borrowed.
///
/// The bytes are checked once, when the view is made, and then walked over part by part. It suits code that reads a few
/// parts of a message and passes the rest on. To reach an element, the walk skips those before it: code that needs all
/// parts of a deep term should make a [`Term`].
///
/// With serde a `TermRef` is a part of a message that is not looked at yet.
///
/// # Examples
///
/// ```
/// use otp_etf::{TermRef, View, term};
///
/// let bytes = term!({add_user, #{name => "joe"}, [1, 2, 3]}).encode()?;
/// let message = TermRef::new(&bytes)?;
/// let View::Tuple(mut parts) = message.view() else { panic!("a tuple") };
/// assert_eq!(parts.next().unwrap().as_atom().as_deref(), Some("add_user"));
/// let user = parts.next().unwrap();
/// assert_eq!(user.get("name").unwrap().as_str(), Some("joe"));
/// assert_eq!(parts.next().unwrap().to_term()?, term!([1, 2, 3]));
/// assert!(parts.next().is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TermRef<'a> {
    /// From the tag on, and no more than the term.
    bytes: &'a [u8],
}

/// The kind of a term, with its parts in its bytes.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum View<'a> {
    /// An integer that fits.
    Integer(i64),
    /// A float.
    Float(f64),
    /// An atom; an old one in Latin-1 has to be converted.
    Atom(Cow<'a, str>),
    /// A binary.
    Binary(&'a [u8]),
    /// A list of bytes, as it is sent.
    Charlist(&'a [u8]),
    /// The elements of a list, also of an empty one; and then its tail, unless that is `[]`.
    List(Parts<'a>),
    /// The elements of a tuple.
    Tuple(Parts<'a>),
    /// The entries of a map: keys and values by turns.
    Map(Parts<'a>),
    /// A process.
    Pid(Pid),
    /// A reference.
    Reference(Reference),
    /// Anything else, which is best made a [`Term`].
    Other,
}

/// The parts of a term, one after the other.
#[derive(Clone)]
pub struct Parts<'a> {
    decoder: Decoder<'a>,
    left: usize,
    /// Whether a tail follows.
    is_list: bool,
}

impl<'a> TermRef<'a> {
    /// Checks a term with its version byte, within the default [`Limits`]. A compressed one goes through [`expand`](crate::expand) first.
    ///
    /// # Errors
    ///
    /// When it is no term, or one beyond the limits.
    pub fn new(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let mut decoder = Decoder::new(bytes, Limits::default());
        decoder.version()?;
        let term = decoder.term_ref()?;
        decoder.finish()?;
        Ok(term)
    }

    /// The bytes, from the tag on. They can be put into another message.
    #[must_use]
    pub fn as_bytes(self) -> &'a [u8] {
        self.bytes
    }

    /// Makes a term of it.
    ///
    /// # Errors
    ///
    /// When a map has a key twice: that is not looked for before.
    pub fn to_term(self) -> Result<Term, DecodeError> {
        Decoder::checked(self.bytes).term()
    }

    /// The kind of the term.
    #[must_use]
    pub fn view(self) -> View<'a> {
        let mut decoder = Decoder::checked(self.bytes);
        let token = loop {
            match decoder.token() {
                // A list without elements is its tail.
                Ok(Token::List(0)) => {}
                Ok(token) => break token,
                Err(_) => return View::Other,
            }
        };
        let parts = |left, is_list| Parts {
            decoder,
            left,
            is_list,
        };
        match token {
            Token::Integer(number) => View::Integer(number),
            Token::Float(number) => View::Float(number),
            Token::Atom(text) => View::Atom(text.to_str()),
            Token::Binary(bytes) => View::Binary(bytes),
            Token::String(bytes) => View::Charlist(bytes),
            Token::Nil => View::List(parts(0, false)),
            Token::List(elements) => View::List(parts(elements, true)),
            Token::Tuple(arity) => View::Tuple(parts(arity, false)),
            Token::Map(entries) => View::Map(parts(entries * 2, false)),
            Token::Pid | Token::Reference => match self.to_term() {
                Ok(Term::Pid(pid)) => View::Pid(*pid),
                Ok(Term::Reference(reference)) => View::Reference(*reference),
                _ => View::Other,
            },
            _ => View::Other,
        }
    }

    /// The atom's text, if it is one.
    #[must_use]
    pub fn as_atom(self) -> Option<Cow<'a, str>> {
        match self.view() {
            View::Atom(text) => Some(text),
            _ => None,
        }
    }

    /// The number, if it is an integer that fits.
    #[must_use]
    pub fn as_integer(self) -> Option<i64> {
        match self.view() {
            View::Integer(number) => Some(number),
            _ => None,
        }
    }

    /// The bytes, if it is a binary.
    #[must_use]
    pub fn as_binary(self) -> Option<&'a [u8]> {
        match self.view() {
            View::Binary(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The text, if it is a binary in UTF-8.
    #[must_use]
    pub fn as_str(self) -> Option<&'a str> {
        self.as_binary()
            .and_then(|bytes| std::str::from_utf8(bytes).ok())
    }

    /// The elements, if it is a tuple.
    #[must_use]
    pub fn as_tuple(self) -> Option<Parts<'a>> {
        match self.view() {
            View::Tuple(parts) => Some(parts),
            _ => None,
        }
    }

    /// The value of a key that is an atom, if it is a map and has it.
    #[must_use]
    pub fn get(self, key: &str) -> Option<TermRef<'a>> {
        let View::Map(mut parts) = self.view() else {
            return None;
        };
        while let (Some(name), Some(value)) = (parts.next(), parts.next()) {
            if name.as_atom().is_some_and(|name| name == key) {
                return Some(value);
            }
        }
        None
    }
}

impl<'a> Iterator for Parts<'a> {
    type Item = TermRef<'a>;

    fn next(&mut self) -> Option<TermRef<'a>> {
        while self.left == 0 {
            if !std::mem::take(&mut self.is_list) {
                return None;
            }
            // A tail that is a list continues the list; any other tail is one element.
            match self.decoder.clone().token().ok()? {
                Token::Nil => return None,
                Token::List(elements) => {
                    self.decoder.token().ok()?;
                    self.left = elements;
                    self.is_list = true;
                }
                _ => self.left = 1,
            }
        }
        self.left -= 1;
        if self.left == 0 && !self.is_list {
            // The last one is all that is left.
            let bytes = self.decoder.last();
            return Some(TermRef { bytes });
        }
        self.decoder.term_ref().ok()
    }
}

impl fmt::Debug for Parts<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_list().entries(self.clone()).finish()
    }
}

impl<'a> Decoder<'a> {
    /// Reads a term as a view.
    ///
    /// # Errors
    ///
    /// When it is no term, or one beyond the limits.
    pub fn term_ref(&mut self) -> Result<TermRef<'a>, DecodeError> {
        Ok(TermRef { bytes: self.raw()? })
    }
}

/// The text of the term.
impl fmt::Debug for TermRef<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.to_term() {
            Ok(term) => fmt::Debug::fmt(&term, out),
            Err(error) => write!(out, "{error}"),
        }
    }
}

impl Serialize for TermRef<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize_raw(self.bytes, serializer)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for TermRef<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Borrowed;

        impl<'de> Visitor<'de> for Borrowed {
            type Value = TermRef<'de>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a term to borrow")
            }

            fn visit_borrowed_bytes<E: de::Error>(
                self,
                bytes: &'de [u8],
            ) -> Result<TermRef<'de>, E> {
                // From our deserializer they were checked; from another one they may be anything.
                let mut decoder = Decoder::checked(bytes);
                let term = decoder.term_ref().map_err(E::custom)?;
                decoder.finish().map_err(E::custom)?;
                Ok(term)
            }
        }
        deserializer.deserialize_newtype_struct(TERM, Borrowed)
    }
}
