//! Terms to Rust's values, by serde.

mod absent;
mod enums;
mod error;
mod fields;
mod map;
mod raw;
mod seq;
mod text;

use std::borrow::Cow;

use serde_core::de::{self, Deserialize, DeserializeOwned, Visitor};

pub use error::DeserializeError;

use absent::AbsentValue;
use enums::Variant;
use fields::Fields;
use map::{Entries, Pairs};
use raw::Wrapped;
use seq::{Elements, Parts};

use crate::decode::{Decoder, Token};
use crate::limits::Limits;
use crate::reserved::{ABSENT, ATOM, TERM};
use crate::tag;
use crate::term::{Term, big};

/// Reads a value from a term with the version byte, within the default [`Limits`].
///
/// The crate's front page has the table of what is accepted for what. Text and bytes can be borrowed from the term. A compressed term goes
/// through [`expand`](crate::expand) first.
///
/// # Errors
///
/// When the bytes are no term, or one that does not fit the type: the error names the place and what was expected there.
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
/// When the term does not fit the type, or cannot be sent: it goes by way of its bytes.
pub fn from_term<T: DeserializeOwned>(term: &Term) -> Result<T, DeserializeError> {
    let mut bytes = Vec::new();
    term.encode_into(&mut bytes)
        .map_err(<DeserializeError as de::Error>::custom)?;
    let mut deserializer = Deserializer::new(&bytes, Limits::default());
    T::deserialize(&mut deserializer)
}

/// What is taken for text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TextFrom {
    /// Binaries in UTF-8.
    #[default]
    Binaries,
    /// Binaries, atoms, charlists and what is put together of them (`unicode:chardata()`); bytes likewise from `iodata()`. For answers of
    /// Erlang's older functions.
    Chardata,
}

