//! Terms to Rust's values, by serde.

mod absent;
mod enums;
mod error;
mod fields;
mod map;
mod methods;
mod raw;
mod read;
mod seq;
mod text;

use serde_core::de::{self, Deserialize, DeserializeOwned};

pub use error::DeserializeError;

use crate::decode::{Decoder, Text, Token};
use crate::limits::Limits;
use crate::tag;
use crate::term::Term;

/// Reads a value from a term with the version byte, within the default [`Limits`].
///
/// The crate's front page has the table of the accepted terms for each type. Text and bytes can be borrowed from the
/// term. A compressed term goes through [`expand`](crate::expand) first.
///
/// # Errors
///
/// If the bytes are no term, or a term that does not fit the type. The error contains the place and the expected type.
///
/// # Examples
///
/// ```
/// use otp_etf::{from_bytes, term};
/// use serde::Deserialize;
///
/// #[derive(Debug, PartialEq, Deserialize)]
/// struct Item<'a> {
///     name: &'a str,
///     price: f64,
///     note: Option<&'a str>,
/// }
///
/// let bytes = term!(#{name => "egg", price => 1, more => [1, 2, 3]}).encode()?;
/// let egg: Item = from_bytes(&bytes)?;
/// assert_eq!(egg, Item { name: "egg", price: 1.0, note: None });
///
/// let bytes = term!([#{name => "egg", price => "1"}]).encode()?;
/// let error = from_bytes::<Vec<Item>>(&bytes).unwrap_err();
/// assert_eq!(error.to_string(), r#"[0].price: found the binary "1", expected f64"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn from_bytes<'de, T: Deserialize<'de>>(bytes: &'de [u8]) -> Result<T, DeserializeError> {
    let mut deserializer = Deserializer::new(bytes, Limits::default());
    deserializer.version()?;
    let value = T::deserialize(&mut deserializer)?;
    deserializer.finish()?;
    Ok(value)
}

/// Makes a value of a term.
///
/// # Errors
///
/// If the term does not fit the type, or cannot be sent, because the conversion goes through its bytes.
pub fn from_term<T: DeserializeOwned>(term: &Term) -> Result<T, DeserializeError> {
    let mut bytes = Vec::new();
    term.encode_into(&mut bytes)
        .map_err(<DeserializeError as de::Error>::custom)?;
    let mut deserializer = Deserializer::new(&bytes, Limits::default());
    T::deserialize(&mut deserializer)
}

/// The terms that count as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TextFrom {
    /// Binaries in UTF-8.
    #[default]
    Binaries,
    /// Binaries, atoms, charlists and lists of them (`unicode:chardata()`); bytes likewise from `iodata()`. For answers
    /// of Erlang's older functions.
    Chardata,
}

/// A deserializer over the bytes of a term, for more control than [`from_bytes`] gives.
///
/// `T::deserialize(&mut deserializer)` reads one term; several may follow each other.
///
/// # Examples
///
/// ```
/// use otp_etf::{Deserializer, Limits, TextFrom, Term};
/// use serde::Deserialize;
///
/// let bytes = Term::charlist("joe").encode()?;
/// let mut deserializer = Deserializer::new(&bytes, Limits::default()).text(TextFrom::Chardata);
/// deserializer.version()?;
/// assert_eq!(String::deserialize(&mut deserializer)?, "joe");
/// deserializer.finish()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Deserializer<'de> {
    decoder: Decoder<'de>,
    text: TextFrom,
    /// Whether a key of a map is read, for which an atom is text, too.
    is_key: bool,
    absent: Option<u64>,
    depth: usize,
}

impl<'de> Deserializer<'de> {
    /// Starts at the beginning of these bytes.
    #[must_use]
    pub fn new(bytes: &'de [u8], limits: Limits) -> Self {
        Self::from(Decoder::new(bytes, limits))
    }

    /// Sets the terms that count as text; binaries by default.
    #[must_use]
    pub fn text(self, text: TextFrom) -> Self {
        Self { text, ..self }
    }

    /// A number for the values that are not in the bytes: see [`ABSENT`](crate::ABSENT).
    #[must_use]
    pub fn absent(self, number: u64) -> Self {
        Self {
            absent: Some(number),
            ..self
        }
    }

    /// Reads the version byte. See [`Decoder::version`].
    ///
    /// # Errors
    ///
    /// When it is another one.
    pub fn version(&mut self) -> Result<(), DeserializeError> {
        Ok(self.decoder.version()?)
    }

    /// The bytes that are not read yet.
    #[must_use]
    pub fn rest(&self) -> &'de [u8] {
        self.decoder.rest()
    }

    /// Makes sure that everything was read.
    ///
    /// # Errors
    ///
    /// When something is left.
    pub fn finish(self) -> Result<(), DeserializeError> {
        Ok(self.decoder.finish()?)
    }

    fn token(&mut self) -> Result<Token<'de>, DeserializeError> {
        Ok(self.decoder.token()?)
    }

    /// Does something one level deeper.
    fn nested<R>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<R, DeserializeError>,
    ) -> Result<R, DeserializeError> {
        let depth = self.depth;
        self.decoder.check_depth(depth)?;
        self.depth += 1;
        let result = read(self);
        self.depth = depth;
        result
    }

    /// The text of the atom that comes next, which is not read.
    fn peek_atom(&self) -> Option<Text<'de>> {
        match self.decoder.peek()? {
            tag::SMALL_ATOM_UTF8 | tag::ATOM_UTF8 | tag::ATOM | tag::SMALL_ATOM => {
                match self.decoder.clone().token() {
                    Ok(Token::Atom(text)) => Some(text),
                    _ => None,
                }
            }
            _ => None,
        }
    }
}

impl<'de> From<Decoder<'de>> for Deserializer<'de> {
    /// Goes on where a decoder is.
    fn from(decoder: Decoder<'de>) -> Self {
        Self {
            decoder,
            text: TextFrom::default(),
            is_key: false,
            absent: None,
            depth: 0,
        }
    }
}
