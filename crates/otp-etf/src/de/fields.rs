//! Structs.

use std::borrow::Cow;

use serde_core::de::value::{BorrowedStrDeserializer, StringDeserializer};
use serde_core::de::{self, DeserializeSeed, MapAccess, Visitor};

use super::absent::Missing;
use super::{DeserializeError, Deserializer, error, map};
use crate::decode::Token;
use crate::reserved::{ABSENT, ELIXIR, STRUCT};

/// The entries of a map that are the fields of a struct.
pub(super) struct Fields<'a, 'de> {
    de: &'a mut Deserializer<'de>,
    left: usize,
    /// The name of the struct. Only Elixir's names matter.
    name: &'static str,
    /// Whether `__struct__` is a field as any other.
    has_struct: bool,
    /// Whether a field that is not in the bytes is still to be named.
    has_absent: bool,
    /// The bytes from the last key on; none for a field that is not in the bytes.
    entry: Option<&'de [u8]>,
}

impl<'a, 'de> Fields<'a, 'de> {
    pub(super) fn visit<V: Visitor<'de>>(
        de: &'a mut Deserializer<'de>,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DeserializeError> {
        let left = match de.token()? {
            Token::Map(entries) => entries,
            other => return Err(error::mismatch(&other, &visitor)),
        };
        de.nested(|de| {
            let mut entries = Fields {
                de,
                left,
                name,
                has_struct: fields.contains(&STRUCT),
                has_absent: fields.contains(&ABSENT),
                entry: None,
            };
            let value = visitor.visit_map(&mut entries)?;
            match entries.left {
                0 => Ok(value),
                left => Err(de::Error::custom(format_args!(
                    "a map of {left} entries too many"
                ))),
            }
        })
    }

    /// The name of the next field. Unknown names are skipped, and `__struct__` is compared.
    fn next_name(&mut self) -> Result<Option<Cow<'de, str>>, DeserializeError> {
        while self.left > 0 {
            self.left -= 1;
            self.entry = Some(self.de.rest());
            let depth = self.de.depth;
            let before = self.de.decoder.clone();
            let name = match self.de.token()? {
                Token::Atom(name) => name.to_str(),
                Token::Binary(bytes) => String::from_utf8_lossy(bytes),
                _ => {
                    self.de.decoder = before;
                    self.de.decoder.raw_within(depth)?;
                    self.de.decoder.raw_within(depth)?;
                    continue;
                }
            };
            if name != STRUCT || self.has_struct {
                return Ok(Some(name));
            }
            self.check_struct()?;
        }
        Ok(None)
    }

    fn check_struct(&mut self) -> Result<(), DeserializeError> {
        let expected = if self.name.starts_with(ELIXIR) {
            self.name
        } else {
            "no struct of Elixir"
        };
        match self.de.token()? {
            Token::Atom(name) if name.is(self.name) && self.name.starts_with(ELIXIR) => Ok(()),
            Token::Atom(name) => Err(de::Error::custom(format_args!(
                "found a struct {}, expected {expected}",
                name.to_str()
            ))),
            other => Err(error::mismatch(&other, &expected)),
        }
    }
}

impl<'de> MapAccess<'de> for &mut Fields<'_, 'de> {
    type Error = DeserializeError;

    fn next_key_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, DeserializeError> {
        match self.next_name()? {
            Some(Cow::Borrowed(name)) => seed
                .deserialize(BorrowedStrDeserializer::new(name))
                .map(Some),
            Some(Cow::Owned(name)) => seed.deserialize(StringDeserializer::new(name)).map(Some),
            None if std::mem::take(&mut self.has_absent) => {
                self.entry = None;
                seed.deserialize(BorrowedStrDeserializer::new(ABSENT))
                    .map(Some)
            }
            None => Ok(None),
        }
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<T::Value, DeserializeError> {
        match self.entry {
            Some(entry) => map::value(self.de, entry, seed),
            None => seed.deserialize(Missing {
                number: self.de.absent,
                given: 0,
            }),
        }
    }
}