/// A deserializer over the bytes of a term, for those who want more than [`from_bytes`].
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

    /// What is taken for text: binaries, unless this is called.
    #[must_use]
    pub fn text(self, text: TextFrom) -> Self {
        Self { text, ..self }
    }

    /// A number for the values that are not in the bytes: see [`ABSENT`].
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

    /// What is not read yet.
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
    fn peek_atom(&self) -> Option<Cow<'de, str>> {
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

    fn integer<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, DeserializeError> {
        match self.token()? {
            Token::Integer(number) => visit_integer(number, visitor),
            Token::BigInt {
                negative,
                magnitude,
            } => visit_big(negative, magnitude, visitor),
            other => Err(error::mismatch(&other, &visitor)),
        }
    }

    fn any<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, DeserializeError> {
        let before = self.decoder.clone();
        match self.token()? {
            Token::Integer(number) => return visit_integer(number, visitor),
            Token::BigInt {
                negative,
                magnitude,
            } if magnitude.len() <= 16 => {
                return visit_big(negative, magnitude, visitor);
            }
            Token::Float(number) => return visitor.visit_f64(number),
            Token::Atom(text) => {
                return match &*text {
                    "true" => visitor.visit_bool(true),
                    "false" => visitor.visit_bool(false),
                    "nil" | "undefined" => visitor.visit_unit(),
                    _ => text::visit(text, visitor),
                };
            }
            Token::Binary(bytes) => {
                return match std::str::from_utf8(bytes) {
                    Ok(text) => visitor.visit_borrowed_str(text),
                    Err(_) => visitor.visit_borrowed_bytes(bytes),
                };
            }
            _ => self.decoder = before,
        }
        match self.decoder.peek() {
            Some(tag::NIL | tag::LIST | tag::STRING) => self.seq(visitor),
            Some(tag::SMALL_TUPLE | tag::LARGE_TUPLE) => self.tuple(None, visitor),
            Some(tag::MAP) => self.map(visitor),
            _ => visitor.visit_newtype_struct(Wrapped::new(self.decoder.raw()?)),
        }
    }

    fn seq<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, DeserializeError> {
        let mut elements = match self.token()? {
            Token::Nil => Elements::whole(self, &[]),
            Token::String(bytes) => Elements::whole(self, bytes),
            Token::List(count) => Elements::new(self, count),
            other => return Err(error::mismatch(&other, &visitor)),
        };
        elements.visit(visitor)
    }

    /// A tuple, of so many of Rust's values if that is known.
    fn tuple<V: Visitor<'de>>(
        &mut self,
        wanted: Option<usize>,
        visitor: V,
    ) -> Result<V::Value, DeserializeError> {
        match self.token()? {
            Token::Tuple(arity) => {
                Parts::visit(self, arity, wanted.unwrap_or(arity), None, visitor)
            }
            other => Err(error::mismatch(&other, &visitor)),
        }
    }

    fn map<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, DeserializeError> {
        match self.token()? {
            Token::Map(entries) => Entries::visit(self, entries, visitor),
            Token::Nil => Entries::visit(self, 0, visitor),
            Token::List(count) => Pairs::visit(self, count, visitor),
            other => Err(error::mismatch(&other, &visitor)),
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

fn visit_integer<'de, V: Visitor<'de>>(
    number: i64,
    visitor: V,
) -> Result<V::Value, DeserializeError> {
    match u64::try_from(number) {
        Ok(number) => visitor.visit_u64(number),
        Err(_) => visitor.visit_i64(number),
    }
}

fn visit_big<'de, V: Visitor<'de>>(
    negative: bool,
    magnitude: &[u8],
    visitor: V,
) -> Result<V::Value, DeserializeError> {
    let wide = big::wide(magnitude).filter(|_| !negative);
    if let Some(number) = wide.and_then(|number| u64::try_from(number).ok()) {
        return visitor.visit_u64(number);
    }
    match (wide, big::signed(negative, magnitude)) {
        (_, Some(number)) => visitor.visit_i128(number),
        (Some(number), _) => visitor.visit_u128(number),
        _ => Err(error::mismatch(
            &Token::BigInt {
                negative,
                magnitude,
            },
            &visitor,
        )),
    }
}

/// Methods that all do the same.
macro_rules! all {
    ($($name:ident)* => $this:ident, $visitor:ident => $body:expr) => {
        $(fn $name<V: Visitor<'de>>($this, $visitor: V) -> Result<V::Value, DeserializeError> {
            $body
        })*
    };
}

impl<'de> de::Deserializer<'de> for &mut Deserializer<'de> {
    type Error = DeserializeError;

    all! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
        => self, visitor => self.integer(visitor)
    }

    all! { deserialize_str deserialize_string deserialize_char => self, visitor => self.read_text(visitor) }
    all! { deserialize_bytes deserialize_byte_buf => self, visitor => self.read_bytes(visitor) }
    all! { deserialize_seq => self, visitor => self.seq(visitor) }
    all! { deserialize_map => self, visitor => self.map(visitor) }
    all! { deserialize_any => self, visitor => self.any(visitor) }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DeserializeError> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DeserializeError> {
        let token = self.token()?;
        let number = match &token {
            Token::Float(number) => Some(*number),
            Token::Integer(number) => Some(*number as f64),
            Token::BigInt {
                negative,
                magnitude,
            } => big::float(*negative, magnitude),
            _ => None,
        };
        match number {
            Some(number) => visitor.visit_f64(number),
            None => Err(error::mismatch(&token, &visitor)),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DeserializeError> {
        match self.token()? {
            Token::Atom(text) if text == "true" => visitor.visit_bool(true),
            Token::Atom(text) if text == "false" => visitor.visit_bool(false),
            other => Err(error::mismatch(&other, &visitor)),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DeserializeError> {
        match self.token()? {
            Token::Atom(text) if is_nothing(&text) => visitor.visit_unit(),
            other => Err(error::mismatch(&other, &visitor)),
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, DeserializeError> {
        match self.decoder.peek() {
            Some(tag::MAP) => {
                Fields::visit(self, name, &[], de::IgnoredAny)?;
                visitor.visit_unit()
            }
            _ => self.deserialize_unit(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DeserializeError> {
        match self.peek_atom() {
            Some(text) if is_nothing(&text) => {
                self.token()?;
                visitor.visit_none()
            }
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, DeserializeError> {
        match name {
            ATOM => match self.token()? {
                Token::Atom(text) => text::visit(text, visitor),
                other => Err(error::mismatch(&other, &visitor)),
            },
            TERM => visitor.visit_borrowed_bytes(self.decoder.raw_within(self.depth)?),
            ABSENT => visitor.visit_newtype_struct(AbsentValue(self.absent)),
            _ => visitor.visit_newtype_struct(self),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, DeserializeError> {
        self.tuple(Some(length), visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, DeserializeError> {
        self.tuple(Some(length), visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DeserializeError> {
        Fields::visit(self, name, fields, visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DeserializeError> {
        Variant::visit(self, name, visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(
        self,
        visitor: V,
    ) -> Result<V::Value, DeserializeError> {
        match self.token()? {
            Token::Atom(text) => text::visit(text, visitor),
            Token::Binary(bytes) => text::visit_binary(bytes, visitor),
            other => Err(error::mismatch(&other, &visitor)),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(
        self,
        visitor: V,
    ) -> Result<V::Value, DeserializeError> {
        self.decoder.raw_within(self.depth)?;
        visitor.visit_unit()
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}

/// Whether an atom stands for no value: in Elixir, and in Erlang.
fn is_nothing(text: &str) -> bool {
    matches!(text, "nil" | "undefined")
}
