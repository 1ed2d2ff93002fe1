//! Tests of the wire protocol, through the public API.

mod handshakes;
