//! Text and bytes.

use serde_core::de::{self, Unexpected, Visitor};

use super::{DeserializeError, Deserializer, TextFrom, error};
use crate::decode::{Text, Token};

pub(super) fn visit<'de, V: Visitor<'de>>(
    text: Text<'de>,
    visitor: V,
) -> Result<V::Value, DeserializeError> {
    match text {
        Text::Utf8(text) => visitor.visit_borrowed_str(text),
        Text::Latin1(_) => visitor.visit_str(&text.to_str()),
    }
}

pub(super) fn visit_binary<'de, V: Visitor<'de>>(
    bytes: &'de [u8],
    visitor: V,
) -> Result<V::Value, DeserializeError> {
    match std::str::from_utf8(bytes) {
        Ok(text) => visitor.visit_borrowed_str(text),
        Err(_) => Err(de::Error::invalid_value(Unexpected::Bytes(bytes), &visitor)),
    }
}

impl<'de> Deserializer<'de> {
    pub(super) fn read_text<V: Visitor<'de>>(
        &mut self,
        visitor: V,
    ) -> Result<V::Value, DeserializeError> {
        let is_wide = self.text == TextFrom::Chardata;
        match self.token()? {
            Token::Binary(bytes) => visit_binary(bytes, visitor),
            Token::Atom(text) if is_wide || self.is_key => visit(text, visitor),
            token if is_wide && is_list(&token) => {
                match String::from_utf8(self.flatten(token, Unit::Character, &visitor)?) {
                    Ok(text) => visitor.visit_string(text),
                    Err(_) => Err(de::Error::invalid_value(
                        Unexpected::Other("text that is not UTF-8"),
                        &visitor,
                    )),
                }
            }
            other => Err(error::mismatch(&other, &visitor)),
        }
    }

    pub(super) fn read_bytes<V: Visitor<'de>>(
        &mut self,
        visitor: V,
    ) -> Result<V::Value, DeserializeError> {
        match self.token()? {
            Token::Binary(bytes) => visitor.visit_borrowed_bytes(bytes),
            token if self.text == TextFrom::Chardata && is_list(&token) => {
                let bytes = self.flatten(token, Unit::Byte, &visitor)?;
                visitor.visit_byte_buf(bytes)
            }
            other => Err(error::mismatch(&other, &visitor)),
        }
    }

    /// Puts the binaries and integers of a list together, and of the lists within it.
    fn flatten<V: Visitor<'de>>(
        &mut self,
        list: Token<'de>,
        unit: Unit,
        visitor: &V,
    ) -> Result<Vec<u8>, DeserializeError> {
        let mut out = Vec::new();
        let mut left = 0;
        let mut token = list;
        loop {
            let is_whole = match &token {
                Token::Nil => true,
                Token::String(bytes) => {
                    bytes.iter().all(|byte| unit.push(&mut out, (*byte).into()))
                }
                Token::Integer(number) => unit.push(&mut out, *number),
                Token::Binary(bytes) => {
                    out.extend_from_slice(bytes);
                    true
                }
                Token::List(elements) => {
                    // The elements and the tail.
                    left += elements + 1;
                    true
                }
                _ => false,
            };
            if !is_whole {
                return Err(error::mismatch(&token, visitor));
            }
            if left == 0 {
                return Ok(out);
            }
            left -= 1;
            token = self.token()?;
        }
    }
}

fn is_list(token: &Token<'_>) -> bool {
    matches!(token, Token::Nil | Token::String(_) | Token::List(_))
}

/// The meaning of an integer in a list.
#[derive(Clone, Copy)]
enum Unit {
    Byte,
    Character,
}

impl Unit {
    /// False if the number has no such meaning.
    fn push(self, out: &mut Vec<u8>, number: i64) -> bool {
        let sign = u32::try_from(number).ok().and_then(char::from_u32);
        match (self, sign) {
            (Self::Character, Some(sign)) => {
                out.extend_from_slice(sign.encode_utf8(&mut [0; 4]).as_bytes());
            }
            (Self::Byte, Some(sign @ '\0'..='\u{FF}')) => out.push(sign as u8),
            _ => return false,
        }
        true
    }
}
