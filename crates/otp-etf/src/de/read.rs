//! Numbers, lists, tuples and maps, and terms whose type is not known beforehand.

use serde_core::de::Visitor;

use super::map::{Entries, Pairs};
use super::raw::Wrapped;
use super::seq::{Elements, Parts};
use super::{DeserializeError, Deserializer, error, text};
use crate::decode::Token;
use crate::tag;
use crate::term::big;

impl<'de> Deserializer<'de> {
    pub(super) fn integer<V: Visitor<'de>>(
        &mut self,
        visitor: V,
    ) -> Result<V::Value, DeserializeError> {
        if let Some(number) = self.decoder.small_integer() {
            return visit_integer(number, visitor);
        }
        match self.token()? {
            Token::Integer(number) => visit_integer(number, visitor),
            Token::BigInt(negative, magnitude) => visit_big(negative, magnitude, visitor),
            other => Err(error::mismatch(&other, &visitor)),
        }
    }

    pub(super) fn any<V: Visitor<'de>>(
        &mut self,
        visitor: V,
    ) -> Result<V::Value, DeserializeError> {
        let before = self.decoder.clone();
        match self.token()? {
            Token::Integer(number) => return visit_integer(number, visitor),
            Token::BigInt(negative, magnitude) if magnitude.len() <= 16 => {
                return visit_big(negative, magnitude, visitor);
            }
            Token::Float(number) => return visitor.visit_f64(number),
            Token::Atom(text) => {
                return match &*text.to_str() {
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
            _ => visitor.visit_newtype_struct(Wrapped::new(self.decoder.raw_within(self.depth)?)),
        }
    }

    pub(super) fn seq<V: Visitor<'de>>(
        &mut self,
        visitor: V,
    ) -> Result<V::Value, DeserializeError> {
        let mut elements = match self.token()? {
            Token::Nil => Elements::whole(self, &[]),
            Token::String(bytes) => Elements::whole(self, bytes),
            Token::List(count) => Elements::new(self, count),
            other => return Err(error::mismatch(&other, &visitor)),
        };
        elements.visit(visitor)
    }

    /// A tuple, of so many of Rust's values if that is known.
    pub(super) fn tuple<V: Visitor<'de>>(
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

    pub(super) fn map<V: Visitor<'de>>(
        &mut self,
        visitor: V,
    ) -> Result<V::Value, DeserializeError> {
        match self.token()? {
            Token::Map(entries) => Entries::visit(self, entries, visitor),
            Token::Nil => Entries::visit(self, 0, visitor),
            Token::List(count) => Pairs::visit(self, count, visitor),
            other => Err(error::mismatch(&other, &visitor)),
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
            &Token::BigInt(negative, magnitude),
            &visitor,
        )),
    }
}
