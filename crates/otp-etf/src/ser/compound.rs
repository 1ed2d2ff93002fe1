//! Lists, tuples and maps that are being written. How many parts they have is known at their end, as some may write nothing.

use serde_core::ser::{self, Serialize};

use super::{SerializeError, Writer};
use crate::encode::{EncodeError, LONGEST_STRING, leaf};
use crate::tag;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    List,
    Tuple,
    /// A tuple whose first element is its tag.
    Variant,
    Map,
}

pub(super) struct Compound<'s, 'a> {
    writer: &'s mut Writer<'a>,
    kind: Kind,
    /// Where it begins, with its own tag.
    start: usize,
    /// Where its parts begin.
    parts: usize,
    count: usize,
    /// Where the key of an entry begins.
    key: usize,
}

impl<'s, 'a> Compound<'s, 'a> {
    /// Begins one of about so many parts.
    pub(super) fn start(
        writer: &'s mut Writer<'a>,
        kind: Kind,
        count: usize,
    ) -> Result<Self, SerializeError> {
        // Bytes may be moved to a later place, and a value may begin only where none has begun before.
        writer.bare = usize::MAX;
        let start = writer.out.len();
        match kind {
            Kind::List => leaf::list(writer.out, count)?,
            Kind::Tuple | Kind::Variant => leaf::tuple(writer.out, count)?,
            Kind::Map => leaf::map(writer.out, count)?,
        }
        let parts = writer.out.len();
        Ok(Self {
            writer,
            kind,
            start,
            parts,
            count: 0,
            key: parts,
        })
    }

    pub(super) fn tag(&mut self, tag: &str) -> Result<(), SerializeError> {
        self.writer.atom(tag)?;
        self.count += 1;
        Ok(())
    }

    fn part<T: Serialize + ?Sized>(&mut self, part: &T) -> Result<(), SerializeError> {
        let before = self.writer.out.len();
        part.serialize(&mut *self.writer)?;
        if self.writer.out.len() > before {
            self.count += 1;
        }
        Ok(())
    }

    /// An entry of a struct.
    pub(super) fn entry<T: Serialize + ?Sized>(
        &mut self,
        key: &str,
        value: &T,
    ) -> Result<(), SerializeError> {
        self.key = self.writer.out.len();
        self.writer.atom(key)?;
        self.value(value)
    }

    /// The value of the key that was written last; without a value the key goes, too.
    fn value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), SerializeError> {
        let before = self.writer.out.len();
        value.serialize(&mut *self.writer)?;
        if self.writer.out.len() > before {
            self.count += 1;
        } else {
            self.writer.out.truncate(self.key);
        }
        Ok(())
    }

    fn finish(self) -> Result<(), SerializeError> {
        let Self {
            writer,
            kind,
            start,
            parts,
            count,
            ..
        } = self;
        let out = &mut *writer.out;
        let length = u32::try_from(count)
            .map_err(|_| EncodeError::TooLong)?
            .to_be_bytes();
        let is_small = parts - start == 2;
        match kind {
            Kind::List if count == 0 => {
                out.truncate(start);
                out.push(tag::NIL);
            }
            Kind::List if is_string(&out[parts..], count) => string(out, start, parts, count),
            Kind::List => {
                out[start + 1..parts].copy_from_slice(&length);
                out.push(tag::NIL);
            }
            Kind::Map => out[start + 1..parts].copy_from_slice(&length),
            // The tag alone is the atom.
            Kind::Variant if count == 1 => drop(out.drain(start..parts)),
            // As many as were announced, or fewer.
            Kind::Tuple | Kind::Variant if is_small && count <= 255 => out[start + 1] = length[3],
            Kind::Tuple | Kind::Variant => {
                let mut head = Vec::new();
                leaf::tuple(&mut head, count)?;
                out.splice(start..parts, head);
            }
        }
        Ok(())
    }
}

/// Whether the elements of a list are bytes: if they take two bytes each, and the first byte of each pair is that of a small
/// integer, then no element can begin elsewhere.
fn is_string(elements: &[u8], count: usize) -> bool {
    let (pairs, rest) = elements.as_chunks::<2>();
    count <= LONGEST_STRING
        && rest.is_empty()
        && pairs.len() == count
        && pairs.iter().all(|[first, _]| *first == tag::SMALL_INTEGER)
}

/// Moves the elements of a list of bytes together.
fn string(out: &mut Vec<u8>, start: usize, parts: usize, count: usize) {
    out[start] = tag::STRING;
    out[start + 1..start + 3].copy_from_slice(&(count as u16).to_be_bytes());
    for at in 0..count {
        out[start + 3 + at] = out[parts + 2 * at + 1];
    }
    out.truncate(start + 3 + count);
}

/// The common part of serde's traits for compound values.
macro_rules! parts {
    ($($kind:ident $part:ident($($key:ident: $type:ty)?) = $write:ident;)*) => {
        $(impl ser::$kind for Compound<'_, '_> {
            type Ok = ();
            type Error = SerializeError;

            fn $part<T: Serialize + ?Sized>(
                &mut self,
                $($key: $type,)?
                part: &T,
            ) -> Result<(), SerializeError> {
                self.$write($($key,)? part)
            }

            fn end(self) -> Result<(), SerializeError> {
                self.finish()
            }
        })*
    };
}

parts! {
    SerializeSeq serialize_element() = part;
    SerializeTuple serialize_element() = part;
    SerializeTupleStruct serialize_field() = part;
    SerializeTupleVariant serialize_field() = part;
    SerializeStruct serialize_field(key: &'static str) = entry;
    SerializeStructVariant serialize_field(key: &'static str) = entry;
}

impl ser::SerializeMap for Compound<'_, '_> {
    type Ok = ();
    type Error = SerializeError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), SerializeError> {
        self.key = self.writer.out.len();
        key.serialize(&mut *self.writer)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), SerializeError> {
        self.value(value)
    }

    fn end(self) -> Result<(), SerializeError> {
        self.finish()
    }
}
