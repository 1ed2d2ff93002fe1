//! The protocol between nodes without a runtime: bytes in, bytes and events out.
//!
//! The functions here do not wait, read a clock or open a connection. The owner of a connection reads bytes and passes
//! them on; it writes the bytes that the functions return. So each part runs the same under a test, a fuzzer, a
//! simulated network and a real one.
//!
//! A connection goes through these modules in this order:
//!
//! 1. [`epmd`] has the port of a node's name.
//! 2. [`handshake`] proves that both sides know the cookie, and exchanges names and [`flags`].
//! 3. [`frame`] cuts the stream into frames, [`fragment`] joins and splits large messages.
//! 4. [`control`] is the content of a frame: a message, a link, an exit.
//!
//! Every fault in the bytes of a peer is an error of that connection and of nothing else. All memory that a peer can make a node
//! hold has a limit.

pub mod control;
pub mod epmd;
pub mod flags;
pub mod fragment;
pub mod frame;
pub mod handshake;
mod name;

pub(crate) use name::is_part;
