//! The methods of serde's `Deserializer`, by the wanted type.

use serde_core::de::{self, Visitor};

use super::absent::AbsentValue;
use super::enums::Variant;
use super::fields::Fields;
use super::{DeserializeError, Deserializer, error, text};
use crate::decode::{Text, Token};
use crate::reserved::{ABSENT, ATOM, TERM};
use crate::tag;
use crate::term::big;

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
            Token::BigInt(negative, magnitude) => big::float(*negative, magnitude),
            _ => None,
        };
        match number {
            Some(number) => visitor.visit_f64(number),
            None => Err(error::mismatch(&token, &visitor)),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DeserializeError> {
        match self.token()? {
            Token::Atom(text) if text.is("true") => visitor.visit_bool(true),
            Token::Atom(text) if text.is("false") => visitor.visit_bool(false),
            other => Err(error::mismatch(&other, &visitor)),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DeserializeError> {
        match self.token()? {
            Token::Atom(text) if is_nothing(text) => visitor.visit_unit(),
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
            Some(text) if is_nothing(text) => {
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

/// Whether an atom means "no value": in Elixir, and in Erlang.
fn is_nothing(text: Text<'_>) -> bool {
    text.is("nil") || text.is("undefined")
}
