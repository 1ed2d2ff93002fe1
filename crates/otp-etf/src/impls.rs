//! Terms and their parts as themselves through serde.

use std::fmt;

use serde_core::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_core::ser::{Serialize, Serializer};

use crate::Decoder;
use crate::reserved::{ATOM, TERM};
use crate::term::{Atom, Export, Fun, Pid, Port, Record, Reference, Term};

impl Serialize for Atom {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(ATOM, self.as_str())
    }
}

impl<'de> Deserialize<'de> for Atom {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(ATOM, AtomText)
    }
}

struct AtomText;

impl<'de> Visitor<'de> for AtomText {
    type Value = Atom;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an atom")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Atom, E> {
        Atom::new(text).map_err(E::custom)
    }

    fn visit_bool<E: de::Error>(self, truth: bool) -> Result<Atom, E> {
        Ok(truth.into())
    }

    fn visit_unit<E: de::Error>(self) -> Result<Atom, E> {
        Ok(Atom::NIL)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<Atom, D::Error> {
        inner.deserialize_any(self)
    }
}

/// The bytes of a term, from its tag on.
struct Bytes<'a>(&'a [u8]);

impl Serialize for Bytes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}

pub(crate) fn serialize_raw<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_newtype_struct(TERM, &Bytes(bytes))
}

/// Where people read the format, as in JSON, a term is its text.
impl Serialize for Term {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            return serializer.collect_str(self);
        }
        let mut bytes = Vec::new();
        self.encode_into(&mut bytes)
            .map_err(serde_core::ser::Error::custom)?;
        serialize_raw(&bytes, serializer)
    }
}

impl<'de> Deserialize<'de> for Term {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(
            TERM,
            Known {
                expected: "a term",
                part: Some,
            },
        )
    }
}

/// A term, or a part of one, that was asked for by the reserved name.
struct Known<T> {
    expected: &'static str,
    part: fn(Term) -> Option<T>,
}

impl<T> Known<T> {
    fn part<E: de::Error>(self, term: Term) -> Result<T, E> {
        match (self.part)(term) {
            Some(part) => Ok(part),
            None => Err(E::custom(format_args!(
                "found another term, expected {}",
                self.expected
            ))),
        }
    }
}

impl<'de, T> Visitor<'de> for Known<T> {
    type Value = T;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.expected)
    }

    /// The bytes of the term. The deserializer has checked them, and its limits.
    fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<T, E> {
        let term = Decoder::checked(bytes).term().map_err(E::custom)?;
        self.part(term)
    }

    /// The values of another deserializer, or values of this one that serde has stored before it knew the type.
    fn visit_newtype_struct<D: Deserializer<'de>>(self, kept: D) -> Result<T, D::Error> {
        let term = kept.deserialize_any(Kept)?;
        self.part(term)
    }
}

/// Data of serde's own model, as a term.
struct Kept;

macro_rules! numbers {
    ($($name:ident: $type:ty,)*) => {
        $(fn $name<E: de::Error>(self, number: $type) -> Result<Term, E> {
            Ok(number.into())
        })*
    };
}

impl<'de> Visitor<'de> for Kept {
    type Value = Term;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a term")
    }

    numbers! {
        visit_bool: bool,
        visit_i64: i64,
        visit_i128: i128,
        visit_u64: u64,
        visit_u128: u128,
        visit_f64: f64,
        visit_str: &str,
        visit_string: String,
        visit_bytes: &[u8],
    }

    fn visit_unit<E: de::Error>(self) -> Result<Term, E> {
        Ok(Term::Atom(Atom::NIL))
    }

    fn visit_none<E: de::Error>(self) -> Result<Term, E> {
        self.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<Term, D::Error> {
        Term::deserialize(inner)
    }

    /// A term that serde has no word for: its bytes are within.
    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<Term, D::Error> {
        inner.deserialize_bytes(Known {
            expected: "a term",
            part: Some,
        })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Term, A::Error> {
        let mut terms = Vec::new();
        while let Some(term) = elements.next_element::<Term>()? {
            terms.push(term);
        }
        Ok(Term::list(terms))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Term, A::Error> {
        let mut terms = Vec::new();
        while let Some(entry) = entries.next_entry::<Term, Term>()? {
            terms.push(entry);
        }
        Ok(Term::map(terms))
    }
}

macro_rules! parts {
    ($($type:ident, $expected:literal;)*) => {
        $(impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                Term::from(self.clone()).serialize(serializer)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let part = |term| match term {
                    Term::$type(part) => Some(*part),
                    _ => None,
                };
                deserializer.deserialize_newtype_struct(TERM, Known { expected: $expected, part })
            }
        })*
    };
}

parts! {
    Pid, "a pid";
    Port, "a port";
    Reference, "a reference";
    Export, "a function by its name";
    Fun, "a function";
    Record, "a native record";
}
