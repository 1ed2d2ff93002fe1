//! Values that are not in the bytes.

use serde_core::de::{self, Visitor};
use serde_core::forward_to_deserialize_any;

use super::DeserializeError;
use crate::reserved::ABSENT;

/// The number of a value that is not in the bytes, if one was given.
pub(super) struct AbsentValue(pub(super) Option<u64>);

impl<'de> de::Deserializer<'de> for AbsentValue {
    type Error = DeserializeError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DeserializeError> {
        match self.0 {
            Some(number) => visitor.visit_some(de::value::U64Deserializer::new(number)),
            None => visitor.visit_none(),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// Where a tuple has ended: only a value that is not in the bytes may be there.
pub(super) struct Missing {
    pub(super) number: Option<u64>,
    /// How many values there were.
    pub(super) given: usize,
}

impl<'de> de::Deserializer<'de> for Missing {
    type Error = DeserializeError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DeserializeError> {
        let Self { given, .. } = self;
        let expected: &dyn de::Expected = &visitor;
        Err(de::Error::custom(format_args!(
            "found only {given} values, expected {expected}"
        )))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DeserializeError> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, DeserializeError> {
        match name {
            ABSENT => visitor.visit_newtype_struct(AbsentValue(self.number)),
            _ => visitor.visit_newtype_struct(self),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        seq tuple tuple_struct map struct enum identifier ignored_any
    }
}
