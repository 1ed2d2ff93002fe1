//! Maps and lists of pairs.

use serde_core::de::{self, DeserializeSeed, MapAccess, Visitor};

use super::error::Place;
use super::seq::Elements;
use super::{DeserializeError, Deserializer, error};
use crate::decode::{Decoder, Token};

/// Reads a key. An atom is text there.
fn key<'de, T: DeserializeSeed<'de>>(
    de: &mut Deserializer<'de>,
    seed: T,
) -> Result<T::Value, DeserializeError> {
    let was_key = std::mem::replace(&mut de.is_key, true);
    let key = seed.deserialize(&mut *de);
    de.is_key = was_key;
    key
}

/// Reads the value of the key with which `entry` begins. If the value is not read because it is not in the bytes, the
/// bytes are skipped.
pub(super) fn value<'de, T: DeserializeSeed<'de>>(
    de: &mut Deserializer<'de>,
    entry: &[u8],
    seed: T,
) -> Result<T::Value, DeserializeError> {
    let before = de.rest().len();
    let was_key = std::mem::replace(&mut de.is_key, false);
    let value = seed
        .deserialize(&mut *de)
        .map_err(|error| error.at(place(entry)))?;
    de.is_key = was_key;
    if de.rest().len() == before {
        de.decoder.raw_within(de.depth)?;
    }
    Ok(value)
}

/// The place of a value, by the bytes that begin with its key.
#[cold]
fn place(entry: &[u8]) -> Place {
    Place::Name(match Decoder::checked(entry).token() {
        Ok(Token::Atom(text)) => text.to_str().into_owned(),
        Ok(Token::Integer(number)) => number.to_string(),
        Ok(Token::Binary(bytes)) => format!("{:?}", String::from_utf8_lossy(bytes)),
        _ => "(value)".to_owned(),
    })
}

/// The entries of a map.
pub(super) struct Entries<'a, 'de> {
    de: &'a mut Deserializer<'de>,
    left: usize,
    /// The bytes from the last key on.
    entry: &'de [u8],
}

impl<'a, 'de> Entries<'a, 'de> {
    pub(super) fn visit<V: Visitor<'de>>(
        de: &'a mut Deserializer<'de>,
        left: usize,
        visitor: V,
    ) -> Result<V::Value, DeserializeError> {
        de.nested(|de| {
            let entry = de.rest();
            let mut entries = Entries { de, left, entry };
            let value = visitor.visit_map(&mut entries)?;
            match entries.left {
                0 => Ok(value),
                left => Err(de::Error::custom(format_args!(
                    "a map of {left} entries too many"
                ))),
            }
        })
    }
}

impl<'de> MapAccess<'de> for &mut Entries<'_, 'de> {
    type Error = DeserializeError;

    fn next_key_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, DeserializeError> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        self.entry = self.de.rest();
        key(self.de, seed).map(Some)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<T::Value, DeserializeError> {
        value(self.de, self.entry, seed)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left)
    }
}

/// The entries of a list of pairs, for example of a keyword list.
pub(super) struct Pairs<'a, 'de> {
    list: Elements<'a, 'de>,
    /// The bytes from the last key on.
    entry: &'de [u8],
}

impl<'a, 'de> Pairs<'a, 'de> {
    /// Reads so many pairs and the tail.
    pub(super) fn visit<V: Visitor<'de>>(
        de: &'a mut Deserializer<'de>,
        left: usize,
        visitor: V,
    ) -> Result<V::Value, DeserializeError> {
        de.nested(|de| {
            let entry = de.rest();
            let mut pairs = Pairs {
                list: Elements::new(de, left),
                entry,
            };
            let value = visitor.visit_map(&mut pairs)?;
            if pairs.list.has_more()? {
                return Err(de::Error::custom("a list of too many pairs"));
            }
            Ok(value)
        })
    }
}

impl<'de> MapAccess<'de> for &mut Pairs<'_, 'de> {
    type Error = DeserializeError;

    fn next_key_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, DeserializeError> {
        if !self.list.has_more()? {
            return Ok(None);
        }
        let de = self.list.element()?;
        match de.token()? {
            Token::Tuple(2) => {}
            other => return Err(error::mismatch(&other, &"a pair of key and value")),
        }
        self.entry = de.rest();
        de.nested(|de| key(de, seed)).map(Some)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<T::Value, DeserializeError> {
        let entry = self.entry;
        let de = self.list.deserializer();
        de.nested(|de| value(de, entry, seed))
    }
}
