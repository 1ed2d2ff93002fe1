//! Terms that serde has no word for, as their bytes.
//!
//! For untagged enums serde stores a value before it knows the type, and it cannot store a pid. So a pid is shown to it
//! as a newtype struct within a newtype struct, and the inner one has the bytes. No other value is written in this way,
//! so [`Pid`](crate::Pid) and [`Term`](crate::Term) recognize it.

use serde_core::de::{self, Visitor};
use serde_core::forward_to_deserialize_any;

use super::DeserializeError;

pub(super) struct Wrapped<'de> {
    bytes: &'de [u8],
    is_inner: bool,
}

impl<'de> Wrapped<'de> {
    pub(super) fn new(bytes: &'de [u8]) -> Self {
        Self {
            bytes,
            is_inner: false,
        }
    }
}

impl<'de> de::Deserializer<'de> for Wrapped<'de> {
    type Error = DeserializeError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DeserializeError> {
        if self.is_inner {
            visitor.visit_borrowed_bytes(self.bytes)
        } else {
            visitor.visit_newtype_struct(Self {
                is_inner: true,
                ..self
            })
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}
