//! Erlang's external term format.

#![forbid(unsafe_code)]

mod decode;
mod encode;
mod limits;
mod macros;
mod print;
mod tag;
mod term;

pub use decode::{DecodeError, Decoder, expand};
pub use encode::EncodeError;
pub use limits::Limits;
pub use print::Inspect;
pub use term::{
    Atom, AtomTooLong, BigInt, Binary, BitString, Export, Fun, ImproperList, List, Map, Pid, Port,
    Record, Reference, Term, Tuple, WrongReference,
};
