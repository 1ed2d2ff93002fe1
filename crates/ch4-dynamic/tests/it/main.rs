//! Chapter 4 through its public API, on a paused clock; and the program, as a program.
//!
//! Numbers such as S89 name scenarios that were recorded on the BEAM.

mod cli;
mod directory;
mod project;
mod stage;
