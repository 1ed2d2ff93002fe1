//! Rust's values to terms, by serde.

mod compound;
mod error;

use serde_core::ser::Serialize;

pub use error::SerializeError;

use compound::{Compound, Kind};

use crate::Decoder;
use crate::encode::{FIRST, leaf};
use crate::limits::Limits;
use crate::reserved::{ABSENT, ATOM, ELIXIR, STRUCT, TERM};
use crate::tag;
use crate::term::{Atom, Term};

/// Writes a value as a term, with the version byte.
///
/// The crate's front page has the table of the conversions.
///
/// # Errors
///
/// When a float is infinite or NaN, a name is longer than an atom can be, or nothing is written at all.
///
/// # Examples
///
/// ```
/// use otp_etf::{Term, term, to_bytes};
/// use serde::Serialize;
///
/// #[derive(Serialize)]
/// #[serde(rename_all = "snake_case")]
/// enum Event {
///     Sold { name: String, qty: u32 },
/// }
///
/// let bytes = to_bytes(&Event::Sold { name: "egg".into(), qty: 12 })?;
/// assert_eq!(Term::decode(&bytes)?, term!({sold, #{name => "egg", qty => 12}}));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn to_bytes<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, SerializeError> {
    let mut out = Vec::with_capacity(FIRST);
    out.push(tag::VERSION);
    to_bytes_into(value, &mut out)?;
    Ok(out)
}

/// Appends a value as a term, without the version byte.
///
/// # Errors
///
/// As [`to_bytes`]. If it fails, the bytes written before the error stay.
pub fn to_bytes_into<T: Serialize + ?Sized>(
    value: &T,
    out: &mut Vec<u8>,
) -> Result<(), SerializeError> {
    let before = out.len();
    let mut writer = Writer {
        out,
        text: Text::Binary,
        bare: usize::MAX,
    };
    value.serialize(&mut writer)?;
    if out.len() == before {
        return Err(SerializeError::Absent);
    }
    Ok(())
}

/// Makes a term of a value.
///
/// # Errors
///
/// As [`to_bytes`].
pub fn to_term<T: Serialize + ?Sized>(value: &T) -> Result<Term, SerializeError> {
    let mut out = Vec::new();
    to_bytes_into(value, &mut out)?;
    Ok(Decoder::new(&out, Limits::none()).term()?)
}

/// The representation of text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Text {
    Binary,
    Atom,
    /// Bytes are a term.
    Term,
}

struct Writer<'a> {
    out: &'a mut Vec<u8>,
    text: Text,
    /// Where a value begins that is left out with its tuple if it is `()`: that of a `Result`.
    bare: usize,
}

impl Writer<'_> {
    fn atom(&mut self, text: &str) -> Result<(), SerializeError> {
        if text.len() > 255 {
            // It checks the number of characters.
            leaf::atom(self.out, &Atom::new(text)?);
        } else {
            leaf::atom_text(self.out, text.as_bytes());
        }
        Ok(())
    }

    /// The value within a newtype struct of a reserved name.
    fn inner<T: Serialize + ?Sized>(
        &mut self,
        text: Text,
        value: &T,
    ) -> Result<(), SerializeError> {
        self.text = text;
        let result = value.serialize(&mut *self);
        self.text = Text::Binary;
        result
    }
}

macro_rules! integers {
    ($($name:ident: $type:ty,)*) => {
        $(fn $name(self, number: $type) -> Result<(), SerializeError> {
            leaf::integer(self.out, number.into());
            Ok(())
        })*
    };
}

impl<'s, 'a> serde_core::Serializer for &'s mut Writer<'a> {
    type Ok = ();
    type Error = SerializeError;
    type SerializeSeq = Compound<'s, 'a>;
    type SerializeTuple = Compound<'s, 'a>;
    type SerializeTupleStruct = Compound<'s, 'a>;
    type SerializeTupleVariant = Compound<'s, 'a>;
    type SerializeMap = Compound<'s, 'a>;
    type SerializeStruct = Compound<'s, 'a>;
    type SerializeStructVariant = Compound<'s, 'a>;

    integers! {
        serialize_i8: i8,
        serialize_i16: i16,
        serialize_i32: i32,
        serialize_i64: i64,
        serialize_u8: u8,
        serialize_u16: u16,
        serialize_u32: u32,
    }

