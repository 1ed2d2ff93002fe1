//! Terms: the values of Erlang.

pub(crate) mod atom;
pub(crate) mod big;
mod binary;
mod eq;
pub(crate) mod fun;
mod ids;
mod make;
mod map;
pub(crate) mod nest;
mod order;
mod record;
mod seq;

pub use atom::{Atom, AtomTooLong};
pub use big::BigInt;
pub use binary::{Binary, BitString};
pub use fun::{Export, Fun};
pub use ids::{Pid, Port, Reference, WrongReference};
pub use map::Map;
pub use record::Record;
pub use seq::{ImproperList, List, Tuple};

/// A value of Erlang's.
///
/// Each value has one form: an integer that fits an `i64` is never a [`BigInt`], a list that ends with `[]` is never an
/// [`ImproperList`], a bitstring of whole bytes is a [`Binary`], and a map is in the order of its keys. The types see to
/// that.
///
/// # Equality and order
///
/// `==` is Erlang's `=:=`: 1 is not 1.0. `Ord` is the order of a map's keys: that of terms, but all integers come
/// before all floats, so that it agrees with `==`. [`term_order`](Self::term_order) is the order of Erlang's `<` and
/// `==`.
///
/// # Depth
///
/// No operation on a term is a recursion beyond its first 32 levels: a term of a million levels can be made, copied, compared,
/// printed, sent and dropped. `Debug` is [`Display`](std::fmt::Display), with the node's name in pids.
///
/// # Examples
///
/// ```
/// use otp_etf::{Term, term};
///
/// let reply = term!({ok, [1, 2.5, "three"]});
/// let bytes = reply.encode()?;
/// assert_eq!(Term::decode(&bytes)?, reply);
/// match &reply {
///     Term::Tuple(tuple) if tuple[0] == term!(ok) => println!("it is {}", tuple[1]),
///     other => println!("what is {other}?"),
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[non_exhaustive]
pub enum Term {
    /// An integer that fits.
    Integer(i64),
    /// A float. Infinities and NaN cannot be sent: Erlang has none.
    Float(f64),
    /// Any other integer.
    BigInt(BigInt),
    /// An atom; `true`, `false` and Elixir's `nil` are atoms.
    Atom(Atom),
    /// A reference.
    Reference(Box<Reference>),
    /// A function by its name.
    Export(Box<Export>),
    /// A function that was written in place.
    Fun(Box<Fun>),
    /// A port.
    Port(Box<Port>),
    /// A process.
    Pid(Box<Pid>),
    /// A tuple.
    Tuple(Tuple),
    /// A native record of OTP 29.
    Record(Box<Record>),
    /// A map.
    Map(Map),
    /// A list, also the empty one. A charlist is a list of integers.
    List(List),
    /// A list that does not end with `[]`.
    ImproperList(ImproperList),
    /// Bytes; texts are bytes in UTF-8.
    Binary(Binary),
    /// Bits that are no whole bytes.
    BitString(BitString),
}

const _: () = assert!(size_of::<Term>() == 24, "a term has three words");

impl Term {
    /// The terms within this one, without those within them: a list's tail comes last, a map has keys and values by turns.
    pub(crate) fn children(&self) -> &[Self] {
        match self {
            Self::Tuple(tuple) => tuple,
            Self::List(list) => list,
            Self::ImproperList(list) => list.all(),
            Self::Map(map) => map.all(),
            Self::Record(record) => record.values(),
            _ => &[],
        }
    }
}
