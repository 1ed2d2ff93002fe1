//! Variants: atoms, and tuples that begin with one.

use std::borrow::Cow;

use serde_core::de::value::UnitDeserializer;
use serde_core::de::{self, DeserializeSeed, EnumAccess, IntoDeserializer, VariantAccess, Visitor};

use super::absent::Missing;
use super::error::Place;
use super::fields::Fields;
use super::seq::{Parts, too_many};
use super::{DeserializeError, Deserializer, error};
use crate::decode::Token;

pub(super) struct Variant<'a, 'de> {
    de: &'a mut Deserializer<'de>,
    tag: Cow<'de, str>,
    /// How many values follow the tag.
    values: usize,
    is_atom: bool,
    is_result: bool,
}

impl<'a, 'de> Variant<'a, 'de> {
    pub(super) fn visit<V: Visitor<'de>>(
        de: &'a mut Deserializer<'de>,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, DeserializeError> {
        let (tag, values, is_atom) = match de.token()? {
            Token::Atom(tag) => (tag.to_str(), 0, true),
            Token::Tuple(arity) if arity > 0 => match de.token()? {
                Token::Atom(tag) => (tag.to_str(), arity - 1, false),
                other => return Err(error::mismatch(&other, &"an atom as a tuple's tag")),
            },
            other => return Err(error::mismatch(&other, &visitor)),
        };
        let is_result = name == "Result";
        visitor.visit_enum(Self {
            de,
            tag,
            values,
            is_atom,
            is_result,
        })
    }

    /// A map with the values of the variant.
    fn one_level_deeper<R>(
        self,
        read: impl FnOnce(&mut Deserializer<'de>) -> Result<R, DeserializeError>,
    ) -> Result<R, DeserializeError> {
        let Self { de, tag, .. } = self;
        de.nested(read)
            .map_err(|error| error.at(Place::Name(tag.into_owned())))
    }
}

impl<'a, 'de> EnumAccess<'de> for Variant<'a, 'de> {
    type Error = DeserializeError;
    type Variant = Self;

    fn variant_seed<T: DeserializeSeed<'de>>(
        self,
        seed: T,
    ) -> Result<(T::Value, Self), DeserializeError> {
        let tag = match &*self.tag {
            "ok" if self.is_result => "Ok",
            "error" if self.is_result => "Err",
            tag => tag,
        };
        let deserializer: de::value::StrDeserializer<'_, DeserializeError> =
            tag.into_deserializer();
        let value = seed.deserialize(deserializer)?;
        Ok((value, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_, 'de> {
    type Error = DeserializeError;

    fn unit_variant(self) -> Result<(), DeserializeError> {
        if self.is_atom {
            return Ok(());
        }
        let Self { tag, values, .. } = self;
        Err(de::Error::custom(format_args!(
            "found `{tag}` with {values} values, expected the atom alone"
        )))
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(
        self,
        seed: T,
    ) -> Result<T::Value, DeserializeError> {
        let (given, is_result) = (self.values, self.is_result);
        // `ok` is `{ok, nil}`.
        if self.is_atom && is_result {
            return seed.deserialize(UnitDeserializer::new());
        }
        self.one_level_deeper(|de| {
            if given == 0 {
                return seed.deserialize(Missing {
                    number: de.absent,
                    given,
                });
            }
            if given > 1 {
                return Err(too_many(given, 1));
            }
            let before = de.rest().len();
            let value = seed.deserialize(&mut *de)?;
            if de.rest().len() == before {
                return Err(too_many(given, 0));
            }
            Ok(value)
        })
    }

    fn tuple_variant<V: Visitor<'de>>(
        self,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, DeserializeError> {
        Parts::visit(self.de, self.values, length, Some(&self.tag), visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DeserializeError> {
        match self.values {
            1 => self.one_level_deeper(|de| Fields::visit(de, "", fields, visitor)),
            given => Err(too_many(given, 1).at(Place::Name(self.tag.into_owned()))),
        }
    }
}
