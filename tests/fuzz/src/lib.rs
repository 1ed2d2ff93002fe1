//! What must be true of the programs whatever is typed at them, and of terms and frames whatever is sent.
//!
//! The functions named `check` take any text at all and panic when something is not as it must be; [`random`] makes texts
//! that look like commands, from the sessions and exercises and from the programs' own words. The tests of this package
//! bring the two together with fixed seeds. The package `fuzz` at the top hands the same functions to libFuzzer, which
//! searches for as long as one likes.

pub mod complete;
pub mod corpus;
pub mod input;
pub mod line;
pub mod program;
pub mod random;
pub mod run;
pub mod term;
pub mod value;
pub mod wire;

pub use program::Program;
