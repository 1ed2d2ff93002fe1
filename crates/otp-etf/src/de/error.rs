//! Why a term is no value of a type.

use std::fmt::{self, Display};

use serde_core::de::{self, Expected};

use crate::decode::{DecodeError, Token};

/// Why a term is no value of a type: the place, and the type that was expected there.
///
/// # Examples
///
/// ```
/// use otp_etf::{from_term, term};
///
/// let error = from_term::<(String, Vec<u8>)>(&term!({"a", [1, 256]})).unwrap_err();
/// assert_eq!(error.to_string(), "1[1]: invalid value: integer `256`, expected u8");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct DeserializeError(Box<Inner>);

#[derive(Clone, PartialEq, Eq)]
struct Inner {
    reason: Reason,
    /// The innermost place first.
    path: Vec<Place>,
}

#[derive(Clone, PartialEq, Eq)]
enum Reason {
    Decode(DecodeError),
    Message(String),
}

/// The place of a part in its container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// Of a list.
    Element(usize),
    /// Of a tuple, or of a variant's values.
    Part(usize),
    /// A value by its key, or a variant by its tag.
    Name(String),
}

impl DeserializeError {
    /// The place, as far as the term was understood: `[0].price`. It is empty for the whole term.
    #[must_use]
    pub fn path(&self) -> String {
        let mut path = String::new();
        for place in self.0.path.iter().rev() {
            let dot = if path.is_empty() { "" } else { "." };
            path += &match place {
                Place::Element(index) => format!("[{index}]"),
                Place::Part(index) => format!("{dot}{index}"),
                Place::Name(name) => format!("{dot}{name}"),
            };
        }
        path
    }

    /// Why the bytes are no term, if that is the reason.
    #[must_use]
    pub fn decode_error(&self) -> Option<&DecodeError> {
        match &self.0.reason {
            Reason::Decode(error) => Some(error),
            Reason::Message(_) => None,
        }
    }

    fn new(reason: Reason) -> Self {
        Self(Box::new(Inner {
            reason,
            path: Vec::new(),
        }))
    }

    /// The same error, inside of the part at this place.
    pub(super) fn at(mut self, place: Place) -> Self {
        self.0.path.push(place);
        self
    }
}

impl From<DecodeError> for DeserializeError {
    fn from(error: DecodeError) -> Self {
        Self::new(Reason::Decode(error))
    }
}

impl de::Error for DeserializeError {
    fn custom<T: Display>(message: T) -> Self {
        Self::new(Reason::Message(message.to_string()))
    }
}

impl Display for DeserializeError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.0.path.is_empty() {
            write!(out, "{}: ", self.path())?;
        }
        match &self.0.reason {
            Reason::Decode(error) => write!(out, "{error}"),
            Reason::Message(message) => out.write_str(message),
        }
    }
}

impl fmt::Debug for DeserializeError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "DeserializeError({self})")
    }
}

impl std::error::Error for DeserializeError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.0.reason {
            Reason::Decode(error) => Some(error),
            Reason::Message(_) => None,
        }
    }
}

/// The most that is shown of a text that was not expected.
const SHOWN: usize = 40;

/// A term of another kind than was expected.
#[cold]
pub(super) fn mismatch(found: &Token<'_>, expected: &dyn Expected) -> DeserializeError {
    let found = match found {
        Token::Integer(number) => format!("the integer {number}"),
        Token::BigInt(_, magnitude) => format!("an integer of {} bytes", magnitude.len()),
        Token::Float(number) => format!("the float {number:?}"),
        Token::Atom(text) => format!("the atom `{}`", short(&text.to_str())),
        Token::Binary(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => format!("the binary {:?}", short(text)),
            Err(_) => format!("a binary of {} bytes", bytes.len()),
        },
        Token::Bits => "a bitstring".to_owned(),
        Token::Nil => "an empty list".to_owned(),
        Token::String(bytes) => format!("a list of {} small integers", bytes.len()),
        Token::List(count) => format!("a list of {count}"),
        Token::Tuple(arity) => format!("a tuple of {arity}"),
        Token::Map(entries) => format!("a map of {entries}"),
        Token::Pid => "a pid".to_owned(),
        Token::Port => "a port".to_owned(),
        Token::Reference => "a reference".to_owned(),
        Token::Export | Token::Fun(..) => "a function".to_owned(),
        Token::Record(fields) => format!("a native record of {fields}"),
    };
    de::Error::custom(format_args!("found {found}, expected {expected}"))
}

fn short(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
