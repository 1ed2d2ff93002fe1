//! Erlang's external term format.

#![forbid(unsafe_code)]

mod de;
mod decode;
mod encode;
mod impls;
mod limits;
mod macros;
mod print;
mod reserved;
mod ser;
mod tag;
mod term;
mod view;

pub use de::{DeserializeError, Deserializer, TextFrom, from_bytes, from_term};
pub use decode::{DecodeError, Decoder, expand};
pub use encode::EncodeError;
pub use limits::Limits;
pub use print::Inspect;
pub use reserved::ABSENT;
pub use ser::{SerializeError, to_bytes, to_bytes_into, to_term};
pub use term::{
    Atom, AtomTooLong, BigInt, Binary, BitString, Export, Fun, ImproperList, List, Map, Pid, Port,
    Record, Reference, Term, Tuple, WrongReference,
};
pub use view::{Parts, TermRef, View};