    fn serialize_u64(self, number: u64) -> Result<(), SerializeError> {
        match i64::try_from(number) {
            Ok(number) => self.serialize_i64(number),
            Err(_) => self.serialize_u128(number.into()),
        }
    }

    fn serialize_i128(self, number: i128) -> Result<(), SerializeError> {
        Ok(leaf::wide(self.out, number < 0, number.unsigned_abs())?)
    }

    fn serialize_u128(self, number: u128) -> Result<(), SerializeError> {
        Ok(leaf::wide(self.out, false, number)?)
    }

    fn serialize_f32(self, number: f32) -> Result<(), SerializeError> {
        self.serialize_f64(number.into())
    }

    fn serialize_f64(self, number: f64) -> Result<(), SerializeError> {
        Ok(leaf::float(self.out, number)?)
    }

    fn serialize_bool(self, truth: bool) -> Result<(), SerializeError> {
        self.atom(if truth { "true" } else { "false" })
    }

    fn serialize_char(self, sign: char) -> Result<(), SerializeError> {
        self.serialize_str(sign.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, text: &str) -> Result<(), SerializeError> {
        match self.text {
            Text::Atom => self.atom(text),
            _ => Ok(leaf::binary(self.out, text.as_bytes())?),
        }
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result<(), SerializeError> {
        match self.text {
            Text::Term => self.out.extend_from_slice(bytes),
            _ => leaf::binary(self.out, bytes)?,
        }
        Ok(())
    }

    fn serialize_none(self) -> Result<(), SerializeError> {
        self.atom("nil")
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), SerializeError> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), SerializeError> {
        if self.out.len() != self.bare {
            return self.atom("nil");
        }
        // `{ok, nil}` is `ok` in Erlang, and of the tuple only the tag and `ok` are there.
        let start = self.bare;
        self.bare = usize::MAX;
        let is_ok = self.out[..start].ends_with(b"ok");
        let atom = if is_ok { "ok" } else { "error" };
        self.out.truncate(start - atom.len() - 4);
        self.atom(atom)
    }

    fn serialize_unit_struct(self, name: &'static str) -> Result<(), SerializeError> {
        if name.starts_with(ELIXIR) {
            return self
                .serialize_struct(name, 0)
                .and_then(serde_core::ser::SerializeStruct::end);
        }
        self.serialize_unit()
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<(), SerializeError> {
        self.atom(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<(), SerializeError> {
        match name {
            ATOM => self.inner(Text::Atom, value),
            TERM => self.inner(Text::Term, value),
            ABSENT => Ok(()),
            _ => value.serialize(self),
        }
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), SerializeError> {
        let start = self.out.len();
        let result = match (name, variant) {
            ("Result", "Ok") => Some("ok"),
            ("Result", "Err") => Some("error"),
            _ => None,
        };
        leaf::tuple(self.out, 2)?;
        self.atom(result.unwrap_or(variant))?;
        let value_at = self.out.len();
        if result.is_some() {
            self.bare = value_at;
        }
        value.serialize(&mut *self)?;
        self.bare = usize::MAX;
        if self.out.len() == value_at {
            // Without its value the tuple is the atom alone.
            self.out.drain(start..start + 2);
        }
        Ok(())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Compound<'s, 'a>, SerializeError> {
        Compound::start(self, Kind::List, 0)
    }

    fn serialize_tuple(self, length: usize) -> Result<Compound<'s, 'a>, SerializeError> {
        Compound::start(self, Kind::Tuple, length)
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        length: usize,
    ) -> Result<Compound<'s, 'a>, SerializeError> {
        Compound::start(self, Kind::Tuple, length)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Compound<'s, 'a>, SerializeError> {
        let mut compound = Compound::start(self, Kind::Variant, length + 1)?;
        compound.tag(variant)?;
        Ok(compound)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Compound<'s, 'a>, SerializeError> {
        Compound::start(self, Kind::Map, 0)
    }

    fn serialize_struct(
        self,
        name: &'static str,
        _: usize,
    ) -> Result<Compound<'s, 'a>, SerializeError> {
        let mut compound = Compound::start(self, Kind::Map, 0)?;
        if name.starts_with(ELIXIR) {
            compound.entry(STRUCT, &Atom::constant(name))?;
        }
        Ok(compound)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Compound<'s, 'a>, SerializeError> {
        leaf::tuple(self.out, 2)?;
        self.atom(variant)?;
        Compound::start(self, Kind::Map, 0)
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}
