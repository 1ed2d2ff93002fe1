//! Names by which values that only this format has go through serde.
//!
//! A type asks the serializer or the deserializer for a newtype struct of such a name. Ours knows the name; any other sees a newtype
//! struct.

/// An atom: the inner value is its text.
pub(crate) const ATOM: &str = "$otp_etf::Atom";

/// Any term: the inner value is its bytes, from the tag on.
pub(crate) const TERM: &str = "$otp_etf::Term";

/// The name of a newtype struct that has no bytes on the wire.
///
/// It is for a value that belongs to a message in Rust and is known from elsewhere on the other side, such as the handle to
/// answer a call with. As the last of a variant's values it makes a message of Rust's look as Erlang wants it:
///
/// | Rust | term |
/// |---|---|
/// | `Total(Handle)` | `total` |
/// | `Divide(10, 4, Handle)` | `{divide, 10, 4}` |
///
/// - A type that serializes as `serializer.serialize_newtype_struct(ABSENT, &())` is not written. A tuple or a variant that it
///   is in is shorter by one, and a map or a struct has one entry less.
/// - A type that deserializes by `deserializer.deserialize_newtype_struct(ABSENT, visitor)` reads nothing. The visitor's
///   `visit_newtype_struct` gets a deserializer for an `Option<u64>`: the number that was given to
///   [`Deserializer::absent`](crate::Deserializer::absent).
/// - In a struct or a struct variant the field has to be renamed to this name (`#[serde(rename = "$otp_etf::Absent")]`), as
///   serde asks for a field only when it has been named.
///
/// # Examples
///
/// ```
/// use otp_etf::{ABSENT, Deserializer, Limits, from_bytes, to_term, term};
/// use serde::de::{Deserialize, Visitor};
/// use serde::ser::{Serialize, Serializer};
/// use std::fmt;
///
/// #[derive(Debug, PartialEq)]
/// struct Handle(Option<u64>);
///
/// impl Serialize for Handle {
///     fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
///         serializer.serialize_newtype_struct(ABSENT, &())
///     }
/// }
///
/// impl<'de> Deserialize<'de> for Handle {
///     fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
///         struct Known;
///
///         impl<'de> Visitor<'de> for Known {
///             type Value = Handle;
///
///             fn expecting(&self, out: &mut fmt::Formatter) -> fmt::Result {
///                 out.write_str("nothing")
///             }
///
///             fn visit_newtype_struct<D: serde::Deserializer<'de>>(self, known: D) -> Result<Handle, D::Error> {
///                 Option::deserialize(known).map(Handle)
///             }
///         }
///         deserializer.deserialize_newtype_struct(ABSENT, Known)
///     }
/// }
///
/// #[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
/// #[serde(rename_all = "snake_case")]
/// enum Call {
///     Total(Handle),
///     Divide(i64, i64, Handle),
/// }
///
/// assert_eq!(to_term(&Call::Total(Handle(None)))?, term!(total));
/// assert_eq!(to_term(&Call::Divide(10, 4, Handle(None)))?, term!({divide, 10, 4}));
///
/// let bytes = term!({divide, 10, 4}).encode()?;
/// let mut deserializer = Deserializer::new(&bytes, Limits::default()).absent(7);
/// deserializer.version()?;
/// assert_eq!(Call::deserialize(&mut deserializer)?, Call::Divide(10, 4, Handle(Some(7))));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub const ABSENT: &str = "$otp_etf::Absent";

/// How the names of structs begin that are Elixir's.
pub(crate) const ELIXIR: &str = "Elixir.";

/// The key of an Elixir struct's name.
pub(crate) const STRUCT: &str = "__struct__";
