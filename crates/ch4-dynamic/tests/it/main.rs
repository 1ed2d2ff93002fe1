//! Tests of the public API, on a paused clock, and of the program.
//!
//! Numbers such as S89 name scenarios that were recorded on the BEAM.

mod cli;
mod directory;
#[cfg(target_os = "linux")]
mod hang_up;
mod project;
mod stage;
