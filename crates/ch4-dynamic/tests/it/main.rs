//! Chapter 4 through its public API; and the program, as a program.
//!
//! Numbers such as S89 name scenarios that were recorded on the BEAM.

mod tournament;
