//! Tests of the public API, on a paused clock, and of the program.
//!
//! Numbers such as S29 name scenarios that were recorded on the BEAM.

mod action;
mod alarm;
mod api;
mod cli;
mod clock;
#[cfg(target_os = "linux")]
mod hang_up;
mod interrupt;
mod kitchen;
mod stop;
mod terminal;
mod timer;
mod wait;
