//! The elements of lists and of tuples.

use serde_core::de::value::U8Deserializer;
use serde_core::de::{self, DeserializeSeed, IntoDeserializer, SeqAccess, Visitor};

use super::absent::Missing;
use super::error::Place;
use super::{DeserializeError, Deserializer};
use crate::decode::Token;

/// The elements of a list.
pub(super) struct Elements<'a, 'de> {
    de: &'a mut Deserializer<'de>,
    /// How many elements are left before the tail.
    left: usize,
    /// Elements that are left when the tail is read: those of a list of bytes.
    bytes: &'de [u8],
    has_ended: bool,
    index: usize,
}

impl<'a, 'de> Elements<'a, 'de> {
    /// A sequence with this many elements and a tail.
    pub(super) fn new(de: &'a mut Deserializer<'de>, left: usize) -> Self {
        Self {
            de,
            left,
            bytes: &[],
            has_ended: false,
            index: 0,
        }
    }

    /// The list has just these elements.
    pub(super) fn whole(de: &'a mut Deserializer<'de>, bytes: &'de [u8]) -> Self {
        Self {
            de,
            left: 0,
            bytes,
            has_ended: true,
            index: 0,
        }
    }

    pub(super) fn visit<V: Visitor<'de>>(
        &mut self,
        visitor: V,
    ) -> Result<V::Value, DeserializeError> {
        let depth = self.de.depth;
        self.de.decoder.check_depth(depth)?;
        self.de.depth += 1;
        let result = visitor.visit_seq(&mut *self);
        self.de.depth = depth;
        let value = result?;
        if self.has_more()? {
            return Err(de::Error::custom(format_args!(
                "a list of more than {} elements",
                self.index
            )));
        }
        Ok(value)
    }

    /// The deserializer of the elements.
    pub(super) fn deserializer(&mut self) -> &mut Deserializer<'de> {
        self.de
    }

    /// Goes to the next element, of which there must be one.
    pub(super) fn element(&mut self) -> Result<&mut Deserializer<'de>, DeserializeError> {
        if self.left == 0 {
            return Err(de::Error::custom("found integers in a list of pairs"));
        }
        self.left -= 1;
        Ok(self.de)
    }

    /// Whether there is one more element. At the end of the elements reads the tail.
    pub(super) fn has_more(&mut self) -> Result<bool, DeserializeError> {
        while self.left == 0 && !self.has_ended {
            match self.de.token()? {
                Token::Nil => self.has_ended = true,
                // A tail that is a list goes on with its list.
                Token::List(left) => self.left = left,
                Token::String(bytes) => {
                    self.bytes = bytes;
                    self.has_ended = true;
                }
                _ => {
                    return Err(de::Error::custom(
                        "found an improper list, expected one that ends with []",
                    ));
                }
            }
        }
        Ok(self.left > 0 || !self.bytes.is_empty())
    }
}

impl<'de> SeqAccess<'de> for &mut Elements<'_, 'de> {
    type Error = DeserializeError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, DeserializeError> {
        if !self.has_more()? {
            return Ok(None);
        }
        let result = if self.left > 0 {
            self.left -= 1;
            let before = self.de.rest().len();
            let result = seed.deserialize(&mut *self.de);
            if result.is_ok() && self.de.rest().len() == before {
                return Err(de::Error::custom(
                    "a list of values that are not in the bytes",
                ));
            }
            result
        } else {
            let byte: U8Deserializer<DeserializeError> = self.bytes[0].into_deserializer();
            self.bytes = &self.bytes[1..];
            seed.deserialize(byte)
        };
        let value = result.map_err(|error| error.at(Place::Element(self.index)))?;
        self.index += 1;
        Ok(Some(value))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left + self.bytes.len())
    }
}

/// The elements of a tuple, or the values of a variant, for so many of Rust's values.
///
/// There may be more of Rust's values than elements, if the others are not in the bytes.
pub(super) struct Parts<'a, 'de> {
    de: &'a mut Deserializer<'de>,
    left: usize,
    wanted: usize,
    given: usize,
    index: usize,
}

impl<'a, 'de> Parts<'a, 'de> {
    /// Reads `given` elements as `wanted` of Rust's values.
    pub(super) fn visit<V: Visitor<'de>>(
        de: &'a mut Deserializer<'de>,
        given: usize,
        wanted: usize,
        tag: Option<&str>,
        visitor: V,
    ) -> Result<V::Value, DeserializeError> {
        de.nested(|de| {
            let mut parts = Parts {
                de,
                left: given,
                wanted,
                given,
                index: 0,
            };
            let result = visitor
                .visit_seq(&mut parts)
                .and_then(|value| match parts.left {
                    0 => Ok(value),
                    left => Err(too_many(given, given - left)),
                });
            result.map_err(|error| match tag {
                Some(tag) => error.at(Place::Name(tag.to_owned())),
                None => error,
            })
        })
    }
}

#[cold]
pub(super) fn too_many(given: usize, wanted: usize) -> DeserializeError {
    de::Error::custom(format_args!("found {given} values, expected {wanted}"))
}

impl<'de> SeqAccess<'de> for &mut Parts<'_, 'de> {
    type Error = DeserializeError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, DeserializeError> {
        if self.wanted == 0 {
            return Ok(None);
        }
        self.wanted -= 1;
        let result = if self.left == 0 {
            seed.deserialize(Missing {
                number: self.de.absent,
                given: self.given,
            })
        } else {
            let before = self.de.rest().len();
            let result = seed.deserialize(&mut *self.de);
            if self.de.rest().len() != before {
                self.left -= 1;
            }
            result
        };
        let value = result.map_err(|error| error.at(Place::Part(self.index)))?;
        self.index += 1;
        Ok(Some(value))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.wanted)
    }
}
