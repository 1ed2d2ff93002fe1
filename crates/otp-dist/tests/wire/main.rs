//! Tests of the wire protocol, through the public API.

mod beam;
mod control_attacks;
mod controls;
mod daemons;
mod fragments;
mod frames;
mod handshake_attacks;
mod handshakes;
mod network;
mod peers;
mod samples;
