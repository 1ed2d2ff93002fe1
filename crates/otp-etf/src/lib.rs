//! Erlang's external term format: the format of `term_to_binary` and of the messages between nodes.
//!
//! Three ways lead from bytes to values and back:
//!
//! - **Rust's own types**, by serde: [`from_bytes`], [`to_bytes`]. The usual way, when the type of the data is known.
//! - [`Term`], which is any value of Erlang's: [`Term::decode`], [`Term::encode`], and [`term!`] to write one down.
//! - [`TermRef`], a term that stays in its bytes: nothing is allocated to look at a part or to pass it on.
//!
//! [`Limits`] apply to bytes from outside. No count is believed before there are as many bytes, depth uses no stack,
//! and every fault is an error. The crate has no unsafe code, does not depend on a runtime and needs no Erlang.
//!
//! # A tour
//!
//! ```
//! use otp_etf::{Atom, Pid, Term, from_bytes, term, to_bytes};
//! use serde::{Deserialize, Serialize};
//!
//! // What a GenServer takes, and what it answers.
//! #[derive(Debug, PartialEq, Serialize, Deserialize)]
//! #[serde(rename_all = "snake_case")]
//! enum Call {
//!     Total,
//!     Divide(i64, i64),
//!     Move(Point, Pid),
//! }
//!
//! #[derive(Debug, PartialEq, Serialize, Deserialize)]
//! #[serde(rename = "Elixir.Point")]
//! struct Point {
//!     x: i64,
//!     y: i64,
//! }
//!
//! #[derive(Debug, PartialEq, Serialize, Deserialize)]
//! #[serde(rename_all = "snake_case")]
//! enum Error {
//!     DivisionByZero,
//! }
//!
//! // {divide, 10, 4}, as a BEAM sends it.
//! let bytes = [131, 104, 3, 119, 6, 100, 105, 118, 105, 100, 101, 97, 10, 97, 4];
//! assert_eq!(from_bytes::<Call>(&bytes)?, Call::Divide(10, 4));
//!
//! let reply: Result<i64, Error> = Err(Error::DivisionByZero);
//! assert_eq!(Term::decode(&to_bytes(&reply)?)?, term!({error, division_by_zero}));
//!
//! // Terms are written down as in Erlang, and printed as in Erlang or in Elixir.
//! let pid = Pid { id: 90, serial: 0, node: Atom::new("web@127.0.0.1")?, creation: 1 };
//! let call = term!({move, #{@"__struct__" => @"Elixir.Point", x => 1, y => 2}, (pid.clone())});
//! assert_eq!(call.inspect().to_string(), "{:move, %Point{x: 1, y: 2}, #PID<0.90.0>}");
//! assert_eq!(from_bytes::<Call>(&call.encode()?)?, Call::Move(Point { x: 1, y: 2 }, pid));
//!
//! // What does not fit is refused with its place.
//! let error = from_bytes::<Call>(&term!({divide, 10, 2.5}).encode()?).unwrap_err();
//! assert_eq!(error.to_string(), "divide.1: found the float 2.5, expected i64");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What becomes what
//!
//! | Rust | term | accepted too |
//! |---|---|---|
//! | unit variant | atom, by the variant's name; `rename_all = "snake_case"` makes it Erlang's | |
//! | newtype and tuple variant | `{tag, …}` | |
//! | struct variant | `{tag, #{…}}` | |
//! | struct | map with atoms as keys | binaries as keys; entries that no field is called like |
//! | struct named `Elixir.Mod` by `rename` | Elixir's `%Mod{}` | a map without `__struct__` |
//! | `Result` | `{ok, V}`, `{error, E}`; `ok` and `error` alone for `()` | `{ok, nil}` |
//! | `Option` | the value, or `nil` | `undefined`; no entry in a map |
//! | `String`, `&str`, `char` | binary | with [`TextFrom::Chardata`] atoms, charlists, `unicode:chardata()` |
//! | `Vec`, slices, sets | list | charlist, for numbers |
//! | tuples, arrays, tuple structs | tuple | |
//! | `serde_bytes` | binary | with [`TextFrom::Chardata`] `iodata()` |
//! | integers to 128 bits | integer | |
//! | `f32`, `f64` | float | integer |
//! | `HashMap`, `BTreeMap` | map | list of pairs, such as a keyword list; an atom for a key that is text |
//! | `bool`; `()` and unit structs | atom; `nil` | `undefined` |
//! | [`Atom`], [`Pid`], [`Port`], [`Reference`], [`Export`], [`Fun`], [`Record`], [`Term`], [`TermRef`] | itself | |
//! | a newtype struct named [`ABSENT`] | nothing | |
//!
//! All other combinations are refused: an integer is no float, a text is no list, a number that does not fit is not
//! cut, an improper list is no `Vec`, and a struct with another name in `__struct__` is another struct.
//!
//! Where serde stores a value before it knows the type (untagged and internally tagged enums, `flatten`), it stores
//! tuples as lists and atoms as text; pids and references survive.
//!
//! # Which OTP
//!
//! All terms that OTP 25 to 29 send are read, and so are the tags of older ones. The written terms are understood from
//! OTP 24 on. Cache references to atoms (`ATOM_CACHE_REF`) belong to a connection, which must request them, and are
//! refused; so is `LOCAL_EXT`, which only its own node understands.

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

/// The examples of the crate's README, which are run as all others.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
